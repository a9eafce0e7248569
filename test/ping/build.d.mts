export function buildWithPing(folder: string): Promise<string[]>;

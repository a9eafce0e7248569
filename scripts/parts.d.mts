import type { Metafile } from "esbuild";

export const METAFILE: string;
export function problemsOfParts(
  metafile: Pick<Metafile, "outputs">,
  lists?: { optional?: Record<string, RegExp>; beginnings?: Record<string, number> },
): string[];

import tls from "node:tls";

let system: string[] | undefined;

/**
 * Certificates of the system's store beside Node's built-in ones, where this Node can read it (22.15 and up). What
 * cannot be read is left out. The store takes a while to read, and is read once.
 */
export function systemCertificates(): string[] {
  system ??= readStore();
  return system;
}

function readStore(): string[] {
  const { getCACertificates: get } = tls as { getCACertificates?: (type: string) => string[] };
  if (!get) return [];
  try {
    const builtIn = new Set(tls.rootCertificates);
    return get("system").filter((certificate) => !builtIn.has(certificate));
  } catch {
    return [];
  }
}

import { readFile } from "node:fs/promises";
import tls from "node:tls";
import { splitPem } from "./resolve.ts";

/**
 * Certificates that this machine trusts beside Node's built-in ones: the system's store, where this Node can
 * read it (22.15 and up), and the file of NODE_EXTRA_CA_CERTS. What cannot be read is left out.
 */
export async function machineCertificates(env: NodeJS.ProcessEnv = process.env): Promise<string[]> {
  const extraFile = env.NODE_EXTRA_CA_CERTS;
  const extra = extraFile ? splitPem(await readFile(extraFile, "utf8").catch(() => "")) : [];
  return [...new Set([...systemCertificates(), ...extra])];
}

function systemCertificates(): string[] {
  if (typeof tls.getCACertificates !== "function") return [];
  try {
    const builtIn = new Set(tls.rootCertificates);
    return tls.getCACertificates("system").filter((certificate) => !builtIn.has(certificate));
  } catch {
    return [];
  }
}

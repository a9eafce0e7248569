import writeFileAtomic from "write-file-atomic";

/**
 * Replaces a file in one step: a reader meets the old content or the new one, never half of it, also after a power
 * cut. The file is readable by its owner only. Rejects with the system's error.
 */
export function writeAtomic(file: string, content: string): Promise<void> {
  return writeFileAtomic(file, content, { mode: 0o600, encoding: "utf8" });
}

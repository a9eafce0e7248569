/** -1 on Windows. By the process, not by the passwd file: a container's user need not be in there. */
export function userId(): number {
  return process.getuid?.() ?? -1;
}

/** The shells that a command can be written for. On Windows, a terminal is PowerShell unless somebody changes it. */
export type Shell = "posix" | "powershell";

/** A part of a command: text as it stands, or the value of a variable of the environment. */
export type ShellPart = string | { variable: string };

export function shellOf(platform: string = process.platform): Shell {
  return platform === "win32" ? "powershell" : "posix";
}

/** Nothing in it means anything to either shell. A backslash, as in Windows' paths, does to one of them. */
const PLAIN = /^[\w%+=:./-]+$/;

/** One word of a command, which the shell hands on as it is. */
export function shellWord(shell: Shell, ...parts: readonly ShellPart[]): string {
  const whole = parts
    .map((part) => (typeof part === "string" ? text(shell, part) : variable(shell, part)))
    .join("");
  return whole === "" ? "''" : whole;
}

function text(shell: Shell, part: string): string {
  if (part === "" || PLAIN.test(part)) return part;
  const quote = shell === "posix" ? `'\\''` : "''";
  return `'${part.replaceAll("'", quote)}'`;
}

function variable(shell: Shell, { variable: name }: { variable: string }): string {
  return shell === "posix" ? `"$${name}"` : `"$env:${name}"`;
}

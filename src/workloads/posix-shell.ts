import type { Agent } from "../coder/schemas.ts";
import { say } from "../text/message.ts";

/**
 * What a workspace's agent runs, it runs by the user's login shell (`SHELL -c COMMAND`; agent/agentssh in Coder's
 * source), which need not be a POSIX one. A script in single quotes is the same to all of them (bash, dash, zsh, fish,
 * csh, PowerShell), as long as neither a single quote nor a doubled backslash is in it.
 */
export function posixScript(script: string): string {
  if (/'|\\\\/.test(script))
    throw new Error("a script for every shell has neither single quotes nor \\\\ in it");
  return `sh -c '${script}'`;
}

/** A text as one word of such a script, whatever is in it; new lines at its end are lost. */
export function posixWord(text: string): string {
  const bytes = [...Buffer.from(text.replace(/\n+$/, ""))];
  const written = bytes.map((byte) => {
    const character = String.fromCharCode(byte);
    return /[A-Za-z0-9 _./:=,@+-]/.test(character) ? character : `\\0${byte.toString(8).padStart(3, "0")}`;
  });
  return `"$(printf %b "${written.join("")}")"`;
}

/** Why a command in a workspace, or an echo of traffic, is not to be had. */
export const NO_POSIX_SHELL = say("commands need sh in the workspace");

/** Windows agents run PowerShell, and have no sh. */
export function hasPosixShell({ operating_system: system }: Pick<Agent, "operating_system">): boolean {
  return system !== "windows";
}

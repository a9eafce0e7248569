import { exec } from "node:child_process";
import { promisify } from "node:util";
import { say } from "../text/message.ts";
import { SaidError } from "../text/said-error.ts";
import { isHeader } from "./network.ts";

/** The header command of Coder's own tools failed, or said something that is no header. */
export class HeaderCommandError extends SaidError {
  override readonly name = "HeaderCommandError";
}

/**
 * Runs the command that Coder's own tools take headers from: lines of `NAME=VALUE` on its standard output,
 * with `CODER_URL` in its environment. Rejects with HeaderCommandError; what the command printed is not
 * repeated, since it may be a secret.
 */
export async function headersOfCommand(
  command: string,
  url: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<Record<string, string>> {
  let stdout: string;
  try {
    ({ stdout } = await promisify(exec)(command, {
      env: { ...env, CODER_URL: url },
      timeout: 30_000,
      maxBuffer: 1024 * 1024,
      windowsHide: true,
    }));
  } catch (error) {
    const { code, killed } = error as { code?: number; killed?: boolean };
    throw new HeaderCommandError(
      killed
        ? say("the header command did not end within 30 s")
        : say("the header command failed with exit status {0}", String(code)),
    );
  }
  const lines = stdout.split(/\r?\n/).filter((line) => line !== "");
  return Object.fromEntries(lines.map(headerOf));
}

/** `NAME=VALUE`. Throws HeaderCommandError. */
export function headerOf(line: string): [string, string] {
  const at = line.indexOf("=");
  const name = line.slice(0, Math.max(0, at));
  const value = line.slice(at + 1);
  if (!isHeader(name, value)) {
    throw new HeaderCommandError(say("the header command must print lines of NAME=VALUE"));
  }
  return [name, value];
}

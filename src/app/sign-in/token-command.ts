import { exec } from "node:child_process";
import { promisify } from "node:util";

/** The command that supplies tokens has failed; one line without what it printed, which may be a secret. */
export class TokenCommandError extends Error {
  override readonly name = "TokenCommandError";
}

/** Runs the command with CODER_URL in its environment: the first line that it prints is the token. */
export async function tokenOfCommand(
  command: string,
  url: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<string> {
  try {
    const options = { env: { ...env, CODER_URL: url }, timeout: 30_000, windowsHide: true };
    const { stdout } = await promisify(exec)(command, options);
    return stdout.split(/\r?\n/)[0]?.trim() ?? "";
  } catch (error) {
    const { code, killed } = error as { code?: number; killed?: boolean };
    throw new TokenCommandError(
      `CODER_SCALETEST_TOKEN_COMMAND ${killed ? "did not end within 30 s" : `failed with exit status ${code}`}`,
    );
  }
}

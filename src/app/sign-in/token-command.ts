import { exec } from "node:child_process";
import { promisify } from "node:util";
import { say } from "../../text/message.ts";
import { SaidError } from "../../text/said-error.ts";

/** The command that supplies tokens has failed; one line without what it printed, which may be a secret. */
export class TokenCommandError extends SaidError {
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
      killed
        ? say("{0} did not end within 30 s", "CODER_SCALETEST_TOKEN_COMMAND")
        : say("{0} failed with exit status {1}", "CODER_SCALETEST_TOKEN_COMMAND", String(code)),
    );
  }
}

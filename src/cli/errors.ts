import { CommanderError } from "commander";
import { UsageError } from "../contract/fields/usage-error.ts";
import { FolderError } from "../runs/folder-error.ts";
import { CliError, EXIT } from "./exit.ts";

/** What the command line exits with where a command has thrown. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.passed : EXIT.usage;
  if (error instanceof CliError) return error.exitCode;
  if (error instanceof UsageError) return EXIT.usage;
  if (error instanceof FolderError) return EXIT.refused;
  return EXIT.someFailed;
}

/** One line on standard error; `about` is what it is about, where that is not clear. */
export function tell(error: unknown, about = ""): void {
  if (error instanceof CommanderError && error.exitCode === 0) return;
  if (error instanceof CommanderError && error.code === "commander.help") return;
  const text = messageOf(error);
  process.stderr.write(
    `coder-scaletest: ${about}${text.replace(/^error: /, "").replace(/\s*\n\s*/g, " ")}\n`,
  );
}

function messageOf(error: unknown): string {
  if (error instanceof FolderError) {
    const advice = error.isHandleLimit
      ? "allow more of them first, with: ulimit -n 4096"
      : "name one that you may write to with CODER_SCALETEST_HOME or --runs-dir";
    return `${error.message}; ${advice}`;
  }
  return error instanceof Error ? error.message : String(error);
}

import { addCompletion } from "./completion.ts";
import { exitCodeOf, tell } from "./errors.ts";
import { EXIT } from "./exit.ts";
import { watchOutputStreams } from "./output-streams.ts";
import { programFor } from "./program.ts";

/**
 * Does a command of the command line; resolves with its exit code. `part`: of one that consists of several runs, this one
 * alone.
 */
export async function runProgram(argv: readonly string[], part?: string): Promise<number> {
  let exitCode: number = EXIT.passed;
  const program = programFor((code) => {
    exitCode = code;
  }, part);
  await addCompletion(program, argv);
  await program.parseAsync([...argv], { from: "user" });
  return exitCode;
}

/** One that follows no run, in the process that was called. */
export async function command(argv: readonly string[]): Promise<void> {
  watchOutputStreams();
  try {
    process.exitCode = await runProgram(argv);
  } catch (error) {
    tell(error);
    process.exitCode = exitCodeOf(error);
  }
}

import { writeSync } from "node:fs";
import { reasonOf } from "../runs/folder-error.ts";
import { EXIT } from "./exit.ts";

/**
 * A reader that goes away (`runs | head -3`) ends nothing: what is still to be printed is dropped, and the command
 * goes on to its own end, with the run's clean-up and exit code. What cannot be written for another reason (a full
 * disk) is said at the end, and a command that passed has failed then.
 */
export function watchOutputStreams(): void {
  let failed: Error | undefined;
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EPIPE" || error.code === "ERR_STREAM_DESTROYED") return;
      failed ??= error;
    });
  }
  process.on("exit", (code) => {
    if (!failed) return;
    writeLine(`coder-scaletest: the output could not be written (${reasonOf(failed)})\n`);
    if (code === EXIT.passed) process.exitCode = EXIT.someFailed;
  });
}

function writeLine(line: string): void {
  try {
    writeSync(process.stderr.fd, line);
  } catch {
    // It is standard error that cannot be written: the exit code has to do.
  }
}

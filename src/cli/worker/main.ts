import { exitCodeOf, tell } from "../errors.ts";
import { watchOutputStreams } from "../output-streams.ts";
import { firstJob, goodbye } from "./front.ts";

/** Does what the process in front has it do; ends with the exit code of that. */
export async function work(): Promise<void> {
  watchOutputStreams();
  const job = await firstJob();
  try {
    if (job.kind === "command") {
      const { runProgram } = await import("../main.ts");
      process.exitCode = await runProgram(job.argv, job.part?.name);
    } else {
      const { writeResults } = await import("../results.ts");
      process.exitCode = await writeResults(job.end);
    }
  } catch (error) {
    tell(error, job.part?.about);
    process.exitCode = exitCodeOf(error);
  } finally {
    goodbye();
  }
}

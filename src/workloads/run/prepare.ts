import { stat } from "node:fs/promises";
import path from "node:path";
import { Refusal } from "../../contract/failures.ts";
import type { Plan } from "../../contract/plan.ts";
import type { PrepareContext } from "../../contract/prepare.ts";
import { say } from "../../text/message.ts";
import { thresholdsOf } from "../thresholds.ts";
import { programText, type RunConfig } from "./config.ts";
import { PROGRAM_METRICS, PROGRAM_RUN } from "./describe.ts";
import { ProgramJob } from "./program-job.ts";

export async function prepare(config: RunConfig, context: PrepareContext): Promise<Plan> {
  const folder = path.resolve(config.cwd ?? "");
  const isFolder = await stat(folder).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (!isFolder)
    throw new Refusal(say('the working folder {0} of "{1}" is not there', folder, programText(config)));
  return {
    testName: "run",
    description: PROGRAM_RUN,
    thresholds: thresholdsOf(config.thresholds, PROGRAM_METRICS),
    jobs: [new ProgramJob(config, folder, context)],
    jobsLabel: say("Run a program"),
    concurrency: 1,
    timeoutMs: 0,
    jobTimeoutMs: config.timeoutMs,
    cleanup: undefined,
    countLeft: undefined,
    close: async () => undefined,
  };
}

import type { Build } from "../../coder/schemas.ts";
import { JobFailure } from "../../contract/failures.ts";
import type { JobContext } from "../../contract/job.ts";
import { say } from "../../text/message.ts";
import { buildReason } from "../build-failure.ts";

/** The cause of a build that has not succeeded, with its log. Never rejects where only the log cannot be had. */
export async function buildFailure(
  context: JobContext,
  build: Build,
  names: readonly string[],
): Promise<JobFailure> {
  if (build.job.status === "canceled")
    return new JobFailure("build_canceled", say("build canceled by somebody else"));
  const log = await context.client.buildLogs(build.id, { signal: context.signal }).catch(() => []);
  const { text, common } = buildReason(build.job.error ?? build.job.status, log, names);
  const lines = log.map((line) => `${line.stage ? `[${line.stage}] ` : ""}${line.output}`).slice(-200);
  return new JobFailure("build_failed", say("build failed: {0}", common), {
    said: say("build failed: {0}", text),
    log: lines.join("\n"),
  });
}

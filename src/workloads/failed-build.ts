import type { Build } from "../coder/schemas.ts";
import { JobFailure } from "../contract/failures.ts";
import type { JobContext } from "../contract/job.ts";
import { buildReason } from "./build-failure.ts";

/** What of a workspace failed: "build failed: …", "stop failed: …". */
export type BuildKind = "build" | "stop";

/** The cause of a build that has not succeeded, with its log. Never rejects where only the log cannot be had. */
export async function buildFailure(
  context: JobContext,
  build: Build,
  names: readonly string[],
  kind: BuildKind = "build",
): Promise<JobFailure> {
  if (build.job.status === "canceled")
    return new JobFailure(`${kind}_canceled`, `${kind} canceled by somebody else`);
  const log = await context.client.buildLogs(build.id, { signal: context.signal }).catch(() => []);
  const { text, common } = buildReason(build.job.error ?? build.job.status, log, names);
  const lines = log.map((line) => `${line.stage ? `[${line.stage}] ` : ""}${line.output}`).slice(-200);
  return new JobFailure(`${kind}_failed`, `${kind} failed: ${common}`, {
    message: `${kind} failed: ${text}`,
    log: lines.join("\n"),
  });
}

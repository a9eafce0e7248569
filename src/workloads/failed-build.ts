import type { Build } from "../coder/schemas.ts";
import { JobFailure } from "../contract/failures.ts";
import type { JobContext } from "../contract/job.ts";
import { type Message, say } from "../text/message.ts";
import { buildReason } from "./build-failure.ts";

/** What of a workspace failed, which is the begin of the failures' ids: `build_failed`, `stop_failed`. */
export type BuildKind = "build" | "stop";

interface Sayings {
  canceled: Message;
  queued: Message;
  unfinished: Message;
  failed(reason: Message | string): Message;
}

/** The sentence for each. */
export const BUILD_SAYINGS: Readonly<Record<BuildKind, Sayings>> = {
  build: {
    canceled: say("build canceled by somebody else"),
    queued: say("build never left the queue"),
    unfinished: say("build did not finish"),
    failed: (reason) => say("build failed: {0}", reason),
  },
  stop: {
    canceled: say("stop canceled by somebody else"),
    queued: say("stop never left the queue"),
    unfinished: say("stop did not finish"),
    failed: (reason) => say("stop failed: {0}", reason),
  },
};

/** The cause of a build that has not succeeded, with its log. Never rejects where only the log cannot be had. */
export async function buildFailure(
  context: JobContext,
  build: Build,
  names: readonly string[],
  kind: BuildKind = "build",
): Promise<JobFailure> {
  const { canceled, failed } = BUILD_SAYINGS[kind];
  if (build.job.status === "canceled") return new JobFailure(`${kind}_canceled`, canceled);
  const log = await context.client.buildLogs(build.id, { signal: context.signal }).catch(() => []);
  const { text, common } = buildReason(build.job.error ?? build.job.status, log, names);
  const lines = log.map((line) => `${line.stage ? `[${line.stage}] ` : ""}${line.output}`).slice(-200);
  return new JobFailure(`${kind}_failed`, failed(common), {
    said: failed(text),
    log: lines.join("\n"),
    build: build.build_number,
  });
}

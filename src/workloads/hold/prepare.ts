import type { Job, JobContext } from "../../contract/job.ts";
import type { Plan } from "../../contract/plan.ts";
import { formatDuration } from "../../protocol/duration.ts";
import { say } from "../../text/message.ts";
import { thresholdsOf } from "../thresholds.ts";
import type { HoldConfig } from "./config.ts";
import { HOLD_METRICS, HOLD_RUN } from "./describe.ts";

export async function prepare(config: HoldConfig): Promise<Plan> {
  const job = new HoldJob(config.durationMs);
  return {
    testName: "hold",
    description: HOLD_RUN,
    thresholds: thresholdsOf(config.thresholds, HOLD_METRICS),
    jobs: [job],
    jobsLabel: say("Hold"),
    concurrency: 1,
    timeoutMs: 0,
    jobTimeoutMs: 0,
    cleanup: undefined,
    countLeft: undefined,
    endsWell: true,
    remainingMs: () => job.leftMs,
    pause: (paused) =>
      paused ? say("paused: nothing new is started, and the time does not count") : say("resumed"),
    close: async () => undefined,
  };
}

class HoldJob implements Job {
  readonly index = 0;
  readonly name = "hold";
  readonly owner = "";
  leftMs: number;

  constructor(durationMs: number) {
    this.leftMs = durationMs;
  }

  async run(context: JobContext): Promise<void> {
    context.state("holding", say("holding"));
    await context.wait(this.leftMs, (ms) => {
      this.leftMs = ms;
      context.doing(say("{0} left", formatDuration(Math.ceil(ms / 1_000) * 1_000)));
    });
  }

  async cleanup(): Promise<void> {}
}

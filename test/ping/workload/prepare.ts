import { setTimeout as delay } from "node:timers/promises";
import type { Job, JobContext } from "../../../src/contract/job.ts";
import type { Plan } from "../../../src/contract/plan.ts";
import type { OwnRecorder, PrepareContext } from "../../../src/contract/prepare.ts";
import { say } from "../../../src/text/message.ts";
import { thresholdsOf } from "../../../src/workloads/thresholds.ts";
import type { PingConfig } from "./config.ts";
import { PING, PING_METRICS } from "./describe.ts";

export async function prepare(config: PingConfig, context: PrepareContext): Promise<Plan> {
  const { record, prefix } = context;
  return {
    testName: "ping",
    description: PING,
    thresholds: thresholdsOf(config.thresholds, PING_METRICS),
    jobs: Array.from(
      { length: config.count },
      (_, index) => new PingJob(index, `${prefix}${index}`, config, record),
    ),
    jobsLabel: say("Ping"),
    concurrency: 0,
    timeoutMs: config.timeoutMs,
    jobTimeoutMs: 0,
    cleanup: undefined,
    countLeft: undefined,
    ...(config.prometheusAddress ? { exposition: { address: config.prometheusAddress, waitMs: 0 } } : {}),
    close: async () => undefined,
  };
}

class PingJob implements Job {
  readonly index: number;
  readonly name: string;
  readonly owner = "ping";
  readonly #config: PingConfig;
  readonly #record: OwnRecorder;

  constructor(index: number, name: string, config: PingConfig, record: OwnRecorder) {
    this.index = index;
    this.name = name;
    this.#config = config;
    this.#record = record;
  }

  async run(context: JobContext): Promise<void> {
    const { rate, durationMs } = this.#config;
    context.state("aiming", say("first ping"));
    await context.timed("first_ping", () => this.#ping(context));
    context.state("pinging", say("pinging"));
    const begin = performance.now();
    const pings = Math.ceil((rate * durationMs) / 1_000);
    for (let sent = 1; sent < pings; sent++) {
      const due = begin + (sent * 1_000) / rate;
      await delay(Math.max(0, due - performance.now()), undefined, { signal: context.signal });
      await this.#ping(context);
    }
  }

  async #ping({ client, signal }: JobContext): Promise<void> {
    const begin = performance.now();
    const answered = await client.buildInfo({ signal, retries: 0 }).then(
      () => true,
      () => false,
    );
    signal.throwIfAborted();
    if (answered) this.#record.duration("ping_time", performance.now() - begin);
    this.#record.count("pings", 1, { outcome: answered ? "answered" : "lost" });
    this.#record.share("answered", answered ? 1 : 0, 1);
  }

  async cleanup(): Promise<void> {}
}

import type { Subject } from "../../coder/session.ts";
import type { Second } from "../../measure/seconds.ts";
import type { Metric } from "../../protocol/description.ts";
import type { WorkspaceRow } from "../../protocol/snapshot.ts";
import type { Telemetry } from "../../protocol/telemetry.ts";
import { Points } from "../../telemetry/points.ts";
import { OtlpSender } from "../../telemetry/sender.ts";
import { spansOf, traceBodies } from "../../telemetry/spans.ts";
import { traceIdsOf, traceparentOf } from "../../telemetry/trace-ids.ts";
import { type Message, say, sayCount } from "../../text/message.ts";
import { saidOf } from "../../text/said-error.ts";

/** Figures go out so often. */
const EVERY_MS = 10_000;
/** Of one job, traces of the deployment's own that are kept. */
const MOST_TRACES = 20;

export interface TelemetryRun {
  id: string;
  /** Unix milliseconds. */
  startedAt: number;
  deployment: string;
  /** Version of the product. */
  event(what: Message): void;
  warn(what: Message): void;
}

/** What a run sends by OTLP: its figures while it goes on, its jobs' traces at its end. The run never waits for it. */
export class RunTelemetry {
  readonly #asked: Telemetry;
  readonly #run: TelemetryRun;
  readonly #points: Points;
  readonly #metrics: OtlpSender | undefined;
  readonly #traces: OtlpSender | undefined;
  readonly #own = new Map<Subject, Set<string>>();
  #sentAt = 0;
  #sending: Promise<void> = Promise.resolve();
  #hasFailed = false;

  constructor(asked: Telemetry, run: TelemetryRun) {
    this.#asked = asked;
    this.#run = run;
    this.#points = new Points(this.#resource, run.startedAt);
    this.#metrics = asked.metrics && new OtlpSender(asked.metrics);
    this.#traces = asked.traces && new OtlpSender(asked.traces);
  }

  get #resource(): Record<string, string> {
    const { id, deployment } = this.#run;
    return { "service.name": "coder-scaletest", "service.instance.id": id, "coder.deployment": deployment };
  }

  /** What a request of a job says of its trace. */
  headers(subject: Subject): Record<string, string> {
    if (!this.#asked.propagate) return {};
    return { traceparent: traceparentOf(traceIdsOf(this.#run.id, subject)) };
  }

  /** The deployment has traced a request by itself: coderd's `X-Trace-ID`. */
  seen(subject: Subject, trace: string): void {
    const own = this.#own.get(subject) ?? new Set();
    if (own.size < MOST_TRACES && /^[0-9a-f]{32}$/.test(trace)) own.add(trace);
    this.#own.set(subject, own);
  }

  describe(metrics: readonly Metric[]): void {
    this.#points.describe(metrics);
  }

  second(second: Second): void {
    if (!this.#metrics) return;
    this.#points.take(second);
    const now = Date.now();
    if (now - this.#sentAt < EVERY_MS) return;
    this.#sentAt = now;
    this.#sendPoints(now);
  }

  #sendPoints(now: number): void {
    const body = this.#points.body(now);
    if (body && this.#metrics) this.#send(this.#metrics, body);
  }

  #send(sender: OtlpSender, body: Uint8Array): void {
    this.#sending = this.#sending
      .then(() => sender.send(body))
      .catch((error: unknown) => this.#failed(sender, error));
  }

  /** Once: a collector that is down is no reason to say it every ten seconds. */
  #failed({ host }: OtlpSender, error: unknown): void {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    this.#run.warn(say("OTLP to {0}: {1}; the run goes on without it", host, saidOf(error)));
  }

  /** Sends what is left, and the traces of all jobs. Never rejects. */
  async end(rows: readonly WorkspaceRow[]): Promise<void> {
    this.#sendPoints(Date.now());
    if (this.#traces) {
      const { id, startedAt } = this.#run;
      const spans = spansOf({ id, startedAt, resource: this.#resource }, rows, this.#own);
      for (const body of traceBodies(spans)) this.#send(this.#traces, body);
      this.#run.event(
        sayCount(
          rows.length,
          { one: "sending the trace of {0} job to {1}", other: "sending the traces of {0} jobs to {1}" },
          this.#traces.host,
        ),
      );
    }
    await this.#sending;
    await Promise.all([this.#metrics?.close(), this.#traces?.close()]);
  }
}

import { createServer, type Server } from "node:http";
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import { describeRun } from "../../contract/describe.ts";
import { Refusal } from "../../contract/failures.ts";
import type { ExpositionPlan, Plan } from "../../contract/plan.ts";
import { EXPOSED_BUCKETS, exposedCounters, exposedName } from "../../measure/exposed.ts";
import type { Second } from "../../measure/seconds.ts";
import type { Value } from "../../measure/values.ts";
import type { Metric } from "../../protocol/description.ts";
import { type Labels, parseSeriesKey } from "../../protocol/series-key.ts";
import { say } from "../../text/message.ts";

/** One metric as Prometheus reads it. */
interface Exposed {
  add(labels: Labels, value: Value): void;
}

/** What a run measures, for Prometheus: every metric of its steps' descriptions, a second after it was measured. */
export class Exposition {
  readonly #registry = new Registry();
  readonly #exposed = new Map<string, Exposed[]>();
  readonly #own: NonNullable<ExpositionPlan["own"]>[] = [];
  /** Of a run of several steps, every series says which it is of. */
  readonly #namesSteps: boolean;
  #server: Server | undefined;

  constructor(namesSteps = false) {
    this.#namesSteps = namesSteps;
  }

  /** What a step measures; harmless for one that has not been prepared. */
  add(plan: Pick<Plan, "description" | "exposition"> | undefined): void {
    if (!plan) return;
    const { own } = plan.exposition ?? {};
    if (own) this.#own.push(own);
    for (const metric of describeRun(plan.description).metrics)
      if (!this.#exposed.has(metric.name)) this.#exposed.set(metric.name, this.#expose(this.#named(metric)));
  }

  #named(metric: Metric): Metric {
    return this.#namesSteps ? { ...metric, labels: ["step", ...metric.labels] } : metric;
  }

  #expose(metric: Metric): Exposed[] {
    const name = exposedName(metric);
    switch (metric.kind) {
      case "duration":
        return [this.#histogram(name, metric)];
      case "gauge":
        return [this.#gauge(name, metric)];
      case "share":
        return [
          this.#counter(`${name}_total`, metric.text, metric.labels, {}, (value) =>
            value.kind === "share" ? value.n : 0,
          ),
          this.#counter(`${name}_of_total`, `Of which: ${metric.text}`, metric.labels, {}, (value) =>
            value.kind === "share" ? value.of : 0,
          ),
        ];
      case "counter":
        return this.#counters(metric);
    }
  }

  #counters(metric: Metric): Exposed[] {
    const factor = metric.unit === "ms" ? 0.001 : 1;
    const count = (value: Value) => (value.kind === "counter" ? value.n * factor : 0);
    return exposedCounters(metric).map(({ name, help, labels, only }) =>
      this.#counter(name, help, labels, only, count),
    );
  }

  #counter(
    name: string,
    help: string,
    labelNames: readonly string[],
    only: Labels,
    count: (value: Value) => number,
  ): Exposed {
    const counter = new Counter({ name, help, labelNames: [...labelNames], registers: [this.#registry] });
    return {
      add(labels, value) {
        const isOwn = Object.entries(only).every(([label, wanted]) => labels[label] === wanted);
        // What is left out again was counted all the same; what has not happened yet is 0, and there.
        counter.inc(pick(labels, labelNames), isOwn ? Math.max(0, count(value)) : 0);
      },
    };
  }

  #gauge(name: string, { text, labels: labelNames }: Metric): Exposed {
    const gauge = new Gauge({ name, help: text, labelNames: [...labelNames], registers: [this.#registry] });
    return {
      add(labels, value) {
        if (value.kind === "gauge") gauge.set(pick(labels, labelNames), value.last);
      },
    };
  }

  #histogram(name: string, { text, labels: labelNames }: Metric): Exposed {
    const histogram = new Histogram({
      name,
      help: text,
      labelNames: [...labelNames],
      buckets: [...EXPOSED_BUCKETS],
      registers: [this.#registry],
    });
    return {
      add(labels, value) {
        if (value.kind !== "duration") return;
        const of = pick(labels, labelNames);
        for (const [at, us] of value.ended.us.entries())
          for (let count = value.ended.counts[at] ?? 0; count > 0; count--) histogram.observe(of, us / 1e6);
      },
    };
  }

  /** A second that is closed. Seconds that do not count were sent and received all the same. */
  second({ steps }: Second): void {
    for (const [step, { values }] of Object.entries(steps))
      for (const of of Object.values(values))
        for (const [key, value] of Object.entries(of)) {
          const series = parseSeriesKey(key);
          if (!series) continue;
          const labels = this.#namesSteps ? { ...series.labels, step } : series.labels;
          for (const one of this.#exposed.get(series.metric) ?? []) one.add(labels, value);
        }
  }

  async text(): Promise<string> {
    const parts = [this.#registry.metrics(), ...this.#own.map((own) => own())];
    return (await Promise.all(parts)).filter((part) => part !== "").join("\n");
  }

  /** Answers at `host:port`; resolves with the port. Throws Refusal where it cannot. */
  async listen(address: string): Promise<number> {
    const { host, port } = parseAddress(address);
    const server = createServer((request, response) => {
      if (request.url !== "/metrics" && request.url !== "/") return void response.writeHead(404).end();
      void this.text().then((text) => {
        response.writeHead(200, { "Content-Type": this.#registry.contentType }).end(text);
      });
    });
    this.#server = server;
    await new Promise<void>((resolve, reject) => {
      server.once("error", (error) =>
        reject(
          new Refusal(say("--scaletest-prometheus-address {0} cannot be used ({1})", address, error.message)),
        ),
      );
      server.listen(port, host, () => resolve());
    });
    const bound = server.address();
    return typeof bound === "object" && bound ? bound.port : port;
  }

  close(): void {
    this.#server?.close();
    this.#server?.closeAllConnections();
  }
}

function pick(labels: Labels, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, labels[name] ?? ""]));
}

function parseAddress(address: string): { host: string; port: number } {
  const match = /^\[?([^\]]*?)\]?:(\d+)$/.exec(address);
  const port = Number(match?.[2]);
  if (!match || port > 65_535)
    throw new Refusal(
      say('--scaletest-prometheus-address must be host:port, such as 0.0.0.0:21112, not "{0}"', address),
    );
  return { host: match[1] || "0.0.0.0", port };
}

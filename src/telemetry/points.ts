import { type Attributes, type HrTime, ValueType } from "@opentelemetry/api";
import { JsonMetricsSerializer } from "@opentelemetry/otlp-transformer";
import { AggregationTemporality, DataPointType } from "@opentelemetry/sdk-metrics";
import { EXPOSED_BUCKETS, exposedName } from "../measure/exposed.ts";
import type { Second } from "../measure/seconds.ts";
import type { Value } from "../measure/values.ts";
import type { Metric } from "../protocol/description.ts";
import { parseSeriesKey } from "../protocol/series-key.ts";
import { resourceOf } from "./resource.ts";

type Metrics = Parameters<typeof JsonMetricsSerializer.serializeRequest>[0];
type MetricData = Metrics["scopeMetrics"][number]["metrics"][number];

interface Histogram {
  counts: number[];
  count: number;
  sum: number;
}

/** Sums since the run's begin, by series: what OTLP calls cumulative, and Prometheus can take. */
export class Points {
  readonly #resource: Attributes;
  readonly #start: HrTime;
  readonly #metrics = new Map<string, Metric>();
  readonly #sums = new Map<string, { name: string; attributes: Attributes; value: number }>();
  readonly #gauges = new Map<string, { name: string; attributes: Attributes; value: number }>();
  readonly #histograms = new Map<string, { name: string; attributes: Attributes; value: Histogram }>();

  constructor(resource: Attributes, startedAt: number) {
    this.#resource = resource;
    this.#start = unix(startedAt);
  }

  /** What is measured; harmless to repeat. */
  describe(metrics: readonly Metric[]): void {
    for (const metric of metrics) this.#metrics.set(metric.name, metric);
  }

  take({ steps }: Second): void {
    for (const [step, { values }] of Object.entries(steps))
      for (const of of Object.values(values))
        for (const [key, value] of Object.entries(of)) {
          const series = parseSeriesKey(key);
          const metric = series && this.#metrics.get(series.metric);
          if (metric) this.#add(metric, { ...series.labels, step }, value);
        }
  }

  #add(metric: Metric, attributes: Attributes, value: Value): void {
    const name = exposedName(metric);
    switch (value.kind) {
      case "counter":
        return this.#sum(`${name}_total`, attributes, value.n * (metric.unit === "ms" ? 0.001 : 1));
      case "share":
        this.#sum(`${name}_total`, attributes, value.n);
        return this.#sum(`${name}_of_total`, attributes, value.of);
      case "gauge":
        this.#gauges.set(keyOf(name, attributes), { name, attributes, value: value.last });
        return;
      case "duration":
        return this.#durations(name, attributes, value.ended);
    }
  }

  #sum(name: string, attributes: Attributes, n: number): void {
    const key = keyOf(name, attributes);
    const known = this.#sums.get(key);
    // What is left out again was counted all the same: a sum never falls.
    const value = (known?.value ?? 0) + Math.max(0, n);
    this.#sums.set(key, { name, attributes, value });
  }

  #durations(
    name: string,
    attributes: Attributes,
    { us, counts }: { us: readonly number[]; counts: readonly number[] },
  ) {
    const key = keyOf(name, attributes);
    const known = this.#histograms.get(key);
    const value = known?.value ?? {
      counts: new Array<number>(EXPOSED_BUCKETS.length + 1).fill(0),
      count: 0,
      sum: 0,
    };
    for (const [at, one] of us.entries()) {
      const [seconds, n] = [one / 1e6, counts[at] ?? 0];
      const bucket = EXPOSED_BUCKETS.findIndex((bound) => seconds <= bound);
      const slot = bucket < 0 ? EXPOSED_BUCKETS.length : bucket;
      value.counts[slot] = (value.counts[slot] ?? 0) + n;
      value.count += n;
      value.sum += n * seconds;
    }
    this.#histograms.set(key, { name, attributes, value });
  }

  /** The body of a request with everything up to now; undefined where nothing was measured. */
  body(now: number): Uint8Array | undefined {
    const end = unix(now);
    const metrics = [
      ...grouped(this.#sums, (name, points) => ({
        ...described(name),
        dataPointType: DataPointType.SUM as const,
        isMonotonic: true,
        dataPoints: points.map((point) => ({ ...point, startTime: this.#start, endTime: end })),
      })),
      ...grouped(this.#gauges, (name, points) => ({
        ...described(name),
        dataPointType: DataPointType.GAUGE as const,
        dataPoints: points.map((point) => ({ ...point, startTime: this.#start, endTime: end })),
      })),
      ...grouped(this.#histograms, (name, points) => ({
        ...described(name),
        dataPointType: DataPointType.HISTOGRAM as const,
        dataPoints: points.map(({ attributes, value: { counts, count, sum } }) => ({
          ...{ attributes, startTime: this.#start, endTime: end },
          value: { buckets: { boundaries: [...EXPOSED_BUCKETS], counts: [...counts] }, count, sum },
        })),
      })),
    ] satisfies MetricData[];
    if (metrics.length === 0) return undefined;
    return JsonMetricsSerializer.serializeRequest({
      resource: resourceOf(this.#resource),
      scopeMetrics: [{ scope: { name: "coder-scaletest" }, metrics }],
    });
  }
}

function described(name: string) {
  return {
    descriptor: {
      name,
      description: "",
      unit: name.endsWith("_seconds") ? "s" : "",
      valueType: ValueType.DOUBLE,
    },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
  };
}

function grouped<V, D>(
  series: ReadonlyMap<string, { name: string; attributes: Attributes; value: V }>,
  make: (name: string, points: { attributes: Attributes; value: V }[]) => D,
): D[] {
  const byName = new Map<string, { attributes: Attributes; value: V }[]>();
  for (const { name, attributes, value } of series.values())
    byName.set(name, [...(byName.get(name) ?? []), { attributes, value }]);
  return [...byName].map(([name, points]) => make(name, points));
}

function keyOf(name: string, attributes: Attributes): string {
  return `${name} ${JSON.stringify(Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1)))}`;
}

function unix(ms: number): HrTime {
  return [Math.floor(ms / 1_000), Math.round((ms % 1_000) * 1e6)];
}

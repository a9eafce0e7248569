import { EXPOSED_PREFIX, exposedCounters, exposedName } from "../../measure/exposed.ts";
import type { Description, Metric } from "../../protocol/description.ts";
import type { englishCheck } from "../../protocol/in-english.ts";
import type { RunResult } from "../../protocol/result.ts";
import type { Labels } from "../../protocol/series-key.ts";

/** Figures of a run that is over, for the textfile collector of Prometheus' node exporter. */

export interface PrometheusParts {
  /** What each step's metrics are. */
  steps: readonly { name: string; description: Description }[];
  /** Unix milliseconds. */
  startedAt?: number | undefined;
}

type Series = NonNullable<RunResult["metrics"]>[string]["series"][number];

/** The run's figures under the names that it was exposed by while it went on; each says its run, step and verdict. */
export function prometheusOfRun(result: RunResult, { steps, startedAt }: PrometheusParts): string {
  const families = new Families();
  ofTheRun(families, result, startedAt);
  for (const { name, description } of steps) {
    const step = result.steps?.[name];
    const measured = (result.steps ? step?.metrics : result.metrics) ?? {};
    const verdict = step?.verdict ?? result.outcome.verdict;
    const common = { run: result.run_id, step: name, verdict };
    for (const metric of description.metrics)
      for (const series of ownSeries(measured[metric.name]?.series ?? [], metric))
        ofMetric(families, metric, series, common);
  }
  return families.text();
}

/** 1 for each check of a preflight that lets a load begin, 0 for one that does not. */
export function prometheusOfChecks(checks: readonly ReturnType<typeof englishCheck>[]): string {
  const families = new Families();
  for (const { id, status } of checks)
    families.add(
      {
        name: `${EXPOSED_PREFIX}preflight_check`,
        type: "gauge",
        help: "A load may begin, as far as this goes",
      },
      { check: id, status },
      status === "blocks" ? 0 : 1,
    );
  return families.text();
}

function ofTheRun(families: Families, result: RunResult, startedAt: number | undefined): void {
  const { outcome, run_id: run } = result;
  const common = { run, verdict: outcome.verdict };
  const gauge = (name: string, help: string, value: number, labels: Labels = {}) =>
    families.add(
      { name: `${EXPOSED_PREFIX}run_${name}`, type: "gauge", help },
      { ...common, ...labels },
      value,
    );
  gauge("passed", "Whether the run has passed", outcome.verdict === "passed" ? 1 : 0);
  gauge("duration_seconds", "How long the run took", result.elapsed_ms / 1_000);
  if (startedAt !== undefined)
    gauge("end_timestamp_seconds", "When the run ended", (startedAt + result.elapsed_ms) / 1_000);
  gauge("jobs", "Jobs by how they ended", result.total_pass, { result: "succeeded" });
  gauge("jobs", "Jobs by how they ended", result.total_fail, { result: "failed" });
  // What nobody could ask is not 0.
  if (outcome.orphans !== null)
    gauge("left_behind", "What the deployment still has of the run", outcome.orphans);
  gauge("api_calls", "Calls of the deployment's API", result.api_calls.total);
  // Without enough data, nobody can say it.
  if (result.baseline && result.baseline.state !== "not_enough")
    gauge(
      "worse_than_baseline",
      "Whether the run is worse than the earlier one that it was compared with",
      result.baseline.state === "worse" ? 1 : 0,
      {
        baseline: result.baseline.run || result.baseline.asked,
      },
    );
  for (const { expression, step, state } of result.thresholds)
    gauge("threshold_met", "Whether the run kept to a threshold", state === "met" ? 1 : 0, {
      expression,
      ...(step === undefined ? {} : { step }),
    });
}

/** Without the one of all series together: Prometheus sums by itself. */
function ownSeries(all: readonly Series[], { labels }: Metric): readonly Series[] {
  if (labels.length === 0 || all.length < 2) return all;
  return all.filter((one) => Object.keys(one.labels).length > 0);
}

function ofMetric(families: Families, metric: Metric, series: Series, common: Labels): void {
  const name = exposedName(metric);
  const help = metric.text;
  const labels = { ...series.labels, ...common };
  const figure = (of: string) => numberIn(series, of);
  const put = (family: Family, value: number | undefined, of: Labels = labels, suffix = "") => {
    if (value !== undefined) families.add(family, of, value, suffix);
  };
  switch (metric.kind) {
    case "duration": {
      const family = { name, type: "summary", help } as const;
      const [count, mean] = [figure("count"), figure("mean")];
      for (const [of, quantile] of QUANTILES) put(family, inSeconds(figure(of)), { ...labels, quantile });
      if (count !== undefined && mean !== undefined) put(family, (mean * count) / 1_000, labels, "_sum");
      put(family, count, labels, "_count");
      return;
    }
    case "gauge":
      return put({ name, type: "gauge", help }, figure("last"));
    case "share":
      put({ name: `${name}_total`, type: "counter", help }, figure("count"));
      return put({ name: `${name}_of_total`, type: "counter", help: `Of which: ${help}` }, figure("of"));
    case "counter": {
      const count = figure("count");
      const value = metric.unit === "ms" ? inSeconds(count) : count;
      for (const one of exposedCounters(metric)) {
        if (Object.entries(one.only).some(([label, wanted]) => series.labels[label] !== wanted)) continue;
        const own = one.labels.map((label) => [label, series.labels[label] ?? ""] as const);
        const of = { ...Object.fromEntries(own), ...common };
        put({ name: one.name, type: "counter", help: one.help }, value, of);
      }
    }
  }
}

const QUANTILES = [
  ["p50", "0.5"],
  ["p95", "0.95"],
  ["p99", "0.99"],
  ["max", "1"],
] as const;

function numberIn(series: Series, figure: string): number | undefined {
  const value = series[figure];
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}

function inSeconds(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : ms / 1_000;
}

interface Family {
  name: string;
  type: "counter" | "gauge" | "summary";
  help: string;
}

/** Samples by their family: the format wants those of one together, and one of each set of labels. */
class Families {
  readonly #families = new Map<string, { family: Family; samples: Map<string, number> }>();

  add(family: Family, labels: Labels, value: number, suffix = ""): void {
    const { samples } = this.#families.get(family.name) ?? this.#made(family);
    const series = `${family.name}${suffix}{${labelText(labels)}}`;
    const sums = family.type === "counter" ? (samples.get(series) ?? 0) : 0;
    samples.set(series, sums + value);
  }

  #made(family: Family) {
    const made = { family, samples: new Map<string, number>() };
    this.#families.set(family.name, made);
    return made;
  }

  text(): string {
    return [...this.#families.values()]
      .map(({ family: { name, type, help }, samples }) => {
        const lines = [...samples].map(([series, value]) => `${series} ${rounded(value)}\n`);
        return `# HELP ${name} ${helpText(help)}\n# TYPE ${name} ${type}\n${lines.join("")}`;
      })
      .join("");
  }
}

/** In a value, the format has these three escapes, and a line's end would begin another sample. */
function labelText(labels: Labels): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}="${helpText(value).replaceAll('"', '\\"')}"`)
    .join(",");
}

function helpText(text: string): string {
  return text.replaceAll("\\", "\\\\").replace(/\r\n?|\n/g, "\\n");
}

/** Without what arithmetic in binary adds: 0.674, not 0.6739999999999999. */
function rounded(value: number): number {
  return Number(value.toPrecision(12));
}

import path from "node:path";
import { Durations } from "../measure/durations.ts";
import type { Second } from "../measure/seconds.ts";
import { seriesOf } from "../measure/series.ts";
import { Sum } from "../measure/totals.ts";
import type { GaugeValue, Value } from "../measure/values.ts";
import type { MeasuredTimes, Moment } from "../planner/calibration.ts";
import { ndjsonLines } from "../runs/ndjson.ts";
import { SECONDS_FILE } from "../runs/run-file.ts";
import { say } from "../text/message.ts";
import { SaidError } from "../text/said-error.ts";
import { findNamed } from "./runs/find.ts";
import { secondOf } from "./runs/killed.ts";

/** What a run's own record says of the cost of its deployment's parts. */
export interface MeasuredRun {
  id: string;
  moments: Moment[];
  times: MeasuredTimes | undefined;
}

/** `name`: a run's id, `last` or `last-passed`. Rejects with one sentence where there is none, or it has no seconds. */
export async function measuredRun(runs: string, name: string): Promise<MeasuredRun> {
  const found = await findNamed(runs, name);
  if (!found) throw new SaidError(say("there is no run {0}; coder-scaletest runs lists them", name));
  const { folder, file } = found.entry;
  const { id } = file;
  const moments: Moment[] = [];
  const builds = new Durations();
  try {
    for await (const line of ndjsonLines(path.join(folder, SECONDS_FILE))) {
      const second = secondOf(line);
      const values = second && serverValues(second);
      if (!values) continue;
      const moment = momentOf(values);
      if (moment) moments.push(moment);
      for (const [key, value] of values) if (seriesOf(key)?.metric === "server_build") addTo(builds, value);
    }
  } catch {
    throw new SaidError(say("the seconds of the run {0} cannot be read", id));
  }
  return { id, moments, times: timesOf(builds) };
}

/** The deployment's figures are of the run: each step of a second has the same. */
function serverValues({ steps }: Second): Map<string, Value | Durations> | undefined {
  for (const { values } of Object.values(steps)) {
    const sum = new Sum();
    for (const some of Object.values(values)) sum.add(some);
    const own = [...sum.values].filter(([key]) => key.startsWith("server_"));
    if (own.length > 0) return new Map(own);
  }
  return undefined;
}

/** undefined where coderd itself told nothing in that second. */
function momentOf(values: ReadonlyMap<string, Value | Durations>): Moment | undefined {
  const cores = gauges(values, "server_cpu");
  if (cores.length === 0) return undefined;
  const sum = (metric: string, labels: Record<string, string> = {}) =>
    gauges(values, metric, labels).reduce((all, { last }) => all + last, 0);
  return {
    replicas: cores.length,
    cores: sum("server_cpu"),
    coresOf: sum("server_cores"),
    bytes: sum("server_memory"),
    connections: sum("server_websockets"),
    builds: sum("server_jobs", { state: "running" }),
  };
}

function gauges(
  values: ReadonlyMap<string, Value | Durations>,
  metric: string,
  wanted: Record<string, string> = {},
): GaugeValue[] {
  return [...values].flatMap(([key, value]) => {
    const series = seriesOf(key);
    if (series?.metric !== metric || value instanceof Durations || value.kind !== "gauge") return [];
    return Object.entries(wanted).every(([name, text]) => series.labels[name] === text) ? [value] : [];
  });
}

function addTo(durations: Durations, value: Value | Durations): void {
  if (value instanceof Durations) durations.merge(value);
}

function timesOf(builds: Durations): MeasuredTimes | undefined {
  const [p50, p95, mean] = [builds.percentile(50), builds.percentile(95), builds.mean];
  if (!p50 || !p95 || !mean) return undefined;
  return { p50Ms: p50.ms, p95Ms: p95.ms, meanMs: mean.ms, count: builds.count };
}

import { readFile } from "node:fs/promises";
import path from "node:path";
import pLimit from "p-limit";
import { isSameOrigin } from "../coder/origin.ts";
import { Durations } from "../measure/durations.ts";
import type { Second } from "../measure/seconds.ts";
import { seriesOf } from "../measure/series.ts";
import { Sum } from "../measure/totals.ts";
import type { GaugeValue, Value } from "../measure/values.ts";
import { LEAST_MOMENTS, type MeasuredTimes, type Moment } from "../planner/moments.ts";
import { ndjsonLines } from "../runs/ndjson.ts";
import { isNewer } from "../runs/newer.ts";
import { DESCRIPTIONS_FILE, SECONDS_FILE } from "../runs/run-file.ts";
import { listRuns, type RunEntry } from "../runs/run-list.ts";
import { say } from "../text/message.ts";
import { SaidError } from "../text/said-error.ts";
import { findNamed } from "./runs/find.ts";
import { secondOf } from "./runs/killed.ts";

/** What a run's own record says of the cost of its deployment's parts. */
export interface MeasuredRun {
  id: string;
  title: string;
  /** Unix milliseconds. */
  createdAt: number;
  moments: Moment[];
  times: MeasuredTimes | undefined;
}

/** `name`: a run's id, `last` or `last-passed`. Rejects with one sentence where there is none, or it has no seconds. */
export async function measuredRun(runs: string, name: string): Promise<MeasuredRun> {
  const found = await findNamed(runs, name);
  if (!found) throw new SaidError(say("there is no run {0}; coder-scaletest runs lists them", name));
  const { folder, file } = found.entry;
  const { id, title, createdAt } = file;
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
  return { id, title, createdAt, moments, times: timesOf(builds) };
}

/** So many of the newest runs are looked into, and so many at a time. */
const MOST_RUNS = 100;
const AT_ONCE = 4;
/** A run that has not looked at coderd in so many of its first seconds did not do so at all. */
const MOST_LINES = 5_000;

/**
 * Runs of this deployment that a plan can be calibrated by, the newest first: they are over, and have looked at coderd's own
 * figures often enough. Rejects with FolderError.
 */
export async function measuredRuns(runs: string, url: string): Promise<RunEntry["file"][]> {
  const over = (await listRuns(runs)).filter(
    ({ file, result }) => result && !isNewer(file) && isSameOrigin(file.deployment.url, url),
  );
  const limit = pLimit(AT_ONCE);
  const found = await Promise.all(
    over
      .slice(0, MOST_RUNS)
      .map(({ folder, file }) => limit(async () => ((await hasLooks(folder)) ? [file] : []))),
  );
  return found.flat();
}

async function hasLooks(folder: string): Promise<boolean> {
  // Without the deployment's own figures, no second is worth reading.
  const described = await readFile(path.join(folder, DESCRIPTIONS_FILE), "utf8").catch(() => "");
  if (!described.includes('"server_cpu"')) return false;
  let [looks, lines] = [0, 0];
  try {
    for await (const line of ndjsonLines(path.join(folder, SECONDS_FILE))) {
      if (line.includes("server_cpu")) looks++;
      if (looks >= LEAST_MOMENTS) return true;
      if (++lines >= MOST_LINES) return false;
    }
  } catch {
    return false;
  }
  return false;
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

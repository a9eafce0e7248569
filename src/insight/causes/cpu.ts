import { say } from "../../text/message.ts";
import { slowQueries } from "./database.ts";
import { earliest, evidence, type Reason, shareOf, sinceOf, written } from "./evidence.ts";
import { podAtCpuLimit } from "./pods.ts";
import type { Of, RunView } from "./rule.ts";
import { slowTrips } from "./symptoms.ts";

export const CPU: Of = { metric: "server_cpu", figure: "mean" };
const CPU_MAX: Of = { metric: "server_cpu", figure: "max" };
const CORES: Of = { metric: "server_cores", figure: "max" };
export const SERVER_P95: Of = { metric: "server_latency", figure: "p95" };

/** Of the cores that there are: above it, work waits for its turn. */
const FULL = 0.85;
/** Where nobody says how many cores there are: a server at its limit takes the same CPU in every second. */
const MOST_VARIATION = 0.06;
const LEAST_CORES = 0.2;
const ENOUGH_LOOKS = 3;
const RISEN = 1.5;
const TIMES_SLOWER = 3;
const LEAST_SLOW_MS = 50;

/** coderd has no CPU left: how full it is, by what is known of its cores. */
export interface FullCpu extends Reason {
  /** What else says so. */
  more?: readonly ReturnType<typeof evidence>[];
}

/** By coderd's own page, or by what Kubernetes knows of its containers' limits. */
export function fullCpu(view: RunView): FullCpu | undefined {
  const [page, pod] = [byPage(view), podAtCpuLimit(view, "coderd")];
  if (!page || !pod) return page ?? pod;
  return {
    strength: Math.min(1, Math.max(page.strength, pod.strength) + 0.05),
    since: earliest([page.since, pod.since]),
    said: page.said,
    more: [pod.said],
  };
}

function byPage(view: RunView): FullCpu | undefined {
  const line = view.line(CPU);
  const most = view.figure(CPU_MAX);
  const mean = view.figure(CPU);
  if (most === undefined || mean === undefined) return undefined;
  const cores = view.figure(CORES);
  const counted = cores !== undefined && cores > 0 ? cores : undefined;
  // A container's limit may lie below the cores that the server counts.
  return (
    (counted && ofCores(line, most, counted)) || plateau(view, line, most, counted) || starved(view, counted)
  );
}

function ofCores(line: ReturnType<RunView["line"]>, most: number, cores: number): FullCpu | undefined {
  const isFull = (value: number) => value >= FULL * cores;
  const share = shareOf(line, isFull);
  if (share < 0.25) return undefined;
  const said = say(
    "coderd takes {0} of {1} cores",
    written(Math.min(most, cores), "cores"),
    written(cores, "cores"),
  );
  return {
    strength: 0.65 + 0.3 * share,
    since: sinceOf(line, isFull),
    said: evidence(CPU_MAX, most, said),
  };
}

function plateau(
  view: RunView,
  line: ReturnType<RunView["line"]>,
  most: number,
  cores: number | undefined,
): FullCpu | undefined {
  const high = line.filter(({ value }) => value >= FULL * most).map(({ value }) => value);
  if (most < LEAST_CORES || high.length < ENOUGH_LOOKS || high.length * 2 < line.length) return undefined;
  const mean = high.reduce((sum, one) => sum + one, 0) / high.length;
  // One that takes no more than without the load is not at a limit.
  if (cores && mean < RISEN * (view.figure(CPU, "baseline") ?? 0)) return undefined;
  const deviation = Math.sqrt(high.reduce((sum, one) => sum + (one - mean) ** 2, 0) / high.length);
  if (deviation / mean > MOST_VARIATION || !slowerServer(view)) return undefined;
  const said = cores
    ? say(
        "coderd takes {0} cores in every second and never more, of the {1} that it counts: its container may have a limit",
        written(mean, "cores"),
        written(cores, "cores"),
      )
    : say(
        "coderd takes {0} cores in every second and never more, as one does that has no more",
        written(mean, "cores"),
      );
  return {
    strength: cores ? 0.55 : 0.6,
    since: sinceOf(line, (value) => value >= FULL * most),
    said: evidence(CPU, mean, said),
  };
}

/**
 * What coderd passes on between a terminal and its agent needs no database, and what it asks of the database passes no
 * message on. Where both are slow at the same time, coderd itself gets its turn late, whatever its own clock blames.
 */
function starved(view: RunView, cores: number | undefined): FullCpu | undefined {
  const trips = slowTrips(view);
  const mean = view.figure(CPU);
  if (!trips || !slowQueries(view) || mean === undefined) return undefined;
  if (mean < RISEN * (view.figure(CPU, "baseline") ?? 0)) return undefined;
  const said = cores
    ? say(
        "round trips, which need no database, and queries are slow at the same time: coderd takes {0} cores, of the {1} that it counts, and waits for more, as behind a container's limit or on a busy machine",
        written(mean, "cores"),
        written(cores, "cores"),
      )
    : say(
        "round trips, which need no database, and queries are slow at the same time: coderd takes {0} cores and waits for more",
        written(mean, "cores"),
      );
  return { strength: 0.7, since: trips.since, said: evidence(CPU, mean, said) };
}

/** coderd itself is slower than before the load. */
export function slowerServer(view: RunView): { now: number; before: number | undefined } | undefined {
  const now = view.figure(SERVER_P95);
  const before = view.figure(SERVER_P95, "baseline");
  if (now === undefined || now < Math.max(LEAST_SLOW_MS, TIMES_SLOWER * (before ?? 0))) return undefined;
  return { now, before };
}

export function saySlower(view: RunView): ReturnType<typeof evidence> | undefined {
  const slower = slowerServer(view);
  if (!slower) return undefined;
  const now = written(slower.now, "duration");
  return evidence(
    SERVER_P95,
    slower.now,
    slower.before === undefined
      ? say("coderd answers in {0} (p95), as it measures it", now)
      : say("coderd answers in {0} (p95), in {1} before the load", now, written(slower.before, "duration")),
  );
}

import { say, sayCount } from "../../text/message.ts";
import { earliest, evidence, sinceOf, written } from "./evidence.ts";
import type { Of, RunView, Symptom, SymptomId } from "./rule.ts";

/** Coder's own goal for calls of the API: coder.com/docs/admin/infrastructure/scale-testing#http-api-latency. */
const SLOW_API_MS = 300;
/** A web terminal feels slow. */
const SLOW_ROUND_TRIP_MS = 200;
const LONG_QUEUE_MS = 2_000;
const SLOW_OPEN_MS = 2_000;
const LONG_RATE_LIMIT_WAIT_MS = 1_000;
/** So many to speak of them at all, and of their 95th percentile: of fewer, half have to be slow. */
const ENOUGH = 5;
const ENOUGH_FOR_P95 = 20;
const LEAST_ACHIEVED = 0.97;
/** What a pod takes that has to be begun, and a script that installs something. Above it, somebody should look. */
const SLOW_AGENT_MS = 10_000;
const SLOW_STARTUP_MS = 15_000;
/** An objective is broken, and this is a part of it that counts. */
const PART_OF_BROKEN_MS = 1_000;

export const QUEUES = ["queue", "stop_queue", "start_queue"] as const;
export const QUEUE_LINES: readonly Of[] = QUEUES.map((metric) => ({ metric, figure: "p95" }));
const API: Of = { metric: "api_latency", figure: "p95" };
const ROUND_TRIP: Of = { metric: "round_trip", figure: "p95" };
const ACHIEVED: Of = { metric: "achieved", figure: "rate" };
const OPEN: Of = { metric: "open", figure: "p95" };
const DROPPED: Of = { metric: "connections", figure: "dropped" };
const FAILURES: Of = { metric: "failures", figure: "count" };
const AGENT: Of = { metric: "agent_connect", figure: "p95" };
const STARTUP: Of = { metric: "startup_script", figure: "p95" };
const READY: Of = { metric: "ready", figure: "p95" };
export const RATE_LIMIT_WAIT: Of = { metric: "rate_limit_wait", figure: "count" };

/** Second by second, for when each began. */
export const SYMPTOM_LINES: readonly Of[] = [
  ...QUEUE_LINES,
  ...[API, ROUND_TRIP, ACHIEVED, OPEN, DROPPED, FAILURES, AGENT, STARTUP, READY, RATE_LIMIT_WAIT],
];

/** Everything that users feel of the run, and when it began. */
export function symptomsOf(view: RunView): Symptom[] {
  const all = [
    queue(view),
    slow(view, "api", API, SLOW_API_MS, (value) => say("API calls take {0} (p95)", value)),
    rateLimit(view),
    slowTrips(view),
    achieved(view),
    slow(view, "open", OPEN, SLOW_OPEN_MS, (value) => say("connections take {0} to open (p95)", value)),
    counted(view, "drops", DROPPED, (value) =>
      sayCount(value, { one: "{0} connection was dropped", other: "{0} connections were dropped" }),
    ),
    counted(view, "failures", FAILURES, (value) =>
      sayCount(value, { one: "{0} workspace failed", other: "{0} workspaces failed" }),
    ),
    phase(view, "agent", AGENT, SLOW_AGENT_MS, (value) => say("agents take {0} to connect (p95)", value)),
    phase(view, "startup", STARTUP, SLOW_STARTUP_MS, (value) => say("startup scripts take {0} (p95)", value)),
    ready(view),
  ];
  return all.filter((one) => one !== undefined);
}

/** Messages come back late. None of them goes through the database. */
export function slowTrips(view: RunView): Symptom | undefined {
  return slow(view, "round_trip", ROUND_TRIP, SLOW_ROUND_TRIP_MS, (value) =>
    say("round trips take {0} (p95)", value),
  );
}

function queue(view: RunView): Symptom | undefined {
  for (const metric of QUEUES) {
    const of = { metric, figure: "p95" };
    const value = view.figure(of);
    const limit = view.broken.has(metric) ? PART_OF_BROKEN_MS / 2 : LONG_QUEUE_MS;
    if (value === undefined || value < limit) continue;
    const said = say("builds wait {0} for a provisioner daemon (p95)", written(value, "duration"));
    return { id: "queue", evidence: evidence(of, value, said), since: queueSince(view, limit) };
  }
  return undefined;
}

/** What waited so long when it was taken began to wait before. */
function queueSince(view: RunView, limit: number): number | undefined {
  const begins = QUEUE_LINES.flatMap((of) =>
    view
      .line(of)
      .filter(({ value }) => value >= limit)
      .map(({ second, value }) => Math.max(0, Math.floor(second - value / 1_000))),
  );
  return earliest(begins);
}

function slow(
  view: RunView,
  id: SymptomId,
  of: Of,
  limit: number,
  said: (value: string) => ReturnType<typeof say>,
): Symptom | undefined {
  const value = view.figure(of);
  const count = view.figure({ ...of, figure: "count" }) ?? 0;
  if (value === undefined || count < ENOUGH) return undefined;
  const isBroken = view.broken.has(of.metric);
  const judged = count < ENOUGH_FOR_P95 ? view.figure({ ...of, figure: "p50" }) : value;
  if ((judged ?? 0) < limit && !isBroken) return undefined;
  const since = sinceOf(view.line(of), (one) => one >= Math.min(limit, value));
  return { id, evidence: evidence(of, value, said(written(value, "duration"))), since };
}

/** A step of a creation is felt where it is long, or where an objective is broken of which it is a part. */
function phase(
  view: RunView,
  id: SymptomId,
  of: Of,
  limit: number,
  said: (value: string) => ReturnType<typeof say>,
): Symptom | undefined {
  const value = view.figure(of);
  const isBroken = view.broken.has(of.metric) || view.broken.has("ready");
  if (value === undefined || value < (isBroken ? PART_OF_BROKEN_MS : limit)) return undefined;
  const since = sinceOf(view.line(of), (one) => one >= (isBroken ? PART_OF_BROKEN_MS : limit));
  return { id, evidence: evidence(of, value, said(written(value, "duration"))), since };
}

function counted(
  view: RunView,
  id: SymptomId,
  of: Of,
  said: (value: number) => ReturnType<typeof say>,
): Symptom | undefined {
  const value = view.figure(of) ?? 0;
  if (value < 1) return undefined;
  return { id, evidence: evidence(of, value, said(value)), since: sinceOf(view.line(of), (one) => one > 0) };
}

function achieved(view: RunView): Symptom | undefined {
  const value = view.figure(ACHIEVED);
  if (value === undefined || (value >= LEAST_ACHIEVED && !view.broken.has("achieved"))) return undefined;
  const since = sinceOf(view.line(ACHIEVED), (one) => one < LEAST_ACHIEVED);
  const said = say("{0} of what was offered came back", written(value, "share"));
  return { id: "achieved", evidence: evidence(ACHIEVED, value, said), since };
}

function rateLimit(view: RunView): Symptom | undefined {
  const value = view.figure(RATE_LIMIT_WAIT) ?? 0;
  if (value < LONG_RATE_LIMIT_WAIT_MS) return undefined;
  const said = say("requests waited {0} for the rate limit, all together", written(value, "duration"));
  const since = sinceOf(view.line(RATE_LIMIT_WAIT), (one) => one > 0);
  return { id: "rate_limit", evidence: evidence(RATE_LIMIT_WAIT, value, said), since };
}

function ready(view: RunView): Symptom | undefined {
  const value = view.figure(READY);
  if (value === undefined || !view.broken.has("ready")) return undefined;
  const said = say("workspaces take {0} to be ready (p95)", written(value, "duration"));
  return { id: "ready", evidence: evidence(READY, value, said), since: view.line(READY)[0]?.second };
}

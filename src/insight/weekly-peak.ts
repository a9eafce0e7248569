import type { PrometheusServer } from "../protocol/server-source.ts";
import type { Peak, PeakOf, WeeklyPeak } from "../protocol/weekly-peak.ts";
import { say } from "../text/message.ts";
import { SaidError } from "../text/said-error.ts";
import { sourceName } from "./coderd-source.ts";
import { PrometheusApi, type QueriedPoint, selectorText } from "./prometheus-api.ts";

const DAY_S = 86_400;
const WEEK_S = 7 * DAY_S;
/** 1,008 points: a Prometheus server gives 11,000 at most. */
const STEP_S = 600;
/** A half that has fewer of its points is not compared. */
const COVERED = 0.8;

interface Asked {
  of: PeakOf;
  /** The series that has it. */
  series: string;
  query(selected: (series: string, more?: readonly string[]) => string): string;
}

/** Within each step, a figure of few series is looked at each minute. */
const highest = (query: string) => `max_over_time((${query})[${STEP_S}s:1m])`;
/** Every replica tells the same, of the whole deployment. */
const shared = (query: string) => `max(sum by (job, instance) (${query}))`;
/** Every process has it: those of coderd are meant. */
const ofCoderd = (query: string, selected: (series: string) => string) =>
  `${query} and on (job, instance) (${selected("coderd_api_total_user_count")} or ${selected("coderd_api_concurrent_requests")})`;

/** Coder's names are those of names.ts. */
const ASKED: readonly Asked[] = [
  {
    of: "users",
    series: "coderd_api_active_users_duration_hour",
    query: (selected) => `max(${selected("coderd_api_active_users_duration_hour")})`,
  },
  {
    of: "agents",
    series: "coderd_agents_connections",
    query: (selected) => shared(selected("coderd_agents_connections", ['status="connected"'])),
  },
  {
    of: "websockets",
    series: "coderd_api_concurrent_websockets",
    query: (selected) => highest(`sum(${selected("coderd_api_concurrent_websockets")})`),
  },
  {
    of: "terminals",
    series: "coderd_agentstats_session_count_reconnecting_pty",
    query: (selected) => shared(selected("coderd_agentstats_session_count_reconnecting_pty")),
  },
  {
    of: "cpu",
    series: "process_cpu_seconds_total",
    query: (selected) =>
      highest(`sum(${ofCoderd(`rate(${selected("process_cpu_seconds_total")}[5m])`, selected)})`),
  },
  {
    of: "memory",
    series: "process_resident_memory_bytes",
    query: (selected) => highest(`sum(${ofCoderd(selected("process_resident_memory_bytes"), selected)})`),
  },
];

/**
 * The highest figures of the last seven days. `nowMs`: of the server's clock. Rejects with one line where the server
 * cannot be asked, has nothing of coderd, or has it from several jobs.
 */
export async function readWeeklyPeak(
  server: PrometheusServer,
  nowMs: number,
  signal: AbortSignal,
): Promise<WeeklyPeak> {
  const api = new PrometheusApi(server);
  const selected = (series: string, more: readonly string[] = []) =>
    `${series}${selectorText(server.selector, more)}`;
  try {
    const nowS = Math.floor(nowMs / 1_000);
    const replicas = await replicasOf(api, selected, { selector: server.selector, nowS }, signal);
    // On round times, equal questions are equal, and can be answered from what is kept.
    const endS = Math.floor(nowS / STEP_S) * STEP_S;
    const stretch = { startS: endS - WEEK_S + STEP_S, endS, stepS: STEP_S };
    const found: { asked: Asked; points: QueriedPoint[] }[] = [];
    // One after another: this is to be no load for the server.
    for (const asked of ASKED)
      found.push({ asked, points: await api.range(asked.query(selected), stretch, signal) });
    const cores = await api.query(
      `sum(${ofCoderd(selected("go_sched_gomaxprocs_threads"), selected)})`,
      nowS,
      signal,
    );
    const oldest = Math.min(endS, ...found.flatMap(({ points }) => points[0]?.at ?? []));
    return {
      source: sourceName(server.url),
      from: oldest * 1_000,
      until: endS * 1_000,
      peaks: found.flatMap(({ asked, points }) => peakOf(asked.of, points, endS - WEEK_S / 2) ?? []),
      replicas,
      cores: cores.samples[0]?.value,
      missing: found
        .filter(({ points }) => points.length === 0)
        .map(({ asked: { of, series } }) => ({ of, series })),
    };
  } finally {
    await api.close();
  }
}

/** How many replicas there are now. */
async function replicasOf(
  api: PrometheusApi,
  selected: (series: string) => string,
  { selector, nowS }: Pick<PrometheusServer, "selector"> & { nowS: number },
  signal: AbortSignal,
): Promise<number> {
  const targets = `group by (job, instance) (${selected("coderd_api_total_user_count")} or ${selected("coderd_api_concurrent_requests")})`;
  const { samples } = await api.query(`count by (job) (${targets})`, nowS, signal);
  const [only, ...more] = samples;
  if (!only) throw new SaidError(say("it has no series of coderd for {0}", selectorText(selector)));
  if (more.length > 0)
    throw new SaidError(
      say(
        "the jobs {0} all have series of coderd, which would count twice: name one, as job",
        samples
          .map(({ labels }) => labels.job ?? "")
          .sort()
          .join(", "),
      ),
    );
  return only.value;
}

function peakOf(of: PeakOf, points: readonly QueriedPoint[], middleS: number): Peak | undefined {
  const [first, ...others] = points;
  if (!first) return undefined;
  const { value, at } = others.reduce((most, one) => (one.value > most.value ? one : most), first);
  const halves = [points.filter((one) => one.at <= middleS), points.filter((one) => one.at > middleS)];
  const isCovered = halves.every((half) => half.length >= (COVERED * WEEK_S) / STEP_S / 2);
  const [earlier = 0, later = 0] = halves.map((half) => Math.max(...half.map((one) => one.value)));
  return { of, value, at: at * 1_000, ...(isCovered ? { halves: { earlier, later } } : {}) };
}

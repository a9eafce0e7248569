import type { DrillLine } from "../../protocol/drill.ts";
import { foreign, say } from "../../text/message.ts";
import { written } from "../causes/evidence.ts";
import { burstsOf, DROPPED, OPENED, REPLICA_LINES, replicaLosses, UP } from "../causes/replicas.ts";
import type { Of, Point, RunView } from "../causes/rule.ts";
import { lostBuilds, PROVISION_PHASES, QUEUE_PHASES } from "./builds.ts";
import type { Drill, Taken } from "./drill.ts";
import { lineOf, meanAndCount, meanIn, mostIn, pointsIn, type Stretch, side, sumIn } from "./stretch.ts";

const QUERY: Of = { metric: "server_query", figure: "max" };
const QUERIES: Of = { metric: "server_query", figure: "count" };
const API: Of = { metric: "api_latency", figure: "max" };
const UNANSWERED: Of = { metric: "api_latency", figure: "unfinished" };
const HEALTH: Of = { metric: "server_health", figure: "max", labels: { section: "database" } };
const TRIP: Of = { metric: "round_trip", figure: "p95" };
const BUILD_PHASES = [...QUEUE_PHASES, ...PROVISION_PHASES];
const LONGEST: readonly Of[] = BUILD_PHASES.map((metric) => ({ metric, figure: "max" }));

/** Something that takes so long, and so many times longer than it took before, has stood still. */
const STOOD_MS = 1_000;
const TIMES_LONGER = 10;
/** Looks are so far apart, at most: a program of the run is the pause's where it began so long before what shows it. */
const REACH_S = 10;
/** The deployment's health is asked for once a minute. */
const HEALTH_REACH_S = 70;
/** As they were before: twice as long, or too short to tell. */
const TIMES_BACK = 2;
const SHORT_MS = 100;

/** A pause, by the figure that shows it. */
interface Pause {
  at: number;
  /** What waited longest, in milliseconds. */
  ms: number;
  /** The second in which what waited came to its end. */
  shownAt: number;
}

/** The database stands still for a while: whatever asks it waits, and what does not goes on. */
export const databasePause: Drill = {
  id: "database_pause",
  title: say("The database stood still"),
  lines: [
    ...[...REPLICA_LINES, QUERY, QUERIES, API, UNANSWERED, HEALTH, TRIP],
    ...LONGEST,
    ...[...BUILD_PHASES, "api_latency"].flatMap(meanAndCount),
  ],
  look(view) {
    const pause = pauseOf(view);
    return pause ? [takenOf(view, pause)] : [];
  },
};

/**
 * By the time that queries took, as coderd has it: one slow query is no pause, so none may have been answered meanwhile, or
 * a program of the run has done it. Without that figure, only by a program, for anything can make an API slow. A coderd that
 * has gone is another drill.
 */
function pauseOf(view: RunView): Pause | undefined {
  const losses = replicaLosses(view).filter(({ isSure }) => isSure);
  const isOther = ({ at, shownAt }: Pause) =>
    losses.some(({ first, nearS }) => at <= first + nearS && shownAt >= first - nearS);
  const isBurst = ({ at, shownAt }: Pause) =>
    burstsOf(view).some(({ second }) => second >= at - REACH_S && second <= shownAt + REACH_S);
  const isSick = ({ at, shownAt }: Pause) =>
    view
      .line(HEALTH)
      .some(({ second, value }) => value >= 1 && second >= at && second <= shownAt + HEALTH_REACH_S);
  const isRun = (pause: Pause) => programOf(view, pause) !== undefined;
  const [byQueries, byCalls] = [stoodStill(view, QUERY), stoodStill(view, API)];
  if (byQueries && !isOther(byQueries))
    if (isRun(byQueries) || isSick(byQueries) || noneAnswered(view, byQueries))
      return byBoth(byQueries, byCalls);
  if (!byCalls || isOther(byCalls)) return undefined;
  return isSick(byCalls) || (isRun(byCalls) && !isBurst(byCalls)) ? byCalls : undefined;
}

/** Calls are timed more exactly than queries, which are counted in buckets. */
function byBoth(queries: Pause, calls: Pause | undefined): Pause {
  const isOne = calls !== undefined && Math.abs(calls.shownAt - queries.shownAt) <= REACH_S;
  return isOne ? { ...queries, at: calls.at } : queries;
}

/** In the looks that lie within the pause, next to no query was answered. */
function noneAnswered(view: RunView, { at, shownAt }: Pause): boolean {
  const counts = new Map(view.line(QUERIES).map(({ second, value }) => [second, value]));
  const usual = [...counts.values()].sort((a, b) => a - b)[Math.floor(counts.size / 2)] ?? 0;
  // Of the first look in it, a part was before.
  const looks = pointsIn(view.line(UP), { from: at, until: shownAt }).slice(1);
  return looks.length > 0 && looks.every(({ second }) => (counts.get(second) ?? 0) <= usual / 10);
}

/** A figure that was far above what it was before, for no longer than what waited longest, and is as before again. */
function stoodStill(view: RunView, of: Of): Pause | undefined {
  const line = view.line(of);
  const usual = usualOf(view, of, line);
  const limit = Math.max(STOOD_MS, TIMES_LONGER * usual);
  const slow = line.filter(({ value }) => value >= limit);
  const [first, last] = [slow[0], slow.at(-1)];
  if (!first || !last) return undefined;
  const ms = Math.max(...slow.map(({ value }) => value));
  // It began when the first that waited was asked. Within its second, that came to its end at any time: half way, say.
  const begun = Math.floor(first.second + 0.5 - first.value / 1_000);
  const pause = { at: Math.max(0, begun), ms, shownAt: last.second };
  const hasEnded = line.some(({ second }) => second > last.second);
  const isShort = last.second - first.second <= ms / 1_000 + REACH_S;
  if (!isShort || !hasEnded) return undefined;
  const program = programOf(view, pause);
  return { ...pause, at: program ? Math.floor(program.from) : pause.at };
}

/** Before the load, or else in the half of its looks that were the quickest. */
function usualOf(view: RunView, of: Of, line: readonly Point[]): number {
  const before = view.figure({ ...of, figure: "p95" }, "baseline");
  if (before !== undefined) return before;
  const values = line.map(({ value }) => value).sort((a, b) => a - b);
  return values[Math.floor(values.length / 4)] ?? 0;
}

/** Of the run's programs, the one that has done it. */
function programOf({ programs }: RunView, { at, shownAt }: Pause) {
  return programs.findLast(({ from }) => from >= at - REACH_S && from < shownAt + 1);
}

function takenOf(view: RunView, pause: Pause): Taken {
  const { at } = pause;
  const before = { from: 0, until: at };
  const meanwhile = { from: at, until: endOf(view, pause) };
  const lines = [
    connections(view, before, meanwhile),
    calls(view, pause, before, meanwhile),
    answers(view, meanwhile),
    builds(view, pause, before, meanwhile),
    back(view, pause, before),
  ];
  return { at, lines: lines.filter((one) => one !== undefined) };
}

/** What comes later is the doing of what comes next, where that is another drill. */
function endOf(view: RunView, { at, shownAt }: Pause): number {
  const next = view.programs.find(({ from }) => from >= at + 1)?.from;
  const losses = replicaLosses(view).map(({ first }) => first);
  const others = [next, ...losses].flatMap((one) => (one !== undefined && one > at ? Math.floor(one) : []));
  return Math.min(shownAt + REACH_S, ...others);
}

/** What goes through a terminal, SSH or an app does not go through the database. */
function connections(view: RunView, before: Stretch, meanwhile: Stretch): DrillLine | undefined {
  const opened = sumIn(view.line(OPENED), { from: 0, until: meanwhile.until });
  if (opened < 1) return undefined;
  const lost = sumIn(view.line(DROPPED), meanwhile);
  const [trip, usual] = [mostIn(view.line(TRIP), meanwhile), mostIn(view.line(TRIP), before)];
  const seen =
    trip === undefined || usual === undefined
      ? say("{0} of {1}", lost, opened)
      : say(
          "{0} of {1}; round trips took {2} (p95), {3} before",
          lost,
          opened,
          written(trip, "duration"),
          written(usual, "duration"),
        );
  return lineOf(
    say("connections lost"),
    side(say("none: their data does not go through the database"), 0),
    side(seen, lost),
  );
}

/** How long it stood still, where the run itself began and ended it; else what waited longest says it. */
function lengthOf(view: RunView, pause: Pause): number {
  const program = programOf(view, pause);
  const byProgram = program?.until === undefined ? 0 : (program.until - program.from) * 1_000;
  return byProgram >= STOOD_MS ? byProgram : pause.ms;
}

function calls(view: RunView, pause: Pause, before: Stretch, meanwhile: Stretch): DrillLine | undefined {
  const worst = mostIn(view.line(API), meanwhile);
  if (worst === undefined) return undefined;
  const usual = meanIn(view, ["api_latency"], before);
  const length = lengthOf(view, pause);
  return lineOf(
    say("slowest API call"),
    side(say("waits for the pause: {0}", written(length, "duration")), Math.round(length)),
    side(
      usual === undefined
        ? foreign(written(worst, "duration"))
        : say("{0}, {1} on average before", written(worst, "duration"), written(usual, "duration")),
      Math.round(worst),
    ),
  );
}

/** Calls that wait are answered late, as long as nothing in front of coderd or of this tool gives up before. */
function answers(view: RunView, { from, until }: Stretch): DrillLine {
  const failed = view.failures
    .filter(({ id }) => id.startsWith("api_"))
    .flatMap(({ seconds }) => seconds)
    .filter((second) => second >= from && second < until).length;
  const unanswered = sumIn(view.line(UNANSWERED), { from, until });
  const seen =
    failed > 0
      ? say("{0} without an answer; {1} workspaces failed by a call", unanswered, failed)
      : say("{0} without an answer", unanswered);
  return lineOf(say("API calls lost"), side(say("none"), 0), side(seen, Math.max(unanswered, failed)));
}

/** Nothing where nobody builds. */
function builds(view: RunView, pause: Pause, before: Stretch, meanwhile: Stretch): DrillLine | undefined {
  const afterwards = { from: meanwhile.until, until: Number.POSITIVE_INFINITY };
  const late = BUILD_PHASES.flatMap((metric) => {
    const longest = mostIn(view.line({ metric, figure: "max" }), meanwhile);
    // Where none had ended before, by those that came afterwards.
    const usual = meanIn(view, [metric], before) ?? meanIn(view, [metric], afterwards);
    return longest === undefined || usual === undefined ? [] : Math.max(0, longest - usual);
  });
  const lost = lostBuilds(view, meanwhile);
  if (late.length === 0 && lost.failed === 0) return undefined;
  const longest = Math.max(0, ...late);
  const length = lengthOf(view, pause);
  const seen = say("{0} later than usual, at most; {1} failed", written(longest, "duration"), lost.failed);
  return lineOf(
    say("builds"),
    side(say("up to {0} later, and none fails", written(length, "duration")), Math.round(length)),
    side(seen, Math.round(longest)),
  );
}

/** When calls took no longer than before again, and stayed so for the next looks. */
function back(view: RunView, { at, shownAt }: Pause, before: Stretch): DrillLine | undefined {
  const usual = meanIn(view, ["api_latency"], before);
  if (usual === undefined) return undefined;
  const limit = Math.max(SHORT_MS, TIMES_BACK * usual);
  const [mean] = meanAndCount("api_latency");
  const after = pointsIn(view.line(mean), { from: shownAt, until: Number.POSITIVE_INFINITY });
  const found = after.find((_, index) => after.slice(index, index + 3).every(({ value }) => value <= limit));
  const seconds = found && found.second - at;
  return lineOf(
    say("API as before"),
    side(say("as soon as the database is back")),
    seconds === undefined
      ? side(say("not while it was looked at"))
      : side(say("{0} s after it began", seconds), seconds),
  );
}

import type { DrillLine } from "../../protocol/drill.ts";
import { say } from "../../text/message.ts";
import { written } from "../causes/evidence.ts";
import { DROPPED, OPENED, REPLICA_LINES, type ReplicaLoss, replicaLosses } from "../causes/replicas.ts";
import type { EachOf, Of, Point, RunView } from "../causes/rule.ts";
import { BUSY, daemonsBefore, daemonsOf, hasBuilds, IDLE, lostBuilds, lostBuildsLine } from "./builds.ts";
import { type Drill, MOST_TIMES, type Taken } from "./drill.ts";
import { lineOf, momentOf, pointsIn, type Stretch, side, sumIn } from "./stretch.ts";

const RECONNECTED: Of = { metric: "connections", figure: "reconnected" };
const TERMINALS_BACK: Of = { ...RECONNECTED, labels: { transport: "pty" } };
const USERS_HIT: Of = { metric: "users", figure: "hit" };
const SAME: Of = { metric: "sessions", figure: "count", labels: { outcome: "same" } };
const NEW: Of = { metric: "sessions", figure: "count", labels: { outcome: "new" } };
const USERS: EachOf = { metric: "user_connections", figure: "last", each: "connections" };

/** A replica goes, and all that it held with it: 1/R of the connections where the load balancer deals them evenly. */
export const replicaDrill: Drill = {
  id: "replica_loss",
  title: say("A replica of coderd was lost"),
  lines: [...REPLICA_LINES, RECONNECTED, TERMINALS_BACK, USERS_HIT, SAME, NEW, BUSY, IDLE],
  each: [USERS],
  look(view) {
    const losses = replicaLosses(view).filter(({ lost, isSure }) => lost > 0 || isSure);
    return losses.slice(0, MOST_TIMES).map((loss, index) => takenOf(view, loss, losses[index + 1]));
  },
};

function takenOf(view: RunView, loss: ReplicaLoss, next: ReplicaLoss | undefined): Taken {
  const at = momentOf(view, loss.first, loss.nearS);
  const near = { from: Math.min(at, loss.at - loss.nearS), until: loss.at + loss.nearS + 1 };
  const share = loss.replicas > 0 ? Math.min(1, loss.gone / loss.replicas) : undefined;
  const dropped = sumIn(view.line(DROPPED), near);
  // What comes back after the next one may be of that.
  const stretch = { from: loss.first, until: next?.first ?? Number.POSITIVE_INFINITY };
  const lines = [
    connections(view, loss, dropped, share),
    users(view, loss, near, share),
    back(view, stretch, dropped),
    sessions(view, stretch),
    builds(view, near, share),
  ];
  return { at, lines: lines.filter((one) => one !== undefined) };
}

function connections(
  view: RunView,
  { first, gone, replicas }: ReplicaLoss,
  dropped: number,
  share: number | undefined,
): DrillLine | undefined {
  const open = openBefore(view, first);
  if (open < 1) return undefined;
  const seen = Math.min(1, dropped / open);
  return lineOf(
    say("connections lost"),
    share === undefined
      ? side(say("the part that it held; nobody knows of how many replicas"))
      : side(
          say("{0}, the part of {1} of {2} replicas", written(share, "share"), gone, replicas),
          rounded(share),
        ),
    side(say("{0}, which is {1} of {2}", written(seen, "share"), dropped, open), rounded(seen)),
  );
}

/** Connections that were open when the first of them was lost. */
function openBefore(view: RunView, first: number): number {
  const before = { from: 0, until: first };
  const opened = sumIn(view.line(OPENED), { from: 0, until: first + 1 });
  return opened - sumIn(view.line(DROPPED), before) + sumIn(view.line(RECONNECTED), before);
}

/** Whoever has k connections is spared only where all of them are elsewhere: 1 − (1 − 1/R)^k are hit. */
function users(
  view: RunView,
  { first }: ReplicaLoss,
  near: Stretch,
  share: number | undefined,
): DrillLine | undefined {
  const byConnections = usersBefore(view, first);
  const all = [...byConnections.values()].reduce((sum, n) => sum + n, 0);
  if (all < 1) return undefined;
  const hit = Math.min(all, sumIn(view.line(USERS_HIT), near));
  const seen = hit / all;
  const perUser = [...byConnections].reduce((sum, [k, n]) => sum + k * n, 0) / all;
  const promised =
    share === undefined
      ? undefined
      : [...byConnections].reduce((sum, [k, n]) => sum + n * (1 - (1 - share) ** k), 0) / all;
  return lineOf(
    say("users who lost a connection"),
    promised === undefined
      ? side(say("those with a connection to it"))
      : side(
          say(
            "{0}, with {1} connections each on average",
            written(promised, "share"),
            written(perUser, "count"),
          ),
          rounded(promised),
        ),
    side(say("{0}, which is {1} of {2}", written(seen, "share"), hit, all), rounded(seen)),
  );
}

/** How many users had so many connections open at the last look before the first was lost. */
function usersBefore(view: RunView, first: number): Map<number, number> {
  const found = new Map<number, number>();
  for (const [label, line] of view.each(USERS)) {
    const last = line.findLast(({ second }) => second < first) ?? line[0];
    const k = Number(label);
    if (last && k > 0 && last.value > 0) found.set(k, last.value);
  }
  return found;
}

/** How soon they were there again. */
function back(view: RunView, stretch: Stretch, dropped: number): DrillLine | undefined {
  if (dropped < 1) return undefined;
  const line = pointsIn(view.line(RECONNECTED), stretch).filter(({ value }) => value > 0);
  const sums: number[] = [];
  for (const { value } of line) sums.push((sums.at(-1) ?? 0) + value);
  const within = (share: number) =>
    secondsTo(line[sums.findIndex((so) => so >= share * dropped)], stretch.from);
  const [most, all, sum] = [within(0.9), within(1), Math.min(dropped, sums.at(-1) ?? 0)];
  const seen =
    all !== undefined
      ? say("all within {0} s, 90 % within {1} s", all, most ?? all)
      : most !== undefined
        ? say("90 % within {0} s; {1} never were", most, dropped - sum)
        : sum > 0
          ? say("{0} of {1}", sum, dropped)
          : say("none of them");
  return lineOf(
    say("opened again"),
    side(say("all, as soon as their client tries"), 1),
    side(seen, rounded(sum / dropped)),
  );
}

function secondsTo(point: Point | undefined, first: number): number | undefined {
  return point && point.second - first + 1;
}

/** A terminal that comes back with its id finds its process and what that has said, wherever it is connected to. */
function sessions(view: RunView, after: Stretch): DrillLine | undefined {
  const [terminals, same, other] = [TERMINALS_BACK, SAME, NEW].map((of) => sumIn(view.line(of), after));
  if (!terminals || same === undefined || other === undefined) return undefined;
  const unknown = Math.max(0, terminals - same - other);
  const seen =
    unknown > 0
      ? say(
          "{0} of {1}; {2} found a new one, and of {3} it cannot be known: they had said nothing before",
          same,
          terminals,
          other,
          unknown,
        )
      : say("{0} of {1}; {2} found a new one", same, terminals, other);
  return lineOf(
    say("terminals that found their session again"),
    side(say("all that are back within 5 minutes"), terminals),
    side(seen, same),
  );
}

/** Of builds, those are lost that its own provisioner daemons were running. Nothing where nobody builds. */
function builds(view: RunView, near: Stretch, share: number | undefined): DrillLine | undefined {
  const lost = lostBuilds(view, near);
  if (!hasBuilds(view) && lost.failed === 0) return undefined;
  const daemons = Math.max(daemonsBefore(view), ...daemonsOf(view).map(({ value }) => value));
  return lostBuildsLine(share === undefined || daemons < 1 ? undefined : Math.ceil(daemons * share), lost);
}

function rounded(share: number): number {
  return Math.round(share * 10_000) / 10_000;
}

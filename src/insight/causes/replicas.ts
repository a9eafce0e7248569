import type { Evidence } from "../../protocol/bottlenecks.ts";
import { type Message, sayCount } from "../../text/message.ts";
import { evidence } from "./evidence.ts";
import type { Of, Point, RunView } from "./rule.ts";

const RESTARTS: Of = { metric: "server_restarts", figure: "max" };
export const UP: Of = { metric: "server_up", figure: "min" };
const REPLICAS: Of = { metric: "server_replicas", figure: "min" };
const PODS: Of = { metric: "server_pods", figure: "min", labels: { role: "coderd", state: "ready" } };
export const DROPPED: Of = { metric: "connections", figure: "dropped" };
export const OPENED: Of = { metric: "connections", figure: "opened" };
const FAILURES: Of = { metric: "failures", figure: "count" };
/** What is needed of it second by second. */
export const REPLICA_LINES: readonly Of[] = [RESTARTS, UP, REPLICAS, PODS, DROPPED, OPENED, FAILURES];

/** What users lose is lost so many seconds around it, at least: what is read seldom shows it later. */
const NEAR_S = 5;
/** Drops in one second that nobody would call single ones. */
const MANY = 0.05;

/** A replica that has gone, or was restarted. */
export interface ReplicaLoss {
  /** Lines that say so. */
  signs: Evidence[];
  /** The first second in which the deployment shows it. */
  at: number;
  /** The first in which it shows, or in which users lost something by it. */
  first: number;
  /** Seconds around it in which what users lose is lost by it. */
  nearS: number;
  gone: number;
  /** Before it; 0 where nobody knows. */
  replicas: number;
  /** A page that does not answer is no replica that has gone: its token may have expired. Nor is a pod that is not ready. */
  isSure: boolean;
  /** Connections, or workspaces, that users lost near to it. */
  lost: number;
}

/** Each time that the deployment shows such a thing, in their order. */
export function replicaLosses(view: RunView): ReplicaLoss[] {
  const signs = SIGNS.flatMap((kind) => signsOf(view, kind)).sort((a, b) => a.second - b.second);
  const groups: Sign[][] = [];
  for (const sign of signs) {
    const last = groups.at(-1);
    // What shows the same thing shows it at its next look.
    if (last?.[0] && sign.before <= last[0].second + NEAR_S) last.push(sign);
    else groups.push([sign]);
  }
  const lines = linesOf(view);
  return groups.flatMap((group) => lossOf(lines, group) ?? []);
}

/** What is asked for each of them again. */
interface Lines {
  dropped: readonly Point[];
  failed: readonly Point[];
  /** Those that say how many replicas there are, with how many there were before the load. */
  counted: readonly { line: readonly Point[]; before: number }[];
}

function linesOf(view: RunView): Lines {
  const some = (of: Of) => view.line(of).filter(({ value }) => value > 0);
  return {
    dropped: some(DROPPED),
    failed: some(FAILURES),
    counted: [REPLICAS, UP, PODS].map((of) => ({ line: view.line(of), before: baseline(view, of) })),
  };
}

function lossOf({ dropped, failed, counted }: Lines, group: readonly Sign[]): ReplicaLoss | undefined {
  const [first] = group;
  if (!first) return undefined;
  const at = first.second;
  const nearS = Math.max(NEAR_S, at - first.before);
  const isNear = ({ second }: Point) => Math.abs(second - at) <= nearS;
  const [drops, failures] = [dropped.filter(isNear), failed.filter(isNear)];
  const sum = (points: readonly Point[]) => points.reduce((all, { value }) => all + value, 0);
  const kinds = SIGNS.map((kind) => ({ kind, n: sumOf(group, kind) })).filter(({ n }) => n > 0);
  const gone = Math.max(...kinds.map(({ n }) => n));
  const replicas = Math.max(
    ...counted.map(({ line, before }) => line.findLast(({ second }) => second < at)?.value ?? before),
  );
  return {
    ...{ signs: kinds.map(({ kind, n }) => evidence(kind.of, n, kind.say(n))), at, nearS },
    first: Math.min(at, ...[...drops, ...failures].map(({ second }) => second)),
    gone: replicas > 0 ? Math.min(gone, replicas) : gone,
    replicas,
    isSure: kinds.some(({ kind }) => kind.isSure),
    // A workspace that fails by it has lost its connection, too.
    lost: Math.max(sum(drops), sum(failures)),
  };
}

/** Seconds in which very many connections were dropped. */
export function burstsOf(view: RunView): Point[] {
  const opened = view.figure(OPENED) ?? 0;
  return view.line(DROPPED).filter(({ value }) => value > Math.max(1, MANY * opened));
}

/** A figure by which a replica that has gone shows itself. */
interface Kind {
  of: Of;
  /** It counts them up; else it is how many there are. */
  counts?: boolean;
  isSure?: boolean;
  say(n: number): Message;
}

const SIGNS: readonly Kind[] = [
  {
    ...{ of: RESTARTS, counts: true, isSure: true },
    say: (n) =>
      sayCount(n, { one: "coderd was restarted {0} time", other: "coderd was restarted {0} times" }),
  },
  {
    of: UP,
    say: (n) =>
      sayCount(n, {
        one: "{0} page of coderd's did not answer any more",
        other: "{0} pages of coderd's did not answer any more",
      }),
  },
  {
    ...{ of: REPLICAS, isSure: true },
    say: (n) => sayCount(n, { one: "{0} replica is gone", other: "{0} replicas are gone" }),
  },
  {
    of: PODS,
    say: (n) =>
      sayCount(n, {
        one: "{0} pod of coderd is gone, or not ready",
        other: "{0} pods of coderd are gone, or not ready",
      }),
  },
];

/** One change of such a figure. */
interface Sign {
  kind: Kind;
  second: number;
  /** The look before: since then, it has happened. */
  before: number;
  n: number;
}

function signsOf(view: RunView, kind: Kind): Sign[] {
  const line = view.line(kind.of);
  const signs: Sign[] = [];
  let last: Point = { second: (line[0]?.second ?? 0) - NEAR_S, value: baseline(view, kind.of) };
  for (const point of line) {
    const n = kind.counts ? point.value - last.value : last.value - point.value;
    if (n > 0) signs.push({ kind, n, second: point.second, before: last.second });
    last = point;
  }
  return signs;
}

function baseline(view: RunView, of: Of): number {
  return view.figure({ ...of, figure: "max" }, "baseline") ?? 0;
}

function sumOf(group: readonly Sign[], kind: Kind): number {
  return group.reduce((sum, sign) => sum + (sign.kind === kind ? sign.n : 0), 0);
}

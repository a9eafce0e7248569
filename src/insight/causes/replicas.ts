import type { Evidence } from "../../protocol/bottlenecks.ts";
import { sayCount } from "../../text/message.ts";
import { evidence } from "./evidence.ts";
import type { Of, Point, RunView } from "./rule.ts";

const RESTARTS: Of = { metric: "server_restarts", figure: "max" };
export const UP: Of = { metric: "server_up", figure: "min" };
const REPLICAS: Of = { metric: "server_replicas", figure: "min" };
export const DROPPED: Of = { metric: "connections", figure: "dropped" };
export const OPENED: Of = { metric: "connections", figure: "opened" };
const FAILURES: Of = { metric: "failures", figure: "count" };
/** What is needed of it second by second. */
export const REPLICA_LINES: readonly Of[] = [RESTARTS, UP, REPLICAS, DROPPED, OPENED, FAILURES];

/** What users lose is lost so many seconds around it, at least: pages of many replicas are read more seldom. */
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
  /** A page that does not answer is no replica that has gone: its token may have expired. */
  isSure: boolean;
  /** Connections, or workspaces, that users lost near to it. */
  lost: number;
}

/** undefined where the deployment shows no such thing. */
export function replicaLoss(view: RunView): ReplicaLoss | undefined {
  const signs = signsOf(view);
  if (signs.length === 0) return undefined;
  const at = Math.min(...signs.map(({ second }) => second));
  const nearS = Math.max(NEAR_S, Math.ceil(1.5 * everyS(view.line(UP))));
  const isNear = ({ second }: Point) => Math.abs(second - at) <= nearS;
  const sum = (of: Of) =>
    view
      .line(of)
      .filter(isNear)
      .reduce((all, { value }) => all + value, 0);
  const losses = [DROPPED, FAILURES].flatMap((of) =>
    view.line(of).filter((point) => point.value > 0 && isNear(point)),
  );
  const replicas = Math.max(before(view, REPLICAS), before(view, UP));
  const gone = Math.max(...signs.map(({ said }) => said.value));
  return {
    ...{ signs: signs.map(({ said }) => said), at, nearS },
    first: Math.min(at, ...losses.map(({ second }) => second)),
    gone: replicas > 0 ? Math.min(gone, replicas) : gone,
    replicas,
    isSure: signs.some(({ said }) => said.figure.startsWith("server_re")),
    // A workspace that fails by it has lost its connection, too.
    lost: Math.max(sum(DROPPED), sum(FAILURES)),
  };
}

/** Seconds in which very many connections were dropped. */
export function burstsOf(view: RunView): Point[] {
  const opened = view.figure(OPENED) ?? 0;
  return view.line(DROPPED).filter(({ value }) => value > Math.max(1, MANY * opened));
}

interface Sign {
  second: number;
  said: Evidence;
}

function signsOf(view: RunView): Sign[] {
  return [
    grew(view.line(RESTARTS), (n) =>
      evidence(
        RESTARTS,
        n,
        sayCount(n, { one: "coderd was restarted {0} time", other: "coderd was restarted {0} times" }),
      ),
    ),
    fell(before(view, UP), view.line(UP), (n) =>
      evidence(
        UP,
        n,
        sayCount(n, {
          one: "{0} page of coderd's did not answer any more",
          other: "{0} pages of coderd's did not answer any more",
        }),
      ),
    ),
    fell(before(view, REPLICAS), view.line(REPLICAS), (n) =>
      evidence(REPLICAS, n, sayCount(n, { one: "{0} replica is gone", other: "{0} replicas are gone" })),
    ),
  ].filter((one) => one !== undefined);
}

function grew(line: readonly Point[], saying: (by: number) => Evidence): Sign | undefined {
  const first = line[0]?.value ?? 0;
  const at = line.find(({ value }) => value > first) ?? (first > 0 ? line[0] : undefined);
  const most = Math.max(0, ...line.map(({ value }) => value));
  return at && { second: at.second, said: saying(most) };
}

/** Seconds from look to look. */
function everyS(line: readonly Point[]): number {
  const [first, last] = [line[0], line.at(-1)];
  return first && last && line.length > 1 ? (last.second - first.second) / (line.length - 1) : 0;
}

function before(view: RunView, of: Of): number {
  return view.figure({ ...of, figure: "max" }, "baseline") ?? 0;
}

/** `first`: how many there were before the load. */
function fell(first: number, line: readonly Point[], saying: (by: number) => Evidence): Sign | undefined {
  let [most, at, least]: [number, number | undefined, number] = [first, undefined, Number.POSITIVE_INFINITY];
  for (const { second, value } of line) {
    if (value < most) at ??= second;
    else most = value;
    least = Math.min(least, value);
  }
  return at === undefined ? undefined : { second: at, said: saying(most - least) };
}

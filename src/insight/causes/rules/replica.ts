import type { Evidence } from "../../../protocol/bottlenecks.ts";
import { say, sayCount } from "../../../text/message.ts";
import { evidence, found, sinceOf } from "../evidence.ts";
import type { Of, Point, Rule, RunView } from "../rule.ts";
import { WITHOUT_PAGE } from "../without.ts";

const RESTARTS: Of = { metric: "server_restarts", figure: "max" };
const UP: Of = { metric: "server_up", figure: "min" };
const REPLICAS: Of = { metric: "server_replicas", figure: "min" };
const DROPPED: Of = { metric: "connections", figure: "dropped" };
const DROPPED_SHARE: Of = { metric: "connections", figure: "dropped_rate" };
const RECONNECTED: Of = { metric: "connections", figure: "reconnected" };
const FAILURES: Of = { metric: "failures", figure: "count" };
/** What users lose is lost so many seconds around it, at least: pages of many replicas are read more seldom. */
const NEAR_S = 5;
/** Drops in one second that nobody would call single ones. */
const MANY = 0.05;

/** A replica of coderd has gone, or was restarted: its connections end with it. */
export const replica: Rule = {
  id: "replica",
  title: say("A replica of coderd has gone or was restarted"),
  felt: ["drops", "failures"],
  lines: [RESTARTS, UP, REPLICAS, DROPPED, RECONNECTED, FAILURES],
  remedy: say(
    "see why it ended (memory limit, eviction, crash); keep replicas from being evicted or scaled down",
  ),
  source: "https://coder.com/docs/admin/networking/high-availability",
  look(view) {
    const lost = [...view.line(DROPPED), ...view.line(FAILURES)].filter(({ value }) => value > 0);
    const signs = [
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
    const opened = view.figure({ metric: "connections", figure: "opened" }) ?? 0;
    const burst = view.line(DROPPED).find(({ value }) => value > Math.max(1, MANY * opened));
    if (view.figure(UP) === undefined && signs.length === 0) return burst ? WITHOUT_PAGE : undefined;
    const at = Math.min(...signs.map(({ second }) => second));
    const nearS = Math.max(NEAR_S, Math.ceil(1.5 * everyS(view.line(UP))));
    const near = lost.filter(({ second }) => Math.abs(second - at) <= nearS);
    if (signs.length === 0 || near.length === 0) return undefined;
    const isSure = signs.some(({ said }) => said.figure.startsWith("server_re"));
    const first = Math.min(at, sinceOf(near, () => true) ?? at);
    const sum = (of: Of) =>
      view.line(of).reduce((all, { second, value }) => all + (Math.abs(second - at) <= nearS ? value : 0), 0);
    // A workspace that fails by it has lost its connection, too.
    const ended = Math.max(sum(DROPPED), sum(FAILURES));
    return found((isSure ? 0.85 : 0.65) + (burst ? 0.1 : 0), first, [
      ...signs.map(({ said }) => said),
      evidence(
        DROPPED,
        ended,
        say("within {0} seconds of it, users lost {1} connections or workspaces", nearS, ended),
      ),
      promised(view, sum(DROPPED), Math.max(...signs.map(({ said }) => said.value))),
      recovered(view.line(RECONNECTED), sum(DROPPED), first),
    ]);
  },
};

/** A replica holds its part of the connections: what so many of them were to take along, and what they took. */
function promised(view: RunView, dropped: number, gone: number): Evidence | undefined {
  const replicas = Math.max(before(view, REPLICAS), before(view, UP));
  const opened = view.figure({ metric: "connections", figure: "opened" }) ?? 0;
  if (replicas < 1 || opened < 1 || dropped < 1) return undefined;
  const lost = Math.min(gone, replicas);
  const seen = Math.min(1, dropped / opened);
  return evidence(
    DROPPED_SHARE,
    seen,
    say(
      "that is {0} of those that were opened; the share of {1} of {2} replicas is {3}",
      percent(seen),
      lost,
      replicas,
      percent(lost / replicas),
    ),
  );
}

/** How soon they were there again. */
function recovered(line: readonly Point[], dropped: number, since: number): Evidence | undefined {
  if (dropped < 1) return undefined;
  const back = line.filter(({ second, value }) => second >= since && value > 0);
  const sums = back.map((_, at) => back.slice(0, at + 1).reduce((all, { value }) => all + value, 0));
  const sum = sums.at(-1) ?? 0;
  if (sum === 0) return evidence(RECONNECTED, 0, say("none of them was opened again"));
  const within = (share: number) => {
    const reached = back[sums.findIndex((so) => so >= share * dropped)];
    return reached && reached.second - since + 1;
  };
  const [most, all] = [within(0.9), within(1)];
  if (all !== undefined)
    return evidence(
      RECONNECTED,
      sum,
      say("all were opened again within {0} s, 90 % of them within {1} s", all, most ?? all),
    );
  if (most !== undefined)
    return evidence(
      RECONNECTED,
      sum,
      say("90 % were opened again within {0} s; {1} never were", most, dropped - sum),
    );
  return evidence(RECONNECTED, sum, say("{0} of {1} were opened again", sum, dropped));
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

type Sign = { second: number; said: ReturnType<typeof evidence> };

function grew(line: readonly Point[], saying: (by: number) => Sign["said"]): Sign | undefined {
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
function fell(first: number, line: readonly Point[], saying: (by: number) => Sign["said"]): Sign | undefined {
  let [most, at, least]: [number, number | undefined, number] = [first, undefined, Number.POSITIVE_INFINITY];
  for (const { second, value } of line) {
    if (value < most) at ??= second;
    else most = value;
    least = Math.min(least, value);
  }
  return at === undefined ? undefined : { second: at, said: saying(most - least) };
}

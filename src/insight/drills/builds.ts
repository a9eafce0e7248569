import { type Message, say, sayCount } from "../../text/message.ts";
import type { Of, Point, RunView } from "../causes/rule.ts";
import { lineOf, type Stretch, side } from "./stretch.ts";

/** Builds as runs time them: creations, stops and starts. */
export const QUEUE_PHASES = ["queue", "stop_queue", "start_queue"] as const;
export const PROVISION_PHASES = ["provision", "stop_provision", "start_provision"] as const;

const daemons = (state: string): Of => ({ metric: "server_daemons", figure: "last", labels: { state } });
export const [BUSY, IDLE] = [daemons("busy"), daemons("idle")];

/** Provisioner daemons at each look; busy ones and idle ones are of one look. */
export function daemonsOf(view: RunView): Point[] {
  const idle = new Map(view.line(IDLE).map(({ second, value }) => [second, value]));
  return view.line(BUSY).map(({ second, value }) => ({ second, value: value + (idle.get(second) ?? 0) }));
}

/** As many as there were before the load; 0 where nobody looked. */
export function daemonsBefore(view: RunView): number {
  return (view.figure(BUSY, "baseline") ?? 0) + (view.figure(IDLE, "baseline") ?? 0);
}

/** Anybody builds in this run. */
export function hasBuilds(view: RunView): boolean {
  return PROVISION_PHASES.some((metric) => (view.figure({ metric, figure: "count" }) ?? 0) > 0);
}

/** A build or a stop that a daemon did not bring to its end. */
const LOST = /^(?:build|stop)_(?:failed|canceled|unfinished)$/;
/** What the server says of a job that it gives up: coderd/jobreaper, before 2025 coderd/unhanger. */
const GIVEN_UP = /detected as (?:hung|pending)/i;

export interface LostBuilds {
  failed: number;
  /** Of those: they hung until the server gave them up. */
  givenUp: number;
}

/** Builds that were lost in a stretch; one that hangs is given up minutes after its daemon went, whatever the stretch. */
export function lostBuilds({ failures }: RunView, { from, until }: Stretch): LostBuilds {
  const builds = failures.filter(({ id }) => LOST.test(id));
  const count = (wanted: boolean, end: number) =>
    builds
      .filter(({ text }) => GIVEN_UP.test(text) === wanted)
      .flatMap(({ seconds }) => seconds)
      .filter((second) => second >= from && second < end).length;
  const givenUp = count(true, Number.POSITIVE_INFINITY);
  return { failed: count(false, until) + givenUp, givenUp };
}

/** `most`: daemons that were lost, each of which builds one workspace at a time; undefined where nobody knows. */
export function lostBuildsLine(most: number | undefined, { failed, givenUp }: LostBuilds) {
  return lineOf(
    say("builds lost"),
    most === undefined
      ? side(say("those that its daemons were building"))
      : side(say("at most {0}: a daemon builds one at a time", most), most),
    side(saySeen(failed, givenUp), failed),
  );
}

function saySeen(failed: number, givenUp: number): Message {
  const lost = sayCount(failed, { one: "{0} build", other: "{0} builds" });
  return givenUp > 0 ? say("{0}; of these, {1} hung until the server gave them up", lost, givenUp) : lost;
}

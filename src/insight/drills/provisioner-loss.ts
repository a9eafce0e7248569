import type { DrillLine } from "../../protocol/drill.ts";
import { formatClock } from "../../protocol/duration.ts";
import { say, sayCount } from "../../text/message.ts";
import { written } from "../causes/evidence.ts";
import type { Point, RunView } from "../causes/rule.ts";
import {
  BUSY,
  daemonsBefore,
  daemonsOf,
  IDLE,
  lostBuilds,
  lostBuildsLine,
  PROVISION_PHASES,
  QUEUE_PHASES,
} from "./builds.ts";
import { type Drill, MOST_TIMES, type Taken } from "./drill.ts";
import { lineOf, meanAndCount, meanIn, momentOf, mostIn, type Stretch, side } from "./stretch.ts";

/** A daemon that has gone counts as there until its last sign of life is so old (coderd's own limit), and is looked at. */
const SEEN_AFTER_S = 90 + 30;
/** Below it, nobody waits. */
const LEAST_QUEUE_MS = 500;

/** Daemons that were there and are gone, until as many are there again. */
interface Loss {
  shownAt: number;
  before: number;
  left: number;
  backAt: number | undefined;
}

/** Provisioner daemons go: what they build is lost, and the others have more to do. */
export const provisionerLoss: Drill = {
  id: "provisioner_loss",
  title: say("Provisioner daemons were lost"),
  lines: [BUSY, IDLE, ...[...QUEUE_PHASES, ...PROVISION_PHASES].flatMap(meanAndCount)],
  look(view) {
    const losses = lossesOf(daemonsOf(view), daemonsBefore(view));
    return losses.slice(0, MOST_TIMES).map((loss) => takenOf(view, loss));
  },
};

function lossesOf(line: readonly Point[], first: number): Loss[] {
  const losses: Loss[] = [];
  let [most, open]: [number, Loss | undefined] = [first, undefined];
  for (const { second, value } of line) {
    if (open && value >= open.before) {
      open.backAt = second;
      open = undefined;
    }
    if (open) open.left = Math.min(open.left, value);
    else if (value < most) {
      open = { shownAt: second, before: most, left: value, backAt: undefined };
      losses.push(open);
    } else most = value;
  }
  return losses;
}

function takenOf(view: RunView, loss: Loss): Taken {
  const at = momentOf(view, loss.shownAt, SEEN_AFTER_S);
  const until = loss.backAt ?? Number.POSITIVE_INFINITY;
  const lines = [
    atOnce(view, loss, { from: loss.shownAt, until }),
    queue(view, loss, { from: at, until }),
    lostBuildsLine(loss.before - loss.left, lostBuilds(view, { from: at, until })),
    back(loss, at),
  ];
  return { at, lines: lines.filter((one) => one !== undefined) };
}

function atOnce(view: RunView, { before, left }: Loss, meanwhile: Stretch): DrillLine | undefined {
  const most = mostIn(view.line(BUSY), meanwhile);
  if (most === undefined) return undefined;
  return lineOf(
    say("builds at once"),
    side(say("at most {0}, as {1} of {2} daemons are left", left, left, before), left),
    side(say("at most {0}", most), most),
  );
}

/** What waited before waits D/(D − L) times as long; where nothing waited, nothing is promised. */
function queue(view: RunView, { before, left }: Loss, { from, until }: Stretch): DrillLine | undefined {
  // A wait is known when its build ends: what ends now was taken before.
  const buildS = Math.ceil((meanIn(view, PROVISION_PHASES, { from: 0, until: from }) ?? 0) / 1_000);
  const then = meanIn(view, QUEUE_PHASES, { from: 0, until: from + buildS });
  const now = meanIn(view, QUEUE_PHASES, { from: from + buildS, until: until + buildS });
  if (then === undefined || now === undefined) return undefined;
  const isSaturated = then >= LEAST_QUEUE_MS;
  const factor = left > 0 ? before / left : undefined;
  const promised = !isSaturated
    ? side(say("longer only where builds wait; before, they did not"))
    : factor === undefined
      ? side(say("until daemons are back: there is none"))
      : side(say("about {0} times as long", written(factor, "count")), rounded(factor));
  const seen = say("{0} on average, {1} before", written(now, "duration"), written(then, "duration"));
  return lineOf(say("wait for a daemon"), promised, side(seen, isSaturated ? rounded(now / then) : null));
}

function back({ before, backAt }: Loss, at: number): DrillLine {
  return lineOf(
    say("daemons back"),
    side(sayCount(before, { one: "{0} daemon", other: "{0} daemons" }), before),
    backAt === undefined
      ? side(say("not while it was looked at"))
      : side(say("seen at {0}, after {1} s", formatClock(backAt * 1_000), backAt - at), before),
  );
}

function rounded(factor: number): number {
  return Math.round(factor * 100) / 100;
}

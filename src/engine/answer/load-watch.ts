import { figureOf } from "../../measure/figures.ts";
import type { Second, StepSecond } from "../../measure/seconds.ts";
import { seriesOf } from "../../measure/series.ts";
import { Sum } from "../../measure/totals.ts";
import type { Span } from "../../protocol/answer.ts";
import type { Description, FigureRef, LoadFigures } from "../../protocol/description.ts";

/** Achieved follows offered where it is at least this share of it. */
const FOLLOWS = 0.97;
/** It has parted where it does not for most of so many seconds in a row, of those in which this tool was on time. */
const WINDOW = 5;
const MOST_OF_WINDOW = 4;
/**
 * Within such a window, what is under way has to grow by this much time of the load: while a load is opened, what is on its
 * way grows with it, and that alone is no lag.
 */
const GROWING_S = 0.15;
/** Stretches of time that are kept. */
const MOST_SPANS = 20;

/** One second of a load. */
interface Look {
  second: number;
  /** Without the messages that had no open connection: those cannot lag. */
  offered: number;
  achieved: number;
  level: number;
  busy: number | undefined;
  /** Seconds of the load that are under way by then. */
  behindS: number;
}

/** From when on achieved did not follow offered, and where that was. */
export interface Parting {
  since: number;
  /** When it followed again; null: it has not. */
  until: number | null;
  /** The most that it followed: what was offered, and at which level. */
  offered: number;
  level: number;
  /** Of what was offered since then, how much came back. */
  share: number;
  /** How busy this tool was meanwhile, as a share of 1. */
  busy: number | undefined;
  load: LoadFigures;
}

/** Messages that had no open connection to go by: it was never opened, or was lost. */
export interface Missing {
  since: number;
  /** Of all that was offered. */
  share: number;
}

/** What a run's seconds say of its load and of this tool. */
export interface LoadStanding {
  /** Seconds under load. */
  seconds: number;
  /** Of those, in how many this tool was late, and which. */
  lateSeconds: number;
  late: readonly Span[];
  /** Seconds in which less came back than was offered. */
  lagging: { onTime: number; late: number };
  /** The longest stretch in which achieved did not follow offered while this tool was on time. */
  parting: Parting | undefined;
  /** undefined where all but a few of the messages had a connection. */
  missing: Missing | undefined;
  /** Something was offered on a schedule. */
  hasLoad: boolean;
}

/** Watches a run's closed seconds under load. The same seconds give the same standing. */
export class LoadWatch {
  readonly #steps = new Map<string, StepLoad>();
  readonly #late: Span[] = [];
  #seconds = 0;
  #lateSeconds = 0;

  /** Those of the second's steps that are at work in it. */
  take({ second, steps }: Second, descriptions: ReadonlyMap<string, Description>): void {
    const working = Object.entries(steps).filter(([name]) => descriptions.has(name));
    if (working.length === 0) return;
    this.#seconds++;
    for (const [name, own] of working) {
      const description = descriptions.get(name);
      if (!description?.load) continue;
      const load = this.#steps.get(name) ?? new StepLoad(description, description.load);
      this.#steps.set(name, load);
      load.take(second, own);
    }
    if (working.some(([, { invalid }]) => invalid !== undefined)) this.#addLate(second);
  }

  #addLate(second: number): void {
    this.#lateSeconds++;
    const last = this.#late.at(-1);
    if (last?.until === second) last.until = second + 1;
    else if (this.#late.length < MOST_SPANS) this.#late.push({ from: second, until: second + 1 });
  }

  get standing(): LoadStanding {
    const loads = [...this.#steps.values()];
    const partings = loads.flatMap(({ longest }) => longest ?? []);
    return {
      seconds: this.#seconds,
      lateSeconds: this.#lateSeconds,
      late: this.#late.map((span) => ({ ...span })),
      lagging: {
        onTime: loads.reduce((sum, { lagging }) => sum + lagging.onTime, 0),
        late: loads.reduce((sum, { lagging }) => sum + lagging.late, 0),
      },
      parting: partings.sort((a, b) => a.since - b.since)[0],
      missing: loads.flatMap(({ missing }) => missing ?? []).sort((a, b) => b.share - a.share)[0],
      hasLoad: loads.some(({ hasBegun }) => hasBegun),
    };
  }
}

/** The load of one step. */
class StepLoad {
  readonly lagging = { onTime: 0, late: 0 };
  readonly #metrics: Description["metrics"];
  readonly #load: LoadFigures;
  readonly #partings: OpenParting[] = [];
  /** The last seconds in which this tool was on time. */
  #window: Look[] = [];
  #backlog = 0;
  readonly #asked = { offered: 0, missing: 0 };
  #missingSince: number | undefined;
  hasBegun = false;

  constructor({ metrics }: Description, load: LoadFigures) {
    this.#metrics = metrics;
    this.#load = load;
  }

  take(second: number, own: StepSecond): void {
    if (own.paused) return;
    const look = this.#lookAt(second, own);
    if (!look) return;
    this.hasBegun = true;
    const isLagging = look.achieved < FOLLOWS * look.offered;
    if (own.invalid !== undefined) {
      if (isLagging) this.lagging.late++;
      return;
    }
    if (isLagging) this.lagging.onTime++;
    this.#window.push(look);
    // The second before the window is where it is measured from.
    if (this.#window.length > WINDOW + 1) this.#window.shift();
    this.#judge(look);
  }

  /** undefined where nothing was offered. What comes back after the load is none of it. */
  #lookAt(second: number, { values }: StepSecond): Look | undefined {
    const sum = new Sum();
    for (const [window, some] of Object.entries(values)) if (window !== "after") sum.add(some);
    sum.addTime(1_000);
    const asked = this.#figure(this.#load.offered, sum) ?? 0;
    const missing = this.#load.missing ? (this.#figure(this.#load.missing, sum) ?? 0) : 0;
    this.#takeMissing(second, asked, missing);
    const offered = asked - missing;
    const achieved = this.#figure(this.#load.achieved, sum) ?? 0;
    if (offered <= 0) return undefined;
    this.#backlog = Math.max(0, this.#backlog + offered - achieved);
    const level = this.#figure(this.#load.level, sum) ?? 0;
    const behindS = this.#backlog / offered;
    return { second, offered, achieved, level, busy: busiest(this.#load.busy, sum), behindS };
  }

  #takeMissing(second: number, offered: number, missing: number): void {
    this.#asked.offered += offered;
    this.#asked.missing += missing;
    if (missing > (1 - FOLLOWS) * offered) this.#missingSince ??= second;
  }

  get missing(): Missing | undefined {
    const { offered, missing } = this.#asked;
    const since = this.#missingSince;
    return since !== undefined && missing > (1 - FOLLOWS) * offered
      ? { since, share: missing / offered }
      : undefined;
  }

  #figure({ metric, figure, labels = {} }: FigureRef, sum: Sum): number | undefined {
    const known = this.#metrics.find(({ name }) => name === metric);
    return known && figureOf(known, figure, labels, sum)?.value;
  }

  #judge(now: Look): void {
    const open = this.#partings.find(({ until }) => until === null);
    const [before, ...recent] = this.#window;
    if (open && isBehind(now)) open.take(now);
    if (!before || recent.length < WINDOW) return;
    const lagging = recent.filter(isBehind);
    if (open) {
      if (lagging.length === 0) open.until = recent[0]?.second ?? now.second;
      return;
    }
    const [first] = lagging;
    if (!first || lagging.length < MOST_OF_WINDOW || !isBehind(now)) return;
    if (now.behindS - before.behindS < GROWING_S || this.#partings.length >= MOST_SPANS) return;
    const last = [before, ...recent].findLast(({ second }) => second < first.second) ?? before;
    this.#partings.push(new OpenParting(last, first, recent));
  }

  get longest(): Parting | undefined {
    const [longest] = [...this.#partings].sort((a, b) => b.seconds - a.seconds);
    return longest?.parting(this.#load);
  }
}

function isBehind({ offered, achieved }: Look): boolean {
  return achieved < FOLLOWS * offered;
}

/** A gauge of each place by itself: together they would be a sum. */
function busiest({ metric }: FigureRef, { values }: Sum): number | undefined {
  const all = [...values].flatMap(([key, value]) =>
    "kind" in value && value.kind === "gauge" && value.looks > 0 && seriesOf(key)?.metric === metric
      ? [value.sum / value.looks]
      : [],
  );
  return all.length > 0 ? Math.max(...all) : undefined;
}

class OpenParting {
  readonly #since: number;
  readonly #at: Pick<Parting, "offered" | "level">;
  #offered = 0;
  #achieved = 0;
  #busy = { sum: 0, looks: 0 };
  seconds = 0;
  until: number | null = null;

  /** `last`: the second before; `first`: the first in which less came back. */
  constructor(last: Look, first: Look, recent: readonly Look[]) {
    this.#since = first.second;
    this.#at = knee(last, first);
    for (const look of recent) if (look.second >= first.second) this.take(look);
  }

  take({ offered, achieved, busy }: Look): void {
    this.seconds++;
    this.#offered += offered;
    this.#achieved += achieved;
    if (busy === undefined) return;
    this.#busy.sum += busy;
    this.#busy.looks++;
  }

  parting(load: LoadFigures): Parting {
    const { sum, looks } = this.#busy;
    return {
      since: this.#since,
      until: this.until,
      ...this.#at,
      share: this.#achieved / this.#offered,
      busy: looks > 0 ? Math.round((sum / looks) * 1_000) / 1_000 : undefined,
      load,
    };
  }
}

/** Where offered was what was still achieved: between the last second that followed and the first that did not. */
function knee(last: Look, first: Look): Pick<Parting, "offered" | "level"> {
  const grown = first.offered - last.offered;
  // Of a load that does not grow, it is that load.
  if (last.second >= first.second || grown < 0.01 * first.offered)
    return { offered: Math.round(first.offered), level: Math.round(first.level) };
  const share = Math.min(1, Math.max(0, (first.achieved - last.offered) / grown));
  return {
    offered: Math.round(last.offered + grown * share),
    level: Math.round(last.level + (first.level - last.level) * share),
  };
}

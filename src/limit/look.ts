import type { Second } from "../measure/seconds.ts";
import type { LimitLook } from "../protocol/limit.ts";
import type { Message } from "../text/message.ts";
import { changesSides, driftOf } from "./drift.ts";
import type { Pace } from "./pace.ts";
import { kindOf, type Objective, reasonOf, Window } from "./window.ts";
import { isAsLongAs, lastOf, Windows } from "./windows.ts";

/** So many times as many windows are looked ahead as were tested. */
const AHEAD = 4;
/** While there is time, what looks like a drift is waited for; at the end it has to be one. */
const MAY_DRIFT = 0.1;
export const DRIFTS = 0.01;
/** One window in five may be a bad one: what does not persist is no breach. */
const ODD = 0.2;
/** Twice the limit. */
const FAR_PAST = 1;

/** What a look came to. */
export interface Looked extends LimitLook {
  /** How far each objective was past its limit in each window that was tested: see Window.past. */
  past: readonly (readonly number[])[];
  /** The objective that broke first, by its place; undefined where none did. */
  firstBroken: number | undefined;
  /** Why seconds did not count. */
  reason: Message | undefined;
}

/** One stay at a level, until it is known what it comes to. */
export class Look {
  readonly #objectives: readonly Objective[];
  readonly #shown: readonly Objective[];
  readonly #pace: Pace;
  readonly #windows: Windows;
  readonly #valid: Second[] = [];
  readonly #seen = { from: Number.POSITIVE_INFINITY, until: 0 };
  #counted = 0;
  #invalid = 0;
  #reason: Message | undefined;
  /** The first window that is tested: those before it were of a level that had not settled. */
  #first = 0;

  /** `achieved`: how much of what was offered came back, where that is measured. */
  constructor(objectives: readonly Objective[], pace: Pace, achieved: Objective | undefined) {
    this.#objectives = objectives;
    this.#shown = achieved ? [...objectives, achieved] : objectives;
    this.#pace = pace;
    this.#windows = new Windows(objectives, pace);
  }

  /** Of a second after the level was set. Answers when it is known what the level comes to. */
  take(second: Second): Looked | undefined {
    const kind = kindOf(second, this.#objectives);
    if (kind === "nothing") return undefined;
    this.#seen.from = Math.min(this.#seen.from, second.second);
    this.#seen.until = second.second + 1;
    if (kind === "invalid") return this.#spoiled(second);
    this.#counted++;
    this.#valid.push(second);
    return this.#windows.take(second) ? this.#judge() : undefined;
  }

  #spoiled(second: Second): Looked | undefined {
    this.#invalid++;
    this.#reason ??= reasonOf(second);
    const isLimit = this.#invalid >= this.#pace.leastInvalidS && this.#invalid > this.#counted;
    return isLimit ? this.#end("invalid") : undefined;
  }

  #judge(): Looked | undefined {
    const { least, most } = this.#pace;
    if (this.#isFarPast()) return this.#end("breaks");
    if (isAsLongAs(this.#windows.closed, most)) return this.#byMost();
    const tested = this.#tested;
    if (!isAsLongAs(tested, least)) return undefined;
    if (this.#drifts(tested, MAY_DRIFT)) {
      this.#first++;
      return undefined;
    }
    if (this.#isBroken(1 - ODD)) return this.#end("breaks");
    return this.#isBroken(ODD) ? undefined : this.#end("passes");
  }

  get #tested(): readonly Window[] {
    return this.#windows.closed.slice(this.#first);
  }

  /** More than this share of the windows break an objective. */
  #isBroken(share: number): boolean {
    const tested = this.#tested;
    return this.#objectives.some((_, at) => {
      const broken = tested.filter((window) => !window.isMet(at)).length;
      return share >= 0.5 ? broken >= share * tested.length : broken > share * tested.length;
    });
  }

  /** There is no more time: it is judged by most windows, and by where all of them go. */
  #byMost(): Looked {
    if (this.#isBroken(0.5)) return this.#end("breaks");
    const { closed } = this.#windows;
    const later = closed.slice(Math.floor(closed.length / 4));
    return this.#drifts(later, DRIFTS) ? this.#end("breaks", "drifts") : this.#end("passes");
  }

  #drifts(windows: readonly Window[], chance: number): boolean {
    return this.#past(windows).some((past) => changesSides(past, AHEAD * windows.length, chance));
  }

  #past(windows: readonly Window[] = this.#tested): number[][] {
    return this.#objectives.map((_, at) => windows.map((window) => window.past(at)));
  }

  /** Far past a limit for a while, and not on the way back. */
  #isFarPast(): boolean {
    const last = lastOf(this.#windows.closed, this.#pace.persists);
    if (!last) return false;
    return this.#past(last).some(
      (past) => past.every((one) => one >= FAR_PAST) && (past.at(-1) ?? 0) >= 0.9 * (past[0] ?? 0),
    );
  }

  #end(verdict: LimitLook["verdict"], because: "broken" | "drifts" = "broken"): Looked {
    const tested = this.#tested;
    // Where no window was closed, the whole look stands for what was tested.
    const { from, until } = spanOf(tested) ?? this.#seen;
    const all = new Window(this.#shown);
    for (const second of this.#valid) if (second.second >= from && second.second < until) all.take(second);
    const past = this.#past();
    return {
      from,
      until,
      verdict,
      ...(verdict === "breaks" ? { because } : {}),
      windows: tested.length,
      achieved:
        this.#shown.length > this.#objectives.length ? (all.value(this.#objectives.length) ?? null) : null,
      ...throughputOf(all, this.#objectives),
      objectives: this.#objectives.map(({ expression, unit, limit, comparison }, at) => ({
        expression,
        value: all.value(at) ?? null,
        unit,
        limit,
        below: comparison.startsWith("<"),
        broken_windows: tested.filter((window) => !window.isMet(at)).length,
      })),
      past,
      firstBroken: verdict === "breaks" ? firstBroken(past, because) : undefined,
      reason: this.#reason,
    };
  }
}

/** What the first objective on a duration is about, by the second. */
function throughputOf(all: Window, objectives: readonly Objective[]): { throughput?: number } {
  const at = objectives.findIndex(({ metric, unit }) => metric.kind === "duration" && unit === "duration");
  const ended = at < 0 || all.seconds === 0 ? undefined : all.count(at);
  return ended === undefined ? {} : { throughput: Number((ended / all.seconds).toPrecision(6)) };
}

function spanOf(windows: readonly Window[]): { from: number; until: number } | undefined {
  const [first, last] = [windows[0], windows.at(-1)];
  return first && last && { from: first.from, until: last.until };
}

/** The one that broke in the earliest window, and of several the one that is furthest past its limit. */
function firstBroken(past: readonly (readonly number[])[], because: "broken" | "drifts"): number {
  const order = past.map((windows, at) => {
    if (because === "drifts") {
      const { slope, order } = driftOf(windows);
      return { at, first: -order, most: slope };
    }
    const broken = windows.filter((one) => one > 0).length > windows.length / 2;
    const first = windows.findIndex((one) => one > 0);
    return { at, first: broken && first >= 0 ? first : Number.MAX_SAFE_INTEGER, most: Math.max(...windows) };
  });
  order.sort((one, other) => one.first - other.first || other.most - one.most);
  return order[0]?.at ?? 0;
}

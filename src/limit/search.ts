import type { Second } from "../measure/seconds.ts";
import type { LimitEnd, LimitLevel, LimitLook, LimitSide } from "../protocol/limit.ts";
import { english, type Message } from "../text/message.ts";
import { sideOf } from "./confidence.ts";
import { Levels, type Next } from "./levels.ts";
import { Look, type Looked } from "./look.ts";
import { type Pace, USUAL_PACE } from "./pace.ts";
import { Recovery } from "./recovery.ts";
import type { Objective } from "./window.ts";

export interface LimitSearchOptions {
  /** Whole numbers, of which `from` is the smaller. */
  from: number;
  to: number;
  /** 0.05: the largest passing level and the smallest failing one are 5 % apart at most. */
  precision: number;
  /** Seconds of the run after which it ends with what is known; pauses do not count. */
  budgetS: number;
  /** Where the limit may be, as other searches let expect. */
  guess?: number | undefined;
  /** At least one. */
  objectives: readonly Objective[];
  /** How much of what was offered came back, for the record. */
  achieved?: Objective | undefined;
  pace?: Pace | undefined;
}

/** What the driver of the search does next. */
export type Command =
  /** Set the level, and then say so by `levelIsSet`. */
  { kind: "level"; level: number; why: "look" | "recovery" } | { kind: "end"; end: LimitEnd };

export type SoFar = Extract<LimitEnd, { kind: "so_far" }>["why"];

type Doing =
  | { kind: "look"; level: number; look: Look }
  /** `level` comes after it. */
  | { kind: "recovery"; level: number; recovery: Recovery };

/**
 * Finds the largest load that meets the objectives: grows by steps, backs off at a breach, lets the target recover,
 * bisects, and looks at both sides again. It has no clock: it goes by the closed seconds of a run that it is handed,
 * and answers what to do.
 */
export class LimitSearch {
  readonly #options: LimitSearchOptions;
  readonly #pace: Pace;
  readonly #levels: Levels;
  /** Looks that say nothing of the target, by their level. */
  readonly #invalid = new Map<number, Looked[]>();
  #doing: Doing | undefined;
  /** Seconds up to this one are of another level; undefined while the level is being set. */
  #setIn: number | undefined;
  /** The level that is set has been too much for the target, or for the generator. */
  #isOver = false;
  #usedS = 0;
  #end: LimitEnd | undefined;

  constructor(options: LimitSearchOptions) {
    this.#options = options;
    this.#pace = options.pace ?? USUAL_PACE;
    this.#levels = new Levels({ ...options, looks: this.#pace.looks });
  }

  /** The first level. */
  begin(): Command {
    return this.#look(this.#options.from);
  }

  /** The level was set in this second, which is partly of the level before. */
  levelIsSet(second: number): void {
    this.#setIn = second;
  }

  /** A closed second of the run, in its order. Answers what to do; undefined: go on. */
  take(second: Second): Command | undefined {
    if (this.#end) return undefined;
    if (!isPaused(second)) this.#usedS++;
    if (this.#usedS >= this.#options.budgetS) return this.#endWith(this.soFar("budget"));
    if (this.#setIn === undefined || second.second <= this.#setIn || !this.#doing) return undefined;
    return this.#doing.kind === "look"
      ? this.#goOnLooking(this.#doing, second)
      : this.#recover(this.#doing, second);
  }

  /** It is ended before its time. Harmless to repeat. */
  stop(why: SoFar = "stopped"): LimitEnd {
    this.#end ??= this.soFar(why);
    return this.#end;
  }

  get end(): LimitEnd | undefined {
    return this.#end;
  }

  /** The level that it ended at was too much for the target, or for the generator. */
  get wasTooMuch(): boolean {
    return this.#isOver;
  }

  /** Looks at the smallest level that have passed. */
  get baseline(): readonly Looked[] {
    return this.#levels.looksAt(this.#options.from).filter(({ verdict }) => verdict === "passes");
  }

  /** All levels so far, also those at which the generator was the limit. */
  get levels(): LimitLevel[] {
    const levels = new Set([...this.#levels.all().map(([level]) => level), ...this.#invalid.keys()]);
    return [...levels]
      .sort((one, other) => one - other)
      .map((level) => {
        const looks = [...this.#levels.looksAt(level), ...(this.#invalid.get(level) ?? [])];
        return {
          level,
          verdict: this.#levels.verdictOf(level) ?? "invalid",
          looks: looks.sort((one, other) => one.from - other.from).map(shownLook),
        };
      });
  }

  #goOnLooking({ level, look }: Extract<Doing, { kind: "look" }>, second: Second): Command | undefined {
    const looked = look.take(second);
    if (!looked) return undefined;
    this.#isOver = looked.verdict !== "passes";
    if (looked.verdict !== "invalid") {
      this.#levels.add(level, looked);
      return this.#next();
    }
    const before = this.#invalid.get(level) ?? [];
    this.#invalid.set(level, [...before, looked]);
    // A machine may be busy for a while: it has a second try.
    return before.length === 0 ? this.#go(level) : this.#endWith(this.#generatorAt(level, looked.reason));
  }

  #recover({ level, recovery }: Extract<Doing, { kind: "recovery" }>, second: Second): Command | undefined {
    const recovered = recovery.take(second);
    if (!recovered) return undefined;
    if (recovered.kind === "invalid")
      return this.#endWith(this.#generatorAt(this.#options.from, recovered.reason));
    if (recovered.kind === "not_recovered") return this.#endWith(this.soFar("not_recovered"));
    this.#isOver = false;
    return this.#look(level);
  }

  #next(): Command {
    const next = this.#levels.next();
    return next.kind === "look" ? this.#go(next.level) : this.#endWith(this.#endOf(next));
  }

  /** To a level, by way of a recovery where the one before was too much. */
  #go(level: number): Command {
    const { from, objectives } = this.#options;
    const { baseline } = this;
    if (!this.#isOver || baseline.length === 0) return this.#look(level);
    this.#doing = { kind: "recovery", level, recovery: new Recovery(objectives, this.#pace, baseline) };
    this.#setIn = undefined;
    return { kind: "level", level: from, why: "recovery" };
  }

  #look(level: number): Command {
    const { objectives, achieved } = this.#options;
    this.#doing = { kind: "look", level, look: new Look(objectives, this.#pace, achieved) };
    this.#setIn = undefined;
    return { kind: "level", level, why: "look" };
  }

  #endWith(end: LimitEnd): Command {
    this.#end = end;
    this.#doing = undefined;
    return { kind: "end", end };
  }

  #endOf(next: Exclude<Next, { kind: "look" }>): LimitEnd {
    if (next.kind === "not_reached")
      return { kind: "not_reached", ceiling: this.#side(next.ceiling, "passes") };
    const [failing, first_broken] = [this.#side(next.failing, "breaks"), this.#firstBroken(next.failing)];
    if (next.kind === "smallest_breaks") return { kind: "smallest_breaks", failing, first_broken };
    const passing = this.#side(next.passing, "passes");
    return {
      ...{ kind: "found", passing, failing, first_broken },
      confidence: Number((passing.confidence * failing.confidence).toFixed(3)),
      precision: Number((next.failing / next.passing - 1).toFixed(4)),
    };
  }

  /** What is known by now. */
  soFar(why: SoFar): LimitEnd {
    const { passing, failing } = this.#levels;
    return {
      ...{ kind: "so_far", why },
      ...(passing === undefined ? {} : { passing: this.#side(passing, "passes") }),
      ...(failing === undefined
        ? {}
        : { failing: this.#side(failing, "breaks"), first_broken: this.#firstBroken(failing) }),
    };
  }

  #generatorAt(level: number, reason: Message | undefined): LimitEnd {
    const { passing } = this.#levels;
    return {
      ...{ kind: "invalid", level },
      ...(reason === undefined ? {} : { reason: english(reason) }),
      ...(passing === undefined ? {} : { passing: this.#side(passing, "passes") }),
    };
  }

  #side(level: number, verdict: "passes" | "breaks"): LimitSide {
    return sideOf(level, verdict, this.#levels.looksAt(level));
  }

  /** What most of the looks that broke say. */
  #firstBroken(level: number): string {
    const broken = this.#levels.looksAt(level).flatMap(({ firstBroken }) => firstBroken ?? []);
    const times = (at: number) => broken.filter((one) => one === at).length;
    const [most = 0] = broken.toSorted((one, other) => times(other) - times(one));
    return this.#options.objectives[most]?.expression ?? "";
  }
}

/** Nobody measures in it. */
export function isPaused({ steps }: Second): boolean {
  return Object.values(steps).some(({ paused }) => paused);
}

function shownLook(looked: Looked): LimitLook {
  const { past: _past, firstBroken: _first, reason: _reason, ...shown } = looked;
  return shown;
}

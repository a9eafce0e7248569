import type { Second } from "../measure/seconds.ts";
import {
  type LimitGrid as GridResult,
  type LimitEnd,
  type LimitLevel,
  type LimitSkipped,
  passingSide,
} from "../protocol/limit.ts";
import { USUAL_PACE } from "./pace.ts";
import { Recovery } from "./recovery.ts";
import { type Command, isPaused, LimitSearch, type LimitSearchOptions, type SoFar } from "./search.ts";

/** What the driver does next; `value` is of the second number, and undefined where there is none. */
export type GridCommand =
  | (Extract<Command, { kind: "level" }> & { value: number | undefined })
  | { kind: "end" };

export interface SearchedRow {
  value: number | undefined;
  end: LimitEnd;
  levels: LimitLevel[];
}

interface Row {
  value: number | undefined;
  search: LimitSearch;
}

/**
 * Searches one after another, one for each value of a second number; without one, a single search. All share the
 * budget. Each begins where those before it let the limit be expected; between them the target recovers.
 */
export class LimitGrid {
  readonly #options: LimitSearchOptions;
  readonly #values: readonly (number | undefined)[];
  readonly #rows: Row[] = [];
  /** At the smallest level of the search that is over. */
  #recovery: Recovery | undefined;
  #setIn: number | undefined;
  #usedS = 0;
  #isOver = false;
  #why: LimitSkipped | undefined;

  /** `values`: in ascending order, at least one. */
  constructor(options: LimitSearchOptions, values: readonly number[] | undefined) {
    this.#options = options;
    this.#values = values ?? [undefined];
  }

  /** The first level of the first search. */
  begin(): GridCommand {
    return this.#beginRow();
  }

  /** The level was set in this second, which is partly of the level before. */
  levelIsSet(second: number): void {
    this.#setIn = second;
    this.#row?.search.levelIsSet(second);
  }

  /** A closed second of the run, in its order. Answers what to do; undefined: go on. */
  take(second: Second): GridCommand | undefined {
    if (this.#isOver) return undefined;
    if (!isPaused(second)) this.#usedS++;
    if (this.#recovery) return this.#recover(this.#recovery, second);
    const command = this.#row?.search.take(second);
    if (!command) return undefined;
    return command.kind === "level" ? { ...command, value: this.#row?.value } : this.#after(command.end);
  }

  /** It is ended before its time. Harmless to repeat. */
  stop(why: SoFar): void {
    if (this.#isOver) return;
    this.#row?.search.stop(why);
    this.#skip(why);
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** The searches that were begun, in their order. */
  get rows(): SearchedRow[] {
    return this.#rows.map(({ value, search }) => ({
      value,
      end: search.end ?? search.soFar("running"),
      levels: search.levels,
    }));
  }

  /** Values whose search was not begun, and why. */
  get skipped(): Pick<GridResult, "not_reached" | "why"> {
    const left = this.#values.slice(this.#rows.length).filter((value) => value !== undefined);
    return { not_reached: left, ...(left.length > 0 ? { why: this.#why ?? "running" } : {}) };
  }

  get #row(): Row | undefined {
    return this.#rows.at(-1);
  }

  #beginRow(): GridCommand {
    const value = this.#values[this.#rows.length];
    const guess = value === undefined ? undefined : guessFor(value, this.rows);
    const budgetS = this.#options.budgetS - this.#usedS;
    const search = new LimitSearch({ ...this.#options, guess, budgetS });
    this.#rows.push({ value, search });
    return this.#with(search.begin());
  }

  #after(end: LimitEnd): GridCommand {
    if (this.#rows.length === this.#values.length) return this.#skip(undefined);
    if (end.kind === "so_far") return this.#skip(end.why);
    // A larger value carries no more.
    if (end.kind === "smallest_breaks") return this.#skip("smallest_breaks");
    if (this.#usedS >= this.#options.budgetS) return this.#skip("budget");
    const { wasTooMuch, baseline = [] } = this.#row?.search ?? {};
    if (!wasTooMuch) return this.#beginRow();
    if (baseline.length === 0) return this.#skip("generator");
    const { objectives, pace = USUAL_PACE, from } = this.#options;
    this.#recovery = new Recovery(objectives, pace, baseline);
    this.#setIn = undefined;
    return { kind: "level", level: from, value: this.#row?.value, why: "recovery" };
  }

  #recover(recovery: Recovery, second: Second): GridCommand | undefined {
    if (this.#usedS >= this.#options.budgetS) return this.#skip("budget");
    if (this.#setIn === undefined || second.second <= this.#setIn) return undefined;
    const recovered = recovery.take(second);
    if (!recovered) return undefined;
    this.#recovery = undefined;
    if (recovered.kind === "invalid") return this.#skip("generator");
    return recovered.kind === "not_recovered" ? this.#skip("not_recovered") : this.#beginRow();
  }

  #with(command: Command): GridCommand {
    return command.kind === "level" ? { ...command, value: this.#row?.value } : { kind: "end" };
  }

  #skip(why: LimitSkipped | undefined): GridCommand {
    this.#isOver = true;
    this.#recovery = undefined;
    this.#why = why;
    return { kind: "end" };
  }
}

/**
 * Where the limit may be: on the line through the last two that were found, on a scale of logarithms; from one alone, as
 * much in all. undefined where none was found.
 */
function guessFor(value: number, rows: readonly SearchedRow[]): number | undefined {
  const found = rows.flatMap(({ end, value: at }) =>
    end.kind === "found" && at !== undefined ? [{ value: at, level: end.passing.level }] : [],
  );
  const [before, last] = [found.at(-2), found.at(-1)];
  if (!last) return undefined;
  const slope = before ? Math.log(last.level / before.level) / Math.log(last.value / before.value) : -1;
  return last.level * (value / last.value) ** Math.min(0, slope);
}

/** Neighbours of which the larger value was seen to carry what breaks at the smaller. */
export function risesOf(rows: readonly SearchedRow[]): GridResult["rises"] {
  return rows.flatMap(({ value: to, end }, at) => {
    const before = rows[at - 1];
    const [passing, failing] = [passingSide(end), before && "failing" in before.end && before.end.failing];
    const rises = passing !== undefined && failing && passing.level >= failing.level;
    return rises && to !== undefined && before?.value !== undefined ? [{ from: before.value, to }] : [];
  });
}

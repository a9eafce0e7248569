import type { Looked } from "./look.ts";

/** Different levels at most; looks again at one of them do not count. */
const MOST_LEVELS = 12;
/** The sides are brought nearer than what is asked for: a level beside the limit may come to either verdict. */
const CLOSER = 0.8;
/** So many more looks at a level whose looks do not agree. */
const MORE_LOOKS = 2;
/** A guess is looked at from so near; each step away from it is the square of the one before. */
const BESIDE_GUESS = 1.1;

export interface Range {
  from: number;
  to: number;
  /** 0.05: the sides are 5 % apart at most. */
  precision: number;
  /** Each side is looked at so many times. */
  looks: number;
  /** Where the limit may be. A wrong one costs levels, and changes no answer. */
  guess?: number | undefined;
}

/** What is to be done next. */
export type Next =
  | { kind: "look"; level: number }
  | { kind: "found"; passing: number; failing: number }
  | { kind: "not_reached"; ceiling: number }
  | { kind: "smallest_breaks"; failing: number };

/** All levels that were looked at, and which comes next. Levels are whole numbers. */
export class Levels {
  readonly #range: Range;
  readonly #looks = new Map<number, Looked[]>();

  constructor(range: Range) {
    this.#range = range;
  }

  /** A look that says something of the target. */
  add(level: number, looked: Looked): void {
    this.#looks.set(level, [...this.looksAt(level), looked]);
  }

  looksAt(level: number): readonly Looked[] {
    return this.#looks.get(level) ?? [];
  }

  /** By level. */
  all(): [level: number, looks: readonly Looked[]][] {
    return [...this.#looks].sort(([one], [other]) => one - other);
  }

  /** By most of its looks; in doubt it breaks. undefined where there was none. */
  verdictOf(level: number): "passes" | "breaks" | undefined {
    const looks = this.looksAt(level);
    if (looks.length === 0) return undefined;
    return looks.filter(({ verdict }) => verdict === "passes").length > looks.length / 2
      ? "passes"
      : "breaks";
  }

  /** The smallest level that breaks. */
  get failing(): number | undefined {
    return this.all().find(([level]) => this.verdictOf(level) === "breaks")?.[0];
  }

  /** The largest that passes, below all that break. */
  get passing(): number | undefined {
    const { failing = Number.POSITIVE_INFINITY } = this;
    return this.all()
      .filter(([level]) => level < failing && this.verdictOf(level) === "passes")
      .at(-1)?.[0];
  }

  next(): Next {
    const { from, to } = this.#range;
    const { passing, failing } = this;
    if (failing === from) return this.#again(from) ?? { kind: "smallest_breaks", failing: from };
    if (passing === undefined) return { kind: "look", level: from };
    if (failing !== undefined) return this.#nearGuess(passing, failing) ?? this.#between(passing, failing);
    if (passing >= to) return this.#again(to) ?? { kind: "not_reached", ceiling: to };
    const grown = Math.round(this.#grown(passing));
    return { kind: "look", level: Math.min(to, Math.max(passing + 1, grown)) };
  }

  /** The next level above one that passes. */
  #grown(passing: number): number {
    const { from, guess } = this.#range;
    if (guess === undefined || guess <= from) return passing * growth(this.#range);
    const below = guess / Math.sqrt(BESIDE_GUESS);
    return passing < below * 0.99 ? below : passing * this.#stride();
  }

  /** Down from a guess that was too high; undefined where the sides are about as near as they are from there. */
  #nearGuess(passing: number, failing: number): Next | undefined {
    const { from, guess } = this.#range;
    if (guess === undefined || passing > from || this.#looks.size >= MOST_LEVELS / 2) return undefined;
    const level = Math.round(failing / this.#stride());
    return level > Math.sqrt(passing * failing) ? { kind: "look", level } : undefined;
  }

  /** The level below the guess is the first beside the smallest; then the steps grow. */
  #stride(): number {
    return BESIDE_GUESS ** (2 ** Math.max(0, this.#looks.size - 2));
  }

  #between(passing: number, failing: number): Next {
    const isClose = failing - passing <= 1 || failing / passing <= 1 + CLOSER * this.#range.precision;
    if (!isClose && this.#looks.size < MOST_LEVELS) {
      const middle = Math.round(Math.sqrt(passing * failing));
      return { kind: "look", level: Math.min(failing - 1, Math.max(passing + 1, middle)) };
    }
    return this.#again(passing) ?? this.#again(failing) ?? { kind: "found", passing, failing };
  }

  /** A look more, where there were too few. Looks that do not agree are followed by some more. */
  #again(level: number): Next | undefined {
    const looks = this.looksAt(level);
    const passes = looks.filter(({ verdict }) => verdict === "passes").length;
    const isOfOneMind = passes === 0 || passes === looks.length;
    const wanted = this.#range.looks + (isOfOneMind ? 0 : MORE_LOOKS);
    return looks.length < wanted || passes * 2 === looks.length ? { kind: "look", level } : undefined;
  }
}

/** Doubling; more where the range is so wide that the levels would not be enough. */
export function growth({ from, to, precision }: Omit<Range, "looks">): number {
  for (let factor = 2; factor < 64; factor *= Math.SQRT2) {
    const steps = 1 + Math.ceil(Math.log(to / from) / Math.log(factor) - 1e-9);
    const halves = Math.ceil(Math.log2(Math.log(factor) / Math.log1p(CLOSER * precision)) - 1e-9);
    if (steps + Math.max(0, halves) <= MOST_LEVELS) return factor;
  }
  return 64;
}

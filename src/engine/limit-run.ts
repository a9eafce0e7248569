import type { MostOf } from "../contract/prepare.ts";
import type { LevelKey } from "../insight/causes/watch.ts";
import { type GridCommand, LimitGrid, risesOf, type SearchedRow } from "../limit/grid.ts";
import { QUICK_PACE, USUAL_PACE } from "../limit/pace.ts";
import { shapeOf } from "../limit/shape.ts";
import type { Second } from "../measure/seconds.ts";
import type { Threshold } from "../measure/threshold.ts";
import type { Metric } from "../protocol/description.ts";
import {
  type LimitLook,
  type LimitPart,
  type LimitRequest,
  type LimitResult,
  type LimitRow,
  levelOfPart,
  partsOfLimit,
} from "../protocol/limit.ts";
import { sayLimit, saySearch, sayValue } from "../protocol/limit-words.ts";
import type { RunEvent } from "../protocol/snapshot.ts";
import { type Message, say } from "../text/message.ts";
import { SaidError, saidOf } from "../text/said-error.ts";

/** A step whose level is searched, alone or with others. */
export interface VariedStep {
  name: string;
  /** By level. Returns whether all are reached yet; undefined: at once. Throws where one cannot be set. */
  set(levels: Readonly<Record<string, number>>): (() => boolean) | undefined;
  /** It has done what it was to do. */
  finish(): void;
  metrics: readonly Metric[];
}

export interface LimitRunOptions {
  /** The whole second of the run that it is now. */
  second(): number;
  event(level: RunEvent["level"], what: Message): void;
  /** Something is known that was not: it is worth keeping. */
  changed(): void;
}

/** Drives a search for the largest load in a run: its objectives are what the run would be held to. */
export class LimitRun {
  readonly request: LimitRequest;
  readonly #options: LimitRunOptions;
  readonly #objectives: Threshold[] = [];
  readonly #parts: readonly LimitPart[];
  #search: LimitGrid | undefined;
  /** Those of the parts whose measured part has begun. */
  readonly #steps = new Map<string, VariedStep>();
  /** What of the parts is prepared, and how many thresholds of their own these have. */
  readonly #own = new Map<string, number>();
  #isOver = false;
  /** Of the level that was set last, what is not there yet. */
  #waitsFor: (() => boolean)[] = [];
  /** Up to this second, looks have been told. */
  #toldUntil = 0;
  /** The value of the second number, and how many searches have been told. */
  #value: number | undefined;
  #toldRows = 0;

  constructor(request: LimitRequest, options: LimitRunOptions) {
    this.request = request;
    this.#options = options;
    this.#parts = partsOfLimit(request);
  }

  isOf(step: string): boolean {
    return this.#parts.some((part) => part.step === step);
  }

  /** What one of its steps is set to first, and at most; undefined where it is none of them. */
  edges(step: string): MostOf[] | undefined {
    const part = this.#parts.find((one) => one.step === step);
    const { from, to, and } = this.request;
    if (!part) return undefined;
    const [first, value] = [and?.values[0], and?.values.at(-1)];
    return [
      { of: part.vary, first: levelOfPart(from, part), value: levelOfPart(to, part) },
      ...(and && first !== undefined && value !== undefined ? [{ of: and.vary, first, value }] : []),
    ];
  }

  #level: number | undefined;

  /** Where it is; undefined while it does not search. */
  get place(): LevelKey | undefined {
    return this.#level === undefined ? undefined : placeOf(this.#level, this.#value);
  }

  /** From now on they are objectives, too. */
  hold(thresholds: readonly Threshold[]): void {
    this.#objectives.push(...thresholds);
  }

  /** Throws SaidError where a search of steps with these thresholds of their own could not be made. */
  check(step: string, own: readonly Threshold[]): void {
    this.#own.set(step, own.length);
    const known = [...this.#own.values()].reduce((sum, one) => sum + one, this.#objectives.length);
    if (known > 0 || this.#own.size < this.#parts.length) return;
    throw new SaidError(
      say("a search needs an objective: give a threshold, such as {0}", "round_trip.p95<200ms"),
    );
  }

  /** The step's measured part has begun; with that of the last one, the search begins. */
  begin(step: VariedStep): void {
    this.#steps.set(step.name, step);
    if (this.#search || this.#steps.size < this.#parts.length) return;
    const { from, to, precision, budgetMs, pace, and } = this.request;
    const metrics = [...this.#steps.values()].flatMap((one) => one.metrics);
    const achieved = metrics.find(({ name, kind }) => name === "achieved" && kind === "share");
    const options = {
      ...{ from, to, precision, budgetS: budgetMs / 1_000, objectives: this.#objectives },
      achieved: achieved && {
        ...{ expression: "achieved.rate", metric: achieved, figure: "rate", labels: {} },
        // Of several, all together.
        step: this.#parts.length === 1 ? this.request.step : undefined,
        ...{ unit: "share" as const, comparison: ">=" as const, limit: 0, overMs: undefined },
      },
      pace: pace === "quick" ? QUICK_PACE : USUAL_PACE,
    };
    this.#search = new LimitGrid(options, and?.values);
    this.#obey(this.#search.begin());
  }

  /** A closed second of the run. */
  second(second: Second): void {
    if (this.#waitsFor.length > 0) {
      // What was measured while a level was being reached is of less than it.
      this.#search?.levelIsSet(this.#options.second());
      this.#waitsFor = this.#waitsFor.filter((isReached) => !isReached());
    }
    const command = this.#search?.take(second);
    if (command) this.#obey(command);
  }

  #obey(command: GridCommand): void {
    const search = this.#search;
    if (!search) return;
    this.#level = command.kind === "end" ? undefined : command.level;
    if (command.kind === "end") {
      this.#finish();
      this.#options.changed();
      return;
    }
    try {
      // First down to the smallest level of the search before: at a larger second number, its last one may be too much.
      if (this.#value !== undefined && command.value !== this.#value) this.#set(command.level, this.#value);
      this.#value = command.value;
      this.#waitsFor = this.#set(command.level, command.value);
      search.levelIsSet(this.#options.second());
      this.#tell(command);
    } catch (error) {
      this.#options.event("error", say("the search ends: {0}", saidOf(error)));
      search.stop("not_set");
      this.#finish();
    }
    this.#options.changed();
  }

  /** Returns what is not there yet. */
  #set(level: number, value: number | undefined): (() => boolean)[] {
    const { and } = this.request;
    return this.#parts.flatMap((part) => {
      const second = and && value !== undefined ? { [and.vary]: value } : {};
      const levels = { [part.vary]: levelOfPart(level, part), ...second };
      return this.#steps.get(part.step)?.set(levels) ?? [];
    });
  }

  #finish(): void {
    for (const step of this.#steps.values()) step.finish();
  }

  #tell({ level, value, why }: Extract<GridCommand, { kind: "level" }>): void {
    const before = this.#lastLook();
    if (before !== undefined && before.until > this.#toldUntil) this.#options.event("info", before.said);
    this.#toldUntil = before?.until ?? this.#toldUntil;
    this.#tellRow(value);
    const now =
      why === "look" ? say("search: looking at {0}", level) : say("search: recovering at {0}", level);
    this.#options.event("info", now);
  }

  /** With each search of a grid: what the one before has come to, and which it is. */
  #tellRow(value: number | undefined): void {
    const { and, vary, to } = this.request;
    const rows = this.#search?.rows ?? [];
    if (!and || value === undefined || rows.length === this.#toldRows) return;
    this.#toldRows = rows.length;
    const [over] = rows.slice(-2, -1);
    if (over?.value !== undefined)
      this.#options.event(
        "info",
        say("search at {0}: {1}", sayValue(and.vary, over.value), saySearch({ vary, to, end: over.end })),
      );
    this.#options.event("info", say("search: {0} from now on", sayValue(and.vary, value)));
  }

  /** What the newest look came to. */
  #lastLook(): { said: Message; until: number } | undefined {
    const levels = (this.#search?.rows ?? []).flatMap((row) => row.levels);
    const looks = levels.flatMap(({ level, looks: all }) => all.map((look) => ({ level, look })));
    const newest = looks.sort((one, other) => one.look.until - other.look.until).at(-1);
    if (!newest) return undefined;
    const { level, look } = newest;
    return { said: sayLook(level, look.verdict), until: look.until };
  }

  /** A step of it has ended, by the search or by itself: the others have nothing more to do. */
  stepOver(stopped: boolean): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#search?.stop(stopped ? "stopped" : "step_over");
    this.#finish();
    const { result } = this;
    if (result) this.#options.event("info", sayLimit(result));
  }

  /** As it stands; undefined before the search has begun. */
  get result(): LimitResult | undefined {
    const search = this.#search;
    const rows = search?.rows ?? [];
    const last = rows.at(-1);
    if (!search || !last) return undefined;
    const { vary, step, parts, from, to, precision, and } = this.request;
    const asked = { vary, step, ...(parts ? { parts } : {}), from, to, precision };
    const { end, levels } = last;
    const grid = and && { vary: and.vary, rows: rows.map(rowOf), ...search.skipped, rises: risesOf(rows) };
    return { ...asked, end, levels, ...shapeOf(levels), ...(grid ? { grid } : {}) };
  }
}

/** What tells the seconds of a level apart from those of the same level in another search of the run. */
export function placeOf(level: number, value: number | undefined): LevelKey {
  return value === undefined ? level : `${level} at ${value}`;
}

function rowOf({ value = 0, end, levels }: SearchedRow): LimitRow {
  return { value, end, levels, ...shapeOf(levels) };
}

function sayLook(level: number, verdict: LimitLook["verdict"]): Message {
  if (verdict === "passes") return say("search: {0} passes", level);
  if (verdict === "breaks") return say("search: {0} breaks", level);
  return say("search: {0} says nothing of the deployment", level);
}

import { QUICK_PACE, USUAL_PACE } from "../limit/pace.ts";
import { type Command, LimitSearch } from "../limit/search.ts";
import { shapeOf } from "../limit/shape.ts";
import type { Second } from "../measure/seconds.ts";
import type { Threshold } from "../measure/threshold.ts";
import type { Metric } from "../protocol/description.ts";
import {
  type LimitLook,
  type LimitPart,
  type LimitRequest,
  type LimitResult,
  levelOfPart,
  partsOfLimit,
} from "../protocol/limit.ts";
import { sayLimit } from "../protocol/limit-words.ts";
import type { RunEvent } from "../protocol/snapshot.ts";
import { type Message, say } from "../text/message.ts";
import { SaidError, saidOf } from "../text/said-error.ts";

/** A step whose level is searched, alone or with others. */
export interface VariedStep {
  name: string;
  /** Returns whether the level is reached yet; undefined: at once. Throws where it cannot be set. */
  set(of: string, value: number): (() => boolean) | undefined;
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
  #search: LimitSearch | undefined;
  /** Those of the parts whose measured part has begun. */
  readonly #steps = new Map<string, VariedStep>();
  /** What of the parts is prepared, and how many thresholds of their own these have. */
  readonly #own = new Map<string, number>();
  #isOver = false;
  /** Of the level that was set last, what is not there yet. */
  #waitsFor: (() => boolean)[] = [];
  /** Up to this second, looks have been told. */
  #toldUntil = 0;

  constructor(request: LimitRequest, options: LimitRunOptions) {
    this.request = request;
    this.#options = options;
    this.#parts = partsOfLimit(request);
  }

  isOf(step: string): boolean {
    return this.#parts.some((part) => part.step === step);
  }

  /** What one of its steps is set to first, and at most. */
  edges(step: string): { of: string; first: number; value: number } | undefined {
    const part = this.#parts.find((one) => one.step === step);
    const { from, to } = this.request;
    return part && { of: part.vary, first: levelOfPart(from, part), value: levelOfPart(to, part) };
  }

  /** That it is at; undefined while it does not search. */
  level: number | undefined;

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
    const { from, to, precision, budgetMs, pace } = this.request;
    const metrics = [...this.#steps.values()].flatMap((one) => one.metrics);
    const achieved = metrics.find(({ name, kind }) => name === "achieved" && kind === "share");
    this.#search = new LimitSearch({
      ...{ from, to, precision, budgetS: budgetMs / 1_000, objectives: this.#objectives },
      achieved: achieved && {
        ...{ expression: "achieved.rate", metric: achieved, figure: "rate", labels: {} },
        // Of several, all together.
        step: this.#parts.length === 1 ? this.request.step : undefined,
        ...{ unit: "share", comparison: ">=", limit: 0, overMs: undefined },
      },
      pace: pace === "quick" ? QUICK_PACE : USUAL_PACE,
    });
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

  #obey(command: Command): void {
    const search = this.#search;
    if (!search) return;
    this.level = command.kind === "end" ? undefined : command.level;
    if (command.kind === "end") {
      this.#finish();
      this.#options.changed();
      return;
    }
    try {
      this.#waitsFor = this.#parts.flatMap(
        (part) => this.#steps.get(part.step)?.set(part.vary, levelOfPart(command.level, part)) ?? [],
      );
      search.levelIsSet(this.#options.second());
      this.#tell(command);
    } catch (error) {
      this.#options.event("error", say("the search ends: {0}", saidOf(error)));
      search.stop("not_set");
      this.#finish();
    }
    this.#options.changed();
  }

  #finish(): void {
    for (const step of this.#steps.values()) step.finish();
  }

  #tell({ level, why }: Extract<Command, { kind: "level" }>): void {
    const before = this.#lastLook();
    if (before !== undefined && before.until > this.#toldUntil) this.#options.event("info", before.said);
    this.#toldUntil = before?.until ?? 0;
    const now =
      why === "look" ? say("search: looking at {0}", level) : say("search: recovering at {0}", level);
    this.#options.event("info", now);
  }

  /** What the newest look came to. */
  #lastLook(): { said: Message; until: number } | undefined {
    const looks = (this.#search?.levels ?? []).flatMap(({ level, looks: all }) =>
      all.map((look) => ({ level, look })),
    );
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
    if (!search) return undefined;
    const { vary, step, parts, from, to, precision } = this.request;
    const end = search.end ?? search.soFar("running");
    const { levels } = search;
    const asked = { vary, step, ...(parts ? { parts } : {}), from, to, precision };
    return { ...asked, end, levels, ...shapeOf(levels) };
  }
}

function sayLook(level: number, verdict: LimitLook["verdict"]): Message {
  if (verdict === "passes") return say("search: {0} passes", level);
  if (verdict === "breaks") return say("search: {0} breaks", level);
  return say("search: {0} says nothing of the deployment", level);
}

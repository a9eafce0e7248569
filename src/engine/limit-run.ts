import { QUICK_PACE, USUAL_PACE } from "../limit/pace.ts";
import { type Command, LimitSearch } from "../limit/search.ts";
import type { Second } from "../measure/seconds.ts";
import type { Threshold } from "../measure/threshold.ts";
import type { Metric } from "../protocol/description.ts";
import type { LimitLook, LimitRequest, LimitResult } from "../protocol/limit.ts";
import { sayLimit } from "../protocol/limit-words.ts";
import type { RunEvent } from "../protocol/snapshot.ts";
import { type Message, say } from "../text/message.ts";
import { SaidError, saidOf } from "../text/said-error.ts";

/** The step whose level is searched. */
export interface VariedStep {
  /** Throws where the level cannot be set. */
  set(value: number): void;
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
  #search: LimitSearch | undefined;
  #step: VariedStep | undefined;
  /** Up to this second, looks have been told. */
  #toldUntil = 0;

  constructor(request: LimitRequest, options: LimitRunOptions) {
    this.request = request;
    this.#options = options;
  }

  isOf(step: string): boolean {
    return this.request.step === step;
  }

  /** That it is at; undefined while it does not search. */
  level: number | undefined;

  /** From now on they are objectives, too. */
  hold(thresholds: readonly Threshold[]): void {
    this.#objectives.push(...thresholds);
  }

  /** Throws SaidError where a step with these thresholds of its own could not be searched. */
  check(own: readonly Threshold[]): void {
    if (this.#objectives.length + own.length > 0) return;
    throw new SaidError(
      say("a search needs an objective: give a threshold, such as {0}", "round_trip.p95<200ms"),
    );
  }

  /** The step's measured part has begun. */
  begin(step: VariedStep): void {
    if (this.#search) return;
    const { from, to, precision, budgetMs, pace } = this.request;
    const achieved = step.metrics.find(({ name, kind }) => name === "achieved" && kind === "share");
    this.#step = step;
    this.#search = new LimitSearch({
      ...{ from, to, precision, budgetS: budgetMs / 1_000, objectives: this.#objectives },
      achieved: achieved && {
        ...{
          expression: "achieved.rate",
          metric: achieved,
          figure: "rate",
          labels: {},
          step: this.request.step,
        },
        ...{ unit: "share", comparison: ">=", limit: 0, overMs: undefined },
      },
      pace: pace === "quick" ? QUICK_PACE : USUAL_PACE,
    });
    this.#obey(this.#search.begin());
  }

  /** A closed second of the run. */
  second(second: Second): void {
    const command = this.#search?.take(second);
    if (command) this.#obey(command);
  }

  #obey(command: Command): void {
    const [search, step] = [this.#search, this.#step];
    if (!search || !step) return;
    this.level = command.kind === "end" ? undefined : command.level;
    if (command.kind === "end") {
      step.finish();
      this.#options.changed();
      return;
    }
    try {
      step.set(command.level);
      search.levelIsSet(this.#options.second());
      this.#tell(command);
    } catch (error) {
      this.#options.event("error", say("the search ends: {0}", saidOf(error)));
      search.stop("not_set");
      step.finish();
    }
    this.#options.changed();
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

  /** The step has ended, by the search or by itself. */
  stepOver(stopped: boolean): void {
    this.#search?.stop(stopped ? "stopped" : "step_over");
    const { result } = this;
    if (result) this.#options.event("info", sayLimit(result));
  }

  /** As it stands; undefined before the search has begun. */
  get result(): LimitResult | undefined {
    const search = this.#search;
    if (!search) return undefined;
    const { vary, step, from, to, precision } = this.request;
    const end = search.end ?? search.soFar("running");
    return { vary, step, from, to, precision, end, levels: search.levels };
  }
}

function sayLook(level: number, verdict: LimitLook["verdict"]): Message {
  if (verdict === "passes") return say("search: {0} passes", level);
  if (verdict === "breaks") return say("search: {0} breaks", level);
  return say("search: {0} says nothing of the deployment", level);
}

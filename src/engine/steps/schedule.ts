import type { Begin } from "../../protocol/step-request.ts";
import { say } from "../../text/message.ts";
import { SaidError } from "../../text/said-error.ts";
import { runsFor, type Standstill } from "../time.ts";

/** A step, as far as its time is concerned. */
export interface Timed {
  readonly name: string;
  /** Absent: it follows the step above it; the first begins at once. */
  readonly begin?: Begin | undefined;
}

/** How it went with a step, for those that go by it. */
class Course {
  readonly begun = later<boolean>();
  readonly holding = later<boolean>();
  readonly ended = later<boolean>();
}

/** What a step gets when its time has come. */
export type Turn = "begin" | "skip";

/** Says when each step begins. Times are of the run's clock, which stands still with `rest`. */
export class Schedule {
  readonly #steps: readonly Timed[];
  readonly #courses = new Map<string, Course>();
  readonly #rest: Standstill;
  readonly #signal: AbortSignal;

  /** Throws with one sentence where steps have the same name, wait for each other, or for one that is not there. */
  constructor(steps: readonly Timed[], { rest, signal }: { rest: Standstill; signal: AbortSignal }) {
    checkOrder(steps);
    this.#steps = steps;
    this.#rest = rest;
    this.#signal = signal;
    for (const { name } of steps) this.#courses.set(name, new Course());
  }

  /** Resolves when the step's time has come, or when it is known that it will not come. */
  async turn(name: string): Promise<Turn> {
    const hasCome = await this.#comes(beginOf(this.#steps, name));
    const turn = hasCome && !this.#signal.aborted ? "begin" : "skip";
    this.#course(name).begun.resolve(turn === "begin");
    return turn;
  }

  async #comes(begin: Begin | undefined): Promise<boolean> {
    switch (begin?.kind) {
      case undefined:
        return true;
      case "after":
        return this.#course(begin.step).ended.promise;
      case "with":
        return this.#course(begin.step).begun.promise;
      case "at":
        return this.#passes(begin.ms);
      case "hold":
        return (await this.#course(begin.step).holding.promise) && (await this.#passes(begin.ms));
    }
  }

  /** Resolves with false where the run ends before. */
  #passes(ms: number): Promise<boolean> {
    return runsFor(ms, this.#rest, this.#signal).then(
      () => true,
      () => false,
    );
  }

  /** The measured part of a step has begun. Harmless to repeat. */
  holds(name: string): void {
    this.#course(name).holding.resolve(true);
  }

  /** `hasRun`: false where it was skipped or refused, so that nothing follows it. */
  ended(name: string, hasRun: boolean): void {
    const course = this.#course(name);
    course.begun.resolve(false);
    course.holding.resolve(false);
    course.ended.resolve(hasRun);
  }

  /** Resolves when the step that this one goes along with has ended; undefined for others. */
  endsWith(name: string): Promise<unknown> | undefined {
    const begin = beginOf(this.#steps, name);
    return begin?.kind === "with" ? this.#course(begin.step).ended.promise : undefined;
  }

  #course(name: string): Course {
    const course = this.#courses.get(name);
    if (!course) throw new Error(`there is no step "${name}"`);
    return course;
  }
}

/** When a step begins: without a word of its own, after the one above it. */
function beginOf(steps: readonly Timed[], name: string): Begin | undefined {
  const at = steps.findIndex((step) => step.name === name);
  const above = steps[at - 1];
  return steps[at]?.begin ?? (above && { kind: "after", step: above.name });
}

/** Throws with one sentence where steps cannot all have their turn. */
export function checkOrder(steps: readonly Timed[]): void {
  const names = steps.map(({ name }) => name);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined)
    throw new SaidError(say('two steps have the name "{0}"; give each its own', twice));
  for (const { name } of steps) {
    const path = [name];
    for (;;) {
      const begin = beginOf(steps, path.at(-1) ?? name);
      if (!begin || begin.kind === "at") break;
      if (!names.includes(begin.step))
        throw new SaidError(
          say('step "{0}" refers to step "{1}", which does not exist', path.at(-1) ?? "", begin.step),
        );
      if (path.includes(begin.step))
        throw new SaidError(say("steps wait for each other: {0}", [...path, begin.step].join(" → ")));
      path.push(begin.step);
    }
  }
}

/** Something that is known later; once known, it stays. */
function later<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

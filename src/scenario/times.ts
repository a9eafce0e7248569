import { profileField } from "./kinds.ts";
import type { Step } from "./model.ts";
import { goesBy } from "./order.ts";

/** A time of the plan: so long after the run's begin, or after the end of a step whose length nobody knows. */
export interface Moment {
  after: string | undefined;
  ms: number;
}

/** When a step is at what, as far as the file says it. */
export interface Times {
  begin: Moment;
  rampMs: number;
  warmUpMs: number;
  /** undefined: as long as its work takes. */
  holdMs: number | undefined;
  end: Moment;
}

/** By name; without those that wait for each other. */
export function timesOf(steps: readonly Step[]): Map<string, Times> {
  const found = new Map<string, Times>();
  const places = new Map(steps.map(({ name }, at) => [name, at]));
  const find = (at: number, path: readonly number[]): Times | undefined => {
    const step = steps[at];
    if (!step || path.includes(at)) return undefined;
    const known = found.get(step.name);
    if (known) return known;
    const by = goesBy(steps, at);
    const host = by === undefined ? undefined : find(places.get(by) ?? -1, [...path, at]);
    if (by !== undefined && !host) return undefined;
    const times = timesOfStep(step, host);
    found.set(step.name, times);
    return times;
  };
  for (const at of steps.keys()) find(at, []);
  return found;
}

function timesOfStep(step: Step, host: Times | undefined): Times {
  const begin = beginOf(step, host);
  const { rampMs, warmUpMs, holdMs } = lengthOf(step);
  const own = holdMs === undefined ? undefined : later(begin, rampMs + warmUpMs + holdMs);
  const end = (step.begin?.kind === "with" ? host?.end : undefined) ?? own ?? { after: step.name, ms: 0 };
  return { begin, rampMs, warmUpMs, holdMs, end };
}

function beginOf({ begin }: Step, host: Times | undefined): Moment {
  const start: Moment = { after: undefined, ms: 0 };
  if (begin?.kind === "at") return { after: undefined, ms: begin.ms };
  if (!host) return start;
  switch (begin?.kind) {
    case "with":
      return host.begin;
    case "hold":
      return later(host.begin, host.rampMs + host.warmUpMs + begin.ms);
    default:
      return host.end;
  }
}

function lengthOf({
  workload,
  config,
  checked,
  stages,
}: Step): Pick<Times, "rampMs" | "warmUpMs" | "holdMs"> {
  const of = (part: "ramp" | "warm_up" | "hold") => {
    const key = profileField(workload, part)?.key;
    const value = key === undefined ? undefined : (checked?.config[key] ?? config[key]);
    return typeof value === "number" ? value : undefined;
  };
  const staged = stages.length > 0 ? stages.reduce((sum, { forMs }) => sum + forMs, 0) : undefined;
  return { rampMs: of("ramp") ?? 0, warmUpMs: of("warm_up") ?? 0, holdMs: staged ?? of("hold") };
}

function later({ after, ms }: Moment, more: number): Moment {
  return { after, ms: ms + more };
}

/** Which steps may be at work at the same time: all of which the file does not say otherwise. */
export class Overlaps {
  readonly #steps: readonly Step[];
  readonly #times: ReadonlyMap<string, Times>;
  readonly #places: ReadonlyMap<string, number>;
  /** Of each step, those that have ended before it begins; asked for often. */
  readonly #before = new Map<string, ReadonlySet<string>>();

  constructor(steps: readonly Step[]) {
    this.#steps = steps;
    this.#times = timesOf(steps);
    this.#places = new Map(steps.map(({ name }, at) => [name, at]));
  }

  /** False for steps that never run. */
  between(one: Step, other: Step): boolean {
    const [a, b] = [this.#times.get(one.name), this.#times.get(other.name)];
    if (!a || !b || one === other) return false;
    const isApart =
      this.#endedBefore(other.name).has(one.name) || this.#endedBefore(one.name).has(other.name);
    return !isApart && !areApart(a, b);
  }

  /** Whether a step has begun at the latest when the other does; false where the file does not say it. */
  beginsWithOrBefore(one: Step, other: Step): boolean {
    const [a, b] = [this.#times.get(one.name), this.#times.get(other.name)];
    if (!a || !b || one === other) return false;
    if (this.#endedBefore(other.name).has(one.name)) return true;
    return a.begin.after === b.begin.after && a.begin.ms <= b.begin.ms;
  }

  /** Steps that may all be at work at the same time, this one among them, in the order of the file. */
  around(step: Step): Step[] {
    const together = new Set([step]);
    for (const one of this.#steps)
      if ([...together].every((other) => this.between(one, other))) together.add(one);
    return this.#steps.filter((one) => together.has(one));
  }

  /** By who waits for whom. Of a step that does run: it waits for no circle. */
  #endedBefore(name: string): ReadonlySet<string> {
    const known = this.#before.get(name);
    if (known) return known;
    const at = this.#places.get(name) ?? -1;
    const by = goesBy(this.#steps, at);
    const before = new Set(by === undefined ? [] : this.#endedBefore(by));
    const kind = this.#steps[at]?.begin?.kind ?? "after";
    if (by !== undefined && kind === "after") for (const one of this.#endingBy(by)) before.add(one);
    this.#before.set(name, before);
    return before;
  }

  /** A step, and those that go along with it: they have ended when it has. */
  #endingBy(name: string): string[] {
    const along = this.#steps.filter(({ begin }) => begin?.kind === "with" && begin.step === name);
    return [name, ...along.flatMap((one) => this.#endingBy(one.name))];
  }
}

/** By the clock, where both count from the same moment. */
function areApart(a: Times, b: Times): boolean {
  const precedes = (end: Moment, begin: Moment) => end.after === begin.after && end.ms <= begin.ms;
  return precedes(a.end, b.begin) || precedes(b.end, a.begin);
}

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
  // Each pass finds those that go by one that is found.
  for (let before = -1; before < found.size; ) {
    before = found.size;
    for (const [at, step] of steps.entries()) {
      if (found.has(step.name)) continue;
      const times = timesOfStep(step, goesBy(steps, at), found);
      if (times) found.set(step.name, times);
    }
  }
  return found;
}

function timesOfStep(
  step: Step,
  by: string | undefined,
  found: ReadonlyMap<string, Times>,
): Times | undefined {
  const host = by === undefined ? undefined : found.get(by);
  if (by !== undefined && !host) return undefined;
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

  constructor(steps: readonly Step[]) {
    this.#steps = steps;
    this.#times = timesOf(steps);
  }

  /** False for steps that never run. */
  between(one: Step, other: Step): boolean {
    const [a, b] = [this.#times.get(one.name), this.#times.get(other.name)];
    if (!a || !b || one === other) return false;
    return !this.#isBefore(one.name, other.name) && !this.#isBefore(other.name, one.name) && !areApart(a, b);
  }

  /** Steps that may all be at work at the same time, this one among them, in the order of the file. */
  around(step: Step): Step[] {
    const together = [step];
    for (const one of this.#steps)
      if (together.every((other) => this.between(one, other))) together.push(one);
    return this.#steps.filter((one) => together.includes(one));
  }

  /** Whether one has ended before the other begins, by who waits for whom. */
  #isBefore(name: string, other: string): boolean {
    const at = this.#steps.findIndex((step) => step.name === other);
    const by = goesBy(this.#steps, at);
    if (by === undefined) return false;
    const kind = this.#steps[at]?.begin?.kind ?? "after";
    return kind === "after" ? this.#endsBy(name, by) : this.#isBefore(name, by);
  }

  /** Whether one has ended when the other has. */
  #endsBy(name: string, other: string): boolean {
    if (name === other) return true;
    const begin = this.#steps.find((step) => step.name === name)?.begin;
    return (begin?.kind === "with" && this.#endsBy(begin.step, other)) || this.#isBefore(name, other);
  }
}

/** By the clock, where both count from the same moment. */
function areApart(a: Times, b: Times): boolean {
  const precedes = (end: Moment, begin: Moment) => end.after === begin.after && end.ms <= begin.ms;
  return precedes(a.end, b.begin) || precedes(b.end, a.begin);
}

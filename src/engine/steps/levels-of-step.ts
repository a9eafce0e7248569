import type { Demand } from "../../contract/demand.ts";
import type { LevelPlan, Plan } from "../../contract/plan.ts";
import type { Level } from "../../protocol/snapshot.ts";
import type { Profile } from "../../protocol/step-request.ts";
import { type Message, say } from "../../text/message.ts";
import { SaidError, saidOf } from "../../text/said-error.ts";
import type { Admission } from "../admission.ts";
import type { LimitRun } from "../limit-run.ts";
import type { RunLog } from "../record/run-log.ts";
import type { Standstill } from "../time.ts";
import { runLevelCourse } from "./level-course.ts";
import type { JobQueue } from "./stages.ts";

type WantedLevel = readonly [of: string, value: number];

export interface LevelParts {
  /** The step's name. */
  step: string;
  profile: Profile | undefined;
  /** The search by one of these levels. */
  limit: LimitRun | undefined;
  /** What the step asks of the deployment, whatever its levels are. */
  demand: Demand | undefined;
  admission: Admission;
  log: RunLog;
  rest: Standstill;
}

/** What of a step can be set while it is at work, and who sets it: a person, its profile, or a search. */
export class StepLevels {
  readonly #parts: LevelParts;
  #all: readonly LevelPlan[] | undefined;
  #endProfile: (() => void) | undefined;

  constructor(parts: LevelParts) {
    this.#parts = parts;
  }

  /** The step is at work. A load has levels of its own; of other steps, it is how many jobs are under way. */
  begin(plan: Plan, queue: JobQueue): void {
    const concurrency: LevelPlan = {
      of: "concurrency",
      label: say("at a time"),
      now: () => queue.concurrency,
      demand: () => this.#parts.demand ?? {},
      set: (value) => queue.setConcurrency(value),
    };
    this.#all = plan.load || plan.levels ? (plan.levels ?? []) : [concurrency];
  }

  /** From now on nothing can be set. Harmless to repeat. */
  end(): void {
    this.#endProfile?.();
    this.#all = undefined;
  }

  /** As they are now. */
  list(): Level[] {
    return (this.#all ?? []).map(({ of, label, now, max }) => ({
      of,
      label,
      now: now(),
      ...(max === undefined ? {} : { max }),
    }));
  }

  /** The step's profile begins. Harmless to repeat. */
  hold(): void {
    const { profile, rest, log, step } = this.#parts;
    const levels = this.#all;
    if (!profile || !levels || this.#endProfile) return;
    const of = profile.level ?? levels[0]?.of ?? "";
    const from = profile.from ?? levels.find((level) => level.of === of)?.now() ?? 0;
    // What it sets first may end the step.
    this.#endProfile = () => undefined;
    this.#endProfile = runLevelCourse({
      ...{ from, stages: profile.stages, rest },
      set: (value) => this.#set(of, value),
      failed: (error) => log.event("error", say('step "{0}" keeps its level: {1}', step, saidOf(error))),
    });
  }

  /**
   * Does so much from now on, as a person asks. Answers with one sentence. Throws Refusal where that is above a ceiling,
   * and an Error with one sentence where it cannot be set.
   */
  setLevel(of: string, value: number): Message {
    const { limit, step, log } = this.#parts;
    if (limit) throw new SaidError(say('the levels of step "{0}" are set by the search', step));
    const level = this.#set(of, value);
    const sentence = say('step "{0}": {1} {2} from now on', step, value, level.label);
    log.event("info", sentence);
    return sentence;
  }

  /**
   * Sets several in the order in which the step has them: a rate of all connections is of those that there are then. Returns
   * whether all are reached; undefined: at once. Throws as setLevel does.
   */
  setAll(wanted: readonly WantedLevel[]): (() => boolean) | undefined {
    const order = (this.#all ?? []).map(({ of }) => of);
    const sorted = wanted.toSorted(([one], [other]) => order.indexOf(one) - order.indexOf(other));
    const slow = sorted.map(([of, value]) => this.#set(of, value)).filter((level) => level.isReached);
    return slow.length > 0 ? () => slow.every((level) => level.isReached?.() ?? true) : undefined;
  }

  #set(of: string, value: number): LevelPlan {
    const { step, admission } = this.#parts;
    if (!this.#all) throw new SaidError(say('step "{0}" is not at work', step));
    const level = this.#all.find((one) => one.of === of);
    if (!level) {
      const names = this.#all.map((one) => one.of).join(", ");
      throw new SaidError(
        names === ""
          ? say('nothing of step "{0}" can be set while it runs', step)
          : say('step "{0}" has no level "{1}": it has {2}', step, of, names),
      );
    }
    if (level.max !== undefined && value > level.max)
      throw new SaidError(say('{0} of step "{1}" can be {2} at most', of, step, level.max));
    admission.claim(step, level.demand(value));
    level.set(value);
    return level;
  }
}

import type { RunData } from "../compare/data.ts";
import { type ComparedStep, compareData, type Earlier } from "../compare/judge.ts";
import { dataOf, takeSecond, windowsFor } from "../compare/read.ts";
import type { StepWindows } from "../compare/windows.ts";
import type { Second } from "../measure/seconds.ts";
import type { Baseline } from "../protocol/baseline.ts";
import type { RunResult } from "../protocol/result.ts";

/** What a run is compared with at its end. */
export interface BaselineInput {
  /** As somebody named it. */
  asked: string;
  /** The run's steps, with what can be compared of them. */
  steps: readonly ComparedStep[];
  /** Rejects with one sentence where it cannot be read. */
  load(): Promise<Earlier>;
}

/**
 * Gathers what a run measures for its comparison with an earlier one. The runner compares, not who watches it: a run that
 * was left to itself is judged as well.
 */
export class BaselineWatch {
  readonly #input: BaselineInput;
  readonly #windows: ReadonlyMap<string, StepWindows>;
  #earlier: Earlier | undefined;
  baseline: Baseline | undefined;

  constructor(input: BaselineInput) {
    this.#input = input;
    this.#windows = windowsFor(input.steps);
  }

  /** Before the load begins, so that reading takes nothing from it. Rejects with one sentence. */
  async load(): Promise<void> {
    this.#earlier = await this.#input.load();
  }

  second(second: Second): void {
    takeSecond(this.#windows, second);
  }

  /** `result`: what the run has come to; its verdict is not looked at. */
  judge(result: RunResult): Baseline | undefined {
    if (!this.#earlier) return undefined;
    const { steps, asked } = this.#input;
    const now: RunData = dataOf(result, { name: steps[0]?.name ?? "", windows: this.#windows });
    this.baseline = { asked, ...compareData(now, this.#earlier, steps) };
    return this.baseline;
  }
}

import type { Known } from "../../insight/causes/watch.ts";
import type { Answer } from "../../protocol/answer.ts";
import type { Baseline } from "../../protocol/baseline.ts";
import { type Bottlenecks, bottleneckOfLimit } from "../../protocol/bottlenecks.ts";
import type { Description } from "../../protocol/description.ts";
import { failingSide, type LimitGrid, type LimitResult } from "../../protocol/limit.ts";
import type { ServerError } from "../../protocol/server-error.ts";
import type { Outcome, RunState } from "../../protocol/snapshot.ts";
import { english, type Message, say } from "../../text/message.ts";
import { placeOf } from "../limit-run.ts";
import type { Measuring } from "../measuring/measuring.ts";
import type { StepRun } from "../steps/step.ts";
import { answerOf } from "./answer.ts";
import type { Facts } from "./facts.ts";

interface Of {
  measuring: Measuring;
  steps: readonly StepRun[];
  limit: LimitResult | undefined;
  baseline: Baseline | undefined;
  /** What coderd has logged meanwhile. */
  errors: ServerError[] | undefined;
}

interface Told {
  limit: LimitResult | undefined;
  baseline: Baseline | undefined;
  bottlenecks: Bottlenecks | undefined;
  answer: Answer;
}

function isTest({ load, metrics }: Description): boolean {
  return load !== undefined || metrics.some(({ name }) => name === "ready");
}

/** At the end it is the verdict; before, too few seconds may count so far. */
function invalidOf(steps: readonly StepRun[], outcome: Outcome | null): Message | undefined {
  if (outcome) return outcome.verdict === "invalid" ? outcome.summary : undefined;
  const validity = steps.map(({ measuring }) => measuring.measurements.validity).find(({ tooFew }) => tooFew);
  return validity && say("only {0} of {1} measured seconds count", validity.valid, validity.measured);
}

/** What a run says of what breaks first: of all of it, and of the level at which a search for its limit ends. */
export class BreaksFirst {
  readonly #of: () => Of;

  constructor(of: () => Of) {
    this.#of = of;
  }

  /** No bottlenecks where nobody looks at the deployment, and nothing asks for a cause. `outcome`: null before the end. */
  told(state: RunState, outcome: Outcome | null): Told {
    const { measuring, baseline } = this.#of();
    const limit = this.#ofLimit(this.#of().limit);
    const bottlenecks = this.#withErrors(measuring.bottlenecks(this.#failures));
    const answer = answerOf({ state, outcome, limit, baseline, bottlenecks, ...this.#facts(outcome) });
    return { limit, baseline, bottlenecks, answer };
  }

  #withErrors(bottlenecks: Bottlenecks | undefined): Bottlenecks | undefined {
    const { errors } = this.#of();
    return bottlenecks && errors ? { ...bottlenecks, errors } : bottlenecks;
  }

  #facts(outcome: Outcome | null): Omit<Facts, keyof Told | "state" | "outcome"> {
    const { measuring, steps } = this.#of();
    const boards = steps.map(({ board }) => board);
    const sum = (state: "total" | "succeeded" | "failed") =>
      boards.reduce((all, { counts }) => all + counts[state], 0);
    const thresholds = measuring.thresholds(outcome !== null);
    const failures = boards.flatMap(({ firstFailure }) => firstFailure ?? []);
    return {
      thresholds,
      jobs: { total: sum("total"), succeeded: sum("succeeded"), failed: sum("failed") },
      isTest: steps.some(({ measuring: { measurements } }) => isTest(measurements.description)),
      // A search is to break something.
      allowsFailures:
        this.#of().limit !== undefined || thresholds.some(({ figure }) => figure?.metric === "failures"),
      firstFailure: failures.sort((one, other) => one.atMs - other.atMs)[0],
      load: measuring.load,
      invalid: invalidOf(steps, outcome),
      hasServer: measuring.hasServer,
    };
  }

  /** What a search has come to, with what breaks first at the smallest level that breaks. */
  #ofLimit(limit: LimitResult | undefined): LimitResult | undefined {
    if (!limit) return undefined;
    const { grid } = limit;
    const value = grid?.rows.at(-1)?.value;
    return { ...limit, ...this.#ofSearch(limit, value), ...(grid ? { grid: this.#ofGrid(grid) } : {}) };
  }

  #ofGrid(grid: LimitGrid): LimitGrid {
    return { ...grid, rows: grid.rows.map((row) => ({ ...row, ...this.#ofSearch(row, row.value) })) };
  }

  #ofSearch(search: Pick<LimitResult, "end">, value: number | undefined): Pick<LimitResult, "bottleneck"> {
    const side = failingSide(search);
    if (!side) return {};
    const { level, metric } = side;
    const causes = this.#of().measuring.bottlenecks(this.#failures, { level: placeOf(level, value), metric });
    return causes ? { bottleneck: bottleneckOfLimit(level, causes) } : {};
  }

  get #failures(): Known["failures"] {
    return this.#of().steps.flatMap(({ board: { causes } }) =>
      causes.list(20).map((one) => {
        const { id, cause, count } = one;
        return { id, text: english(cause), count, seconds: causes.secondsOf(one) };
      }),
    );
  }
}

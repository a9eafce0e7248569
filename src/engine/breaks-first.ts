import type { Known } from "../insight/causes/watch.ts";
import { type Bottlenecks, bottleneckOfLimit } from "../protocol/bottlenecks.ts";
import { failingSide, type LimitResult } from "../protocol/limit.ts";
import { english } from "../text/message.ts";
import type { Measuring } from "./measuring.ts";
import type { StepRun } from "./step.ts";

/** What a run says of what breaks first: of all of it, and of the level at which a search for its limit ends. */
export class BreaksFirst {
  readonly #of: () => { measuring: Measuring; steps: readonly StepRun[] };

  constructor(of: () => { measuring: Measuring; steps: readonly StepRun[] }) {
    this.#of = of;
  }

  /** No bottlenecks where nobody looks at the deployment, and nothing asks for a cause. */
  told(limit: LimitResult | undefined): { limit: typeof limit; bottlenecks: Bottlenecks | undefined } {
    return { limit: this.#ofLimit(limit), bottlenecks: this.#of().measuring.bottlenecks(this.#failures) };
  }

  /** What a search has come to, with what breaks first at the smallest level that breaks. */
  #ofLimit(limit: LimitResult | undefined): LimitResult | undefined {
    const side = limit && failingSide(limit);
    if (!limit || !side) return limit;
    const causes = this.#of().measuring.bottlenecks(this.#failures, side);
    return causes ? { ...limit, bottleneck: bottleneckOfLimit(side.level, causes) } : limit;
  }

  get #failures(): Known["failures"] {
    const causes = this.#of().steps.flatMap(({ board }) => board.causes.list(20));
    return causes.map(({ id, cause, count }) => ({ id, text: english(cause), count }));
  }
}

import type { DrillLine } from "../../protocol/drill.ts";
import type { Message } from "../../text/message.ts";
import type { EachOf, Of, RunView } from "../causes/rule.ts";

/** No more are told of one kind: a page that comes and goes for hours looks like very many. */
export const MOST_TIMES = 20;

/** One time that something was taken from the deployment. */
export interface Taken {
  /** Whole seconds since the run began. */
  at: number;
  lines: DrillLine[];
}

/** One kind of thing that can be taken from a deployment under load. A pure function over what was measured. */
export interface Drill {
  id: string;
  title: Message;
  /** Figures that it wants second by second, and those by the values of a label. */
  lines: readonly Of[];
  each?: readonly EachOf[];
  /** Each time that it happened, by the deployment's own figures: it does not matter who did it. */
  look(view: RunView): Taken[];
}

import { judgedMetrics, type OwnDescription } from "../../contract/describe.ts";

/** What a step that only waits says about itself. */
export const HOLD_RUN: OwnDescription = {
  states: [
    {
      id: "holding",
      label: "holding",
      one: "{0} hold",
      other: "{0} holds",
      kind: "busy",
      colour: "green",
      icon: "watch",
    },
  ],
  phases: [],
  waterfall: false,
};

export const HOLD_METRICS = judgedMetrics(HOLD_RUN);

import { judgedMetrics, type OwnDescription } from "../../contract/describe.ts";

/** What a step that runs a program says about itself. */
export const PROGRAM_RUN: OwnDescription = {
  states: [
    {
      id: "running",
      label: "running",
      one: "{0} program running",
      other: "{0} programs running",
      kind: "busy",
      colour: "green",
      icon: "terminal",
    },
  ],
  phases: [{ name: "program", label: "program" }],
  waterfall: false,
};

export const PROGRAM_METRICS = judgedMetrics(PROGRAM_RUN);

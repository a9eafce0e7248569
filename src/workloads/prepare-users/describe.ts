import { judgedMetrics, type OwnDescription, state } from "../../contract/describe.ts";

/** What a run that makes the users of a pool says about itself. */
export const USERS_RUN: OwnDescription = {
  states: [state("creating", "creating", "busy", "purple", "add")],
  phases: [{ name: "api", label: "API" }],
  waterfall: false,
};

export const USER_METRICS = judgedMetrics(USERS_RUN);

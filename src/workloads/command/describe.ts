import { judgedMetrics, type OwnDescription, state } from "../../contract/describe.ts";

/** What a run that runs a command in workspaces says about itself. */
export const COMMAND_RUN: OwnDescription = {
  states: [
    state("starting", "starting", "busy", "orange", "rocket"),
    state("active", "in use", "busy", "green", "terminal"),
  ],
  phases: [
    { name: "token", label: "token" },
    { name: "first_byte", label: "first byte" },
    { name: "command", label: "command" },
  ],
};

export const COMMAND_METRICS = judgedMetrics(COMMAND_RUN);

import { judgedMetrics, type OwnDescription, state } from "../../contract/describe.ts";

/** What a run that stops and starts workspaces says about itself: they become ready from where their start is asked for. */
export const BUILDS_RUN: OwnDescription = {
  states: [
    state("stopping", "stopping", "busy", "purple", "debug-stop"),
    state("queued", "queued", "busy", "yellow", "clock"),
    state("building", "building", "busy", "blue", "tools"),
    state("starting", "starting", "busy", "orange", "rocket"),
  ],
  phases: [
    { name: "stop_queue", label: "queue of the stop" },
    { name: "stop_provision", label: "stop" },
    { name: "start_queue", label: "queue of the start" },
    { name: "start_provision", label: "start" },
    { name: "agent_connect", label: "agent" },
    { name: "startup_script", label: "startup script" },
  ],
  becomesReady: "from_asked",
};

export const BUILDS_METRICS = judgedMetrics(BUILDS_RUN);

import { type OwnDescription, state } from "../../contract/describe.ts";
import { PHASES } from "./build-phases.ts";

/** What a run that creates workspaces says about itself. */
export const CREATION: OwnDescription = {
  states: [
    state("creating", "creating", "busy", "purple", "add"),
    state("queued", "queued", "busy", "yellow", "clock"),
    state("building", "building", "busy", "blue", "tools"),
    state("starting", "starting", "busy", "orange", "rocket"),
    state("active", "in use", "busy", "green", "terminal"),
  ],
  phases: PHASES,
  becomesReady: true,
  prebuilds: true,
};

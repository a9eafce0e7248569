import { type OwnDescription, state } from "../../contract/describe.ts";

/** Phases of a creation, in their order. The first word of each label is how Coder calls it. */
const PHASES = [
  { name: "api", label: "API" },
  { name: "queue", label: "queue" },
  { name: "provision", label: "provision" },
  { name: "agent_connect", label: "agent" },
  { name: "startup_script", label: "startup script" },
  { name: "wait_for_ssh", label: "wait for SSH" },
  { name: "ssh", label: "SSH" },
  { name: "first_byte", label: "first byte" },
  { name: "command", label: "command" },
  { name: "delete", label: "delete" },
] as const;

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

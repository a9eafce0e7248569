import { defineWorkload } from "../../contract/workload.ts";
import { say } from "../../text/message.ts";
import { COMMAND, commandSchema, commandWorkloadFields } from "./config.ts";
import { COMMAND_METRICS, COMMAND_RUN } from "./describe.ts";

export const command = defineWorkload({
  name: COMMAND,
  summary: "Run a command in the workspaces of scale tests by web terminal, and time it",
  schema: commandSchema,
  fields: commandWorkloadFields,
  metrics: COMMAND_METRICS,
  described: [COMMAND_RUN],
  // How many workspaces that is depends on what is found.
  demand: () => ({}),
  needsOwner: ({ useHostLogin }) => (useHostLogin ? undefined : say("reaching other users' workspaces")),
  title: () => "run a command in workspaces",
  prepare: async (config, context) => (await import("./prepare.ts")).prepare(config, context),
  preflight: async (config, context) => (await import("./preflight.ts")).checkCommand(config, context),
});

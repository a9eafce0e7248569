import { NO_LOAD } from "../../contract/demand.ts";
import { defineWorkload } from "../../contract/workload.ts";
import { say } from "../../text/message.ts";
import { CLEANUP } from "../clean-up-names.ts";
import { DELETION } from "../deletion.ts";
import { cleanupSchema, cleanupWorkloadFields } from "./config.ts";

export const cleanup = defineWorkload({
  name: CLEANUP,
  summary: "Delete the workspaces and users that scale tests have left on a deployment",
  schema: cleanupSchema,
  fields: cleanupWorkloadFields,
  described: [DELETION],
  removes: true,
  demand: NO_LOAD,
  needsOwner: () => say("deleting users"),
  title: (config) => (config.run ? `clean up run ${config.run}` : "clean up all scale tests"),
  prepare: async (config, context) => (await import("./prepare.ts")).prepare(config, context),
});

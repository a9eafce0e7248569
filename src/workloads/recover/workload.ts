import { NO_LOAD } from "../../contract/demand.ts";
import { defineWorkload } from "../../contract/workload.ts";
import { say } from "../../text/message.ts";
import { RECOVERY } from "../clean-up-names.ts";
import { DELETION } from "../deletion.ts";
import { recoverFields, recoverSchema } from "./config.ts";

/**
 * Cleans up after a run that could not do it itself: its runner was killed, the power failed, or its
 * resources were kept on purpose. Goes by that run's journal, and writes there what is gone.
 */
export const recover = defineWorkload({
  name: RECOVERY,
  summary: "Delete what the journal of an earlier run still names",
  schema: recoverSchema,
  fields: recoverFields,
  described: [DELETION],
  internal: true,
  removes: true,
  demand: NO_LOAD,
  needsOwner: () => say("deleting users"),
  title: (config) => `clean up after run ${config.run}`,
  prepare: async (config, context) => (await import("./prepare.ts")).prepare(config, context),
});

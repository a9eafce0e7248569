import { NO_LOAD } from "../../contract/demand.ts";
import { defineWorkload } from "../../contract/workload.ts";
import { programText, RUN, runFields, runSchema } from "./config.ts";
import { PROGRAM_METRICS, PROGRAM_RUN } from "./describe.ts";

export const run = defineWorkload({
  name: RUN,
  summary: "Run a program on this machine, such as a drill",
  schema: runSchema,
  fields: runFields,
  metrics: PROGRAM_METRICS,
  described: [PROGRAM_RUN],
  internal: true,
  demand: NO_LOAD,
  runsProgram: programText,
  title: (config) => `run ${programText(config)}`,
  prepare: async (config, context) => (await import("./prepare.ts")).prepare(config, context),
});

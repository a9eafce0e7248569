import { defineWorkload } from "../../contract/workload.ts";
import { BUILDS, buildsFields, buildsSchema } from "./config.ts";
import { BUILDS_METRICS, BUILDS_RUN } from "./describe.ts";

export const builds = defineWorkload({
  name: BUILDS,
  summary: "Stop and start the workspaces of scale tests, and time every build",
  schema: buildsSchema,
  fields: buildsFields,
  metrics: BUILDS_METRICS,
  described: [BUILDS_RUN],
  // How many workspaces that is depends on what is found.
  demand: () => ({}),
  title: () => "stop and start workspaces",
  prepare: async (config, context) => (await import("./prepare.ts")).prepare(config, context),
  preflight: async (config, context) => (await import("./preflight.ts")).checkBuilds(config, context),
});

import { defineWorkload } from "../../../src/contract/workload.ts";
import { pingFields, pingSchema } from "./config.ts";
import { PING_METRICS } from "./describe.ts";

/** A workload that only tests have: it shows that a folder and a line in the list are all that one takes. */
export const ping = defineWorkload({
  name: "ping",
  summary: "Ask a deployment for its version at a rate, and time each answer",
  schema: pingSchema,
  fields: pingFields,
  metrics: PING_METRICS,
  title: (config) => `ping ${config.count} × ${config.rate}/s`,
  prepare: async (config, context) => (await import("./prepare.ts")).prepare(config, context),
  demand: () => ({}),
  preflight: async (config, context) => (await import("./preflight.ts")).checkPing(config, context),
});

import { NO_LOAD } from "../../contract/demand.ts";
import { defineWorkload } from "../../contract/workload.ts";
import { formatDuration } from "../../protocol/duration.ts";
import { HOLD, holdFields, holdSchema } from "./config.ts";
import { HOLD_METRICS, HOLD_RUN } from "./describe.ts";

export const hold = defineWorkload({
  name: HOLD,
  summary: "Wait, with everything left as it stands",
  schema: holdSchema,
  fields: holdFields,
  metrics: HOLD_METRICS,
  described: [HOLD_RUN],
  internal: true,
  demand: NO_LOAD,
  title: ({ durationMs }) => `hold for ${formatDuration(durationMs)}`,
  prepare: async (config) => (await import("./prepare.ts")).prepare(config),
});

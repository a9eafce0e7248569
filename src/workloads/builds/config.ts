import type * as z from "zod";
import { field, told } from "../../contract/fields/field.ts";
import { fieldTable, schemaOf } from "../../contract/fields/table.ts";
import { words } from "../../text/message.ts";
import { chosenFields } from "../chosen-fields.ts";
import { coder, loadFields, milliseconds } from "../common-fields.ts";
import { thresholdField } from "../thresholds.ts";
import { BUILDS_METRICS } from "./describe.ts";

export const BUILDS = "builds";

/** What `builds` can be told. Durations are milliseconds; 0 is "no limit" where a limit is meant. */
export const buildsFields = fieldTable({
  ...chosenFields,
  concurrency: loadFields.concurrency,
  rampMs: field(milliseconds(), {
    flag: "ramp",
    env: coder("RAMP"),
    unit: "ms",
    default: 0,
    description: "Begin with the workspaces evenly over this time",
  }),
  timeoutMs: loadFields.timeoutMs,
  jobTimeoutMs: told(loadFields.jobTimeoutMs, {
    description: "Time for the stop and the start of one workspace; 0 means no limit",
  }),
  org: loadFields.org,
  thresholds: thresholdField(BUILDS_METRICS, "ready.p95<3m"),
});

export const buildsSchema = schemaOf(buildsFields).superRefine(({ rampMs, timeoutMs }, context) => {
  if (timeoutMs > 0 && rampMs >= timeoutMs)
    context.addIssue({
      code: "custom",
      path: ["timeoutMs"],
      message: words("is not longer than --ramp; raise it"),
    });
});
export type BuildsConfig = z.output<typeof buildsSchema>;

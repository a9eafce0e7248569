import type * as z from "zod";
import { field } from "../../contract/fields/field.ts";
import { fieldTable, schemaOf } from "../../contract/fields/table.ts";
import { someMilliseconds } from "../common-fields.ts";
import { thresholdField } from "../thresholds.ts";
import { HOLD_METRICS } from "./describe.ts";

export const HOLD = "hold";

/** What `hold` can be told. */
export const holdFields = fieldTable({
  durationMs: field(someMilliseconds(), {
    flag: "duration",
    unit: "ms",
    required: true,
    description: "How long to wait, with everything left as it stands (required)",
    asked: "is how long to wait",
  }),
  thresholds: thresholdField(HOLD_METRICS, "failures.count<1"),
});

export const holdSchema = schemaOf(holdFields);
export type HoldConfig = z.output<typeof holdSchema>;

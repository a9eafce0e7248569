import * as z from "zod";
import { field } from "../../contract/fields/field.ts";
import { fieldTable, schemaOf } from "../../contract/fields/table.ts";
import { words } from "../../text/message.ts";
import { thresholdField } from "../thresholds.ts";
import { HOLD_METRICS } from "./describe.ts";

export const HOLD = "hold";

/** What `hold` can be told. */
export const holdFields = fieldTable({
  durationMs: field(z.number(words("is required: how long to wait")).min(1, words("must be more than 0")), {
    flag: "duration",
    profile: "hold",
    unit: "ms",
    required: true,
    description: "How long to wait, with everything left as it stands (required)",
    asked: "is how long to wait",
  }),
  thresholds: thresholdField(HOLD_METRICS, "failures.count<1"),
});

export const holdSchema = schemaOf(holdFields);
export type HoldConfig = z.output<typeof holdSchema>;

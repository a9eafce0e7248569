import * as z from "zod";
import { field, withDefault } from "../../contract/fields/field.ts";
import { fieldTable, schemaOf } from "../../contract/fields/table.ts";
import { cleanupFields, orphanField, runId } from "../common-fields.ts";

/** What `recover` is told: clean up what another run's journal still names. Durations are milliseconds. */
export const recoverFields = fieldTable({
  ...cleanupFields,
  // Wide: what is left behind is to be gone soon.
  cleanupConcurrency: withDefault(cleanupFields.cleanupConcurrency, 10),
  orphan: orphanField,
  folder: field(z.string().min(1), { required: true, description: "Folder of the run that left something" }),
  run: field(runId(), { required: true, description: "Id of the run that left something" }),
});
export const recoverSchema = schemaOf(recoverFields);
export type RecoverConfig = z.output<typeof recoverSchema>;

import * as z from "zod";
import { field } from "../../contract/fields/field.ts";
import { fieldTable, schemaOf } from "../../contract/fields/table.ts";
import { cleanupFields, orphanField } from "../common-fields.ts";
import { leftoverFields } from "../leftover-fields.ts";

/** What `cleanup` can be told. Durations are milliseconds. */
export const cleanupWorkloadFields = fieldTable({
  ...cleanupFields,
  ...leftoverFields,
  orphan: orphanField,
  owners: field(z.array(z.string().min(1)), {
    description: "Only what these users have, by their names: what a person has picked from the list",
  }),
  only: field(z.strictObject({ workspaces: z.array(z.string()), users: z.array(z.string()) }), {
    description: "Only these, by their ids: what a person has seen in a list, and confirmed",
  }),
});
export const cleanupSchema = schemaOf(cleanupWorkloadFields);
export type CleanupConfig = z.output<typeof cleanupSchema>;

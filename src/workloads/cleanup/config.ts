import * as z from "zod";
import { field } from "../../contract/fields/field.ts";
import { fieldTable, schemaOf } from "../../contract/fields/table.ts";
import {
  cleanupFields,
  coder,
  loadFields,
  milliseconds,
  named,
  orphanField,
  runId,
} from "../common-fields.ts";

/** What `cleanup` can be told. Durations are milliseconds. */
export const cleanupWorkloadFields = fieldTable({
  ...cleanupFields,
  template: field(named(), {
    flag: "template",
    env: coder("CLEANUP_TEMPLATE"),
    placeholder: "name or id",
    description: "Only workspaces of this template, and users that have no others",
  }),
  org: loadFields.org,
  /** By the id in the names. */
  run: field(runId(), { flag: "run", placeholder: "id", description: "Only what this run made" }),
  olderThanMs: field(milliseconds(), {
    flag: "older-than",
    unit: "ms",
    description: "Only what was created longer ago than this",
  }),
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

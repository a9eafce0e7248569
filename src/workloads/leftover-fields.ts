import { field, told } from "../contract/fields/field.ts";
import { fieldTable, schemaOf } from "../contract/fields/table.ts";
import { coder, loadFields, milliseconds, named, runId } from "./common-fields.ts";
import { poolField } from "./pools.ts";

/** Which part of what scale tests have left on a deployment; what is not given is no limit. */
export const leftoverFields = fieldTable({
  template: field(named(), {
    flag: "template",
    env: coder("CLEANUP_TEMPLATE"),
    placeholder: "name or id",
    description: "Only workspaces of this template, and users that have no others",
  }),
  org: loadFields.org,
  /** By the id in the names. */
  run: field(runId(), { flag: "run", placeholder: "id", description: "Only what this run made" }),
  pool: told(poolField, { description: "Only what is in this pool; without it, pools are left alone" }),
  olderThanMs: field(milliseconds(), {
    flag: "older-than",
    unit: "ms",
    description: "Only what was created longer ago than this",
  }),
});

/** Of a configuration that has more than these. */
export const leftoverFilterSchema = schemaOf(leftoverFields).strip();

import * as z from "zod";
import { field, told } from "../../contract/fields/field.ts";
import { fieldTable, schemaOf } from "../../contract/fields/table.ts";
import { words } from "../../text/message.ts";
import { loadFields, named } from "../common-fields.ts";
import { newPoolField } from "../pools.ts";
import { thresholdField } from "../thresholds.ts";
import { USER_METRICS } from "./describe.ts";

export const PREPARE_USERS = "prepare-users";

/** What `prepare users` can be told. Durations are milliseconds; 0 is "no limit" where a limit is meant. */
export const prepareUsersFields = fieldTable({
  count: field(z.number().int(words("must be a whole number")).min(1, words("must be 1 or more")), {
    flag: "count",
    short: "c",
    default: 1,
    description: "Users that the pool is to have; those that are missing are created",
    asked: "is how many users the pool is to have",
  }),
  name: newPoolField,
  roles: field(z.array(named()), {
    flag: "roles",
    placeholder: "role",
    default: [],
    description: "Role of each user, such as template-admin; may be repeated",
  }),
  groups: field(z.array(named()), {
    flag: "groups",
    placeholder: "group",
    default: [],
    description: "Group of each user, by name; may be repeated; needs a licence of Coder",
  }),
  organizations: field(z.array(named()), {
    flag: "organizations",
    placeholder: "organization",
    default: [],
    description: "Organization of each user, by name; may be repeated; by default the deployment's own",
  }),
  concurrency: told(loadFields.concurrency, { description: "Users at the same time; 0 means no limit" }),
  timeoutMs: loadFields.timeoutMs,
  jobTimeoutMs: told(loadFields.jobTimeoutMs, { description: "Time for one user; 0 means no limit" }),
  thresholds: thresholdField(USER_METRICS, "api.p95<2s"),
});

export const prepareUsersSchema = schemaOf(prepareUsersFields);
export type PrepareUsersConfig = z.output<typeof prepareUsersSchema>;

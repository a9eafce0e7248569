import type * as z from "zod";
import { told } from "../../contract/fields/field.ts";
import { fieldTable, schemaOf } from "../../contract/fields/table.ts";
import { newPoolField, poolField } from "../pools.ts";
import { type CreateWorkspacesConfig, createWorkspacesFields, createWorkspacesSchema } from "./config.ts";

export const PREPARE_WORKSPACES = "prepare-workspaces";

const {
  count,
  template,
  parameters,
  preset,
  concurrency,
  timeoutMs,
  jobTimeoutMs,
  retry,
  org,
  dryRunTimeoutMs,
  thresholds,
} = createWorkspacesFields;

/** What `prepare workspaces` can be told: of a creation, what makes the workspaces. */
export const prepareWorkspacesFields = fieldTable({
  count: told(count, {
    description: "Workspaces that the pool is to have; those that are missing are created",
  }),
  name: newPoolField,
  /** Of another pool of users only. */
  pool: told(poolField, { description: "Create them for the users of this pool, instead of creating users" }),
  template,
  parameters,
  preset,
  concurrency,
  timeoutMs,
  jobTimeoutMs,
  retry,
  org,
  dryRunTimeoutMs,
  thresholds,
});

export const prepareWorkspacesSchema = schemaOf(prepareWorkspacesFields);
export type PrepareWorkspacesConfig = z.output<typeof prepareWorkspacesSchema>;

/** The creation that makes so many of them: it is never cleaned up after. */
export function creationOf(
  config: Omit<PrepareWorkspacesConfig, "name" | "count">,
  count: number,
): CreateWorkspacesConfig {
  return createWorkspacesSchema.parse({ ...config, count, cleanup: false, ssh: false });
}

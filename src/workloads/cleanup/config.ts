import * as z from "zod";
import type { Option } from "../../contract/option.ts";
import { cleanupOptions, cleanupShape, orphanOption } from "../options.ts";

/** Configuration of `cleanup`. Durations are milliseconds. */
export const cleanupSchema = z.strictObject({
  ...cleanupShape,
  /** Name or id: only workspaces of this template, and users that have no other. */
  template: z.string().min(1).optional(),
  org: z.string().min(1).optional(),
  /** Only what this run made, by the id in its names. */
  run: z
    .string()
    .regex(/^[a-z0-9]{8}$/, "must be a run's id: eight letters and digits")
    .optional(),
  /** Only what these users have, by their names: what a person has picked from the list. */
  owners: z.array(z.string().min(1)).optional(),
  /** Only these, by their ids: what a person has seen in a list, and confirmed. */
  only: z.strictObject({ workspaces: z.array(z.string()), users: z.array(z.string()) }).optional(),
  /** Where a workspace's destroy fails, delete it all the same, and leave its resources where they are. */
  orphan: z.boolean().default(false),
  olderThanMs: z.number().min(0, "must be 0 or more").default(0),
});
export type CleanupConfig = z.output<typeof cleanupSchema>;

export const cleanupCommandOptions: readonly Option[] = [
  ...cleanupOptions,
  {
    key: "template",
    flag: "template",
    env: "CODER_SCALETEST_CLEANUP_TEMPLATE",
    kind: "string",
    placeholder: "name or id",
    description: "Only workspaces of this template, and users that have no others",
  },
  {
    key: "org",
    flag: "org",
    env: "CODER_SCALETEST_ORG",
    kind: "string",
    placeholder: "name or id",
    description: "Organization of the template, where several have one of this name",
  },
  {
    key: "run",
    flag: "run",
    kind: "string",
    placeholder: "id",
    description: "Only what this run made",
  },
  {
    key: "olderThanMs",
    flag: "older-than",
    kind: "duration",
    description: "Only what was created longer ago than this",
  },
  orphanOption,
];

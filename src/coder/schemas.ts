import * as z from "zod";

/**
 * What we read of the API's objects, and nothing more: a field that is demanded here is one that the product acts on.
 * Other fields are dropped: a run keeps what it knows of thousands of workspaces. The recordings of test/contract have
 * the shapes; docs/coder-api.md what surprises in them.
 */

export const buildInfoSchema = z.object({
  version: z.string(),
  external_url: z.string().optional(),
  dashboard_url: z.string().optional(),
});
export type BuildInfo = z.infer<typeof buildInfoSchema>;

export const userSchema = z.object({
  id: z.string(),
  username: z.string(),
  email: z.string().default(""),
  created_at: z.string().optional(),
  status: z.string().default("active"),
  roles: z
    .array(z.object({ name: z.string() }))
    .nullish()
    .transform((roles) => roles ?? []),
  organization_ids: z
    .array(z.string())
    .nullish()
    .transform((ids) => ids ?? []),
});
export type User = z.infer<typeof userSchema>;

export const usersSchema = z.object({ users: z.array(userSchema).nullish(), count: z.number() });

export const organizationSchema = z.object({
  id: z.string(),
  name: z.string(),
  display_name: z.string().default(""),
  is_default: z.boolean().default(false),
});
export type Organization = z.infer<typeof organizationSchema>;

export const templateSchema = z.object({
  id: z.string(),
  name: z.string(),
  display_name: z.string().default(""),
  description: z.string().default(""),
  organization_id: z.string(),
  organization_name: z.string().default(""),
  active_version_id: z.string(),
  /** Parameters that do not depend on each other; also where a deployment is older than those that do. */
  use_classic_parameter_flow: z.boolean().default(true),
  deprecated: z.boolean().default(false),
  active_user_count: z.number().default(-1),
  build_time_stats: z
    .object({
      start: z.object({ P50: z.number().nullish(), P95: z.number().nullish() }).optional(),
    })
    .optional(),
});
export type Template = z.infer<typeof templateSchema>;

export const templateVersionSchema = z.object({ name: z.string() });

export const richParameterSchema = z.object({
  name: z.string(),
  display_name: z.string().default(""),
  description_plaintext: z.string().default(""),
  type: z.string(),
  form_type: z.string().default(""),
  mutable: z.boolean().default(false),
  default_value: z.string().default(""),
  options: z
    .array(z.object({ name: z.string(), value: z.string() }))
    .nullish()
    .transform((options) => options ?? []),
  validation_error: z.string().nullish(),
  validation_regex: z.string().nullish(),
  validation_min: z.number().nullish(),
  validation_max: z.number().nullish(),
  required: z.boolean().default(false),
  ephemeral: z.boolean().default(false),
});
export type RichParameter = z.infer<typeof richParameterSchema>;

export const externalAuthSchema = z.object({
  id: z.string(),
  display_name: z.string().default(""),
  authenticated: z.boolean(),
  optional: z.boolean().default(false),
});
export type ExternalAuth = z.infer<typeof externalAuthSchema>;

export const jobSchema = z.object({
  id: z.string(),
  status: z.string(),
  created_at: z.string(),
  started_at: z.string().nullish(),
  completed_at: z.string().nullish(),
  canceled_at: z.string().nullish(),
  error: z.string().nullish(),
  error_code: z.string().nullish(),
  queue_position: z.number().default(0),
  queue_size: z.number().default(0),
});
export type Job = z.infer<typeof jobSchema>;

export const appSchema = z.object({
  slug: z.string(),
  subdomain: z.boolean().default(false),
  subdomain_name: z.string().nullish(),
  /** See ownApps. */
  external: z.boolean().default(false),
});
export type App = z.infer<typeof appSchema>;

export const agentSchema = z.object({
  id: z.string(),
  name: z.string(),
  parent_id: z.string().nullish(),
  status: z.string(),
  lifecycle_state: z.string(),
  created_at: z.string(),
  first_connected_at: z.string().nullish(),
  started_at: z.string().nullish(),
  ready_at: z.string().nullish(),
  connection_timeout_seconds: z.number().default(0),
  operating_system: z.string().default(""),
  /** None where the deployment says something else: a run may well do without. */
  apps: z.array(appSchema).catch([]),
});
export type Agent = z.infer<typeof agentSchema>;

export const resourceSchema = z.object({
  name: z.string().default(""),
  type: z.string().default(""),
  agents: z
    .array(agentSchema)
    .nullish()
    .transform((agents) => agents ?? []),
});
export type Resource = z.infer<typeof resourceSchema>;

export const buildSchema = z.object({
  id: z.string(),
  build_number: z.number(),
  transition: z.string(),
  status: z.string(),
  job: jobSchema,
  resources: z
    .array(resourceSchema)
    .nullish()
    .transform((resources) => resources ?? []),
});
export type Build = z.infer<typeof buildSchema>;

export const workspaceSchema = z.object({
  id: z.string(),
  name: z.string(),
  owner_id: z.string(),
  owner_name: z.string(),
  organization_id: z.string().optional(),
  template_id: z.string().default(""),
  template_name: z.string().default(""),
  created_at: z.string(),
  latest_build: buildSchema,
});
export type Workspace = z.infer<typeof workspaceSchema>;

export const workspacesSchema = z.object({
  workspaces: z.array(workspaceSchema).nullish(),
  count: z.number(),
});

export const logLineSchema = z.object({
  id: z.number(),
  log_level: z.string().default("info"),
  stage: z.string().default(""),
  output: z.string().default(""),
});
export type LogLine = z.infer<typeof logLineSchema>;
/** coderd answers `null` where there are none. */
export const logLinesSchema = z
  .array(logLineSchema)
  .nullable()
  .transform((lines) => lines ?? []);

/** A template that is tried: resources come without running agents. */
export const dryRunResourceSchema = z.object({
  name: z.string().default(""),
  type: z.string().default(""),
  workspace_transition: z.string().default("start"),
  agents: z
    .array(z.object({ name: z.string(), parent_id: z.string().nullish() }))
    .nullish()
    .transform((agents) => agents ?? []),
});
export type DryRunResource = z.infer<typeof dryRunResourceSchema>;

export const matchedProvisionersSchema = z.object({ count: z.number(), available: z.number() });
export type MatchedProvisioners = z.infer<typeof matchedProvisionersSchema>;

export const apiKeySchema = z.object({ key: z.string() });
export const appHostSchema = z.object({ host: z.string() });

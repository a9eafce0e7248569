import * as z from "zod";
import { judgedMetrics } from "../../contract/describe.ts";
import { field, told, withoutDefault } from "../../contract/fields/field.ts";
import { fieldTable, schemaOf } from "../../contract/fields/table.ts";
import { words } from "../../text/message.ts";
import { commandFields, runCommandField } from "../command-fields.ts";
import {
  amount,
  cleanupFields,
  coder,
  loadFields,
  milliseconds,
  named,
  someMilliseconds,
  tracingFields,
} from "../common-fields.ts";
import { poolField } from "../pools.ts";
import type { Intended } from "../preflight/deployment-checks.ts";
import { sshFields } from "../ssh-fields.ts";
import { thresholdField } from "../thresholds.ts";
import { CREATION } from "./describe.ts";
import { readParameterFile } from "./parameter-file.ts";

export const CREATE_WORKSPACES = "create-workspaces";

export const CREATION_METRICS = judgedMetrics(CREATION);

const TEMPLATE_RULE = words("is required: the name or id of a template");

/**
 * What `create-workspaces` can be told: the flags of Coder's own command, with its defaults and environment variables;
 * ours last. Durations are milliseconds; 0 is "no limit" where a limit is meant.
 */
export const createWorkspacesFields = fieldTable({
  count: field(z.number().int(words("must be a whole number")).min(1, words("must be 1 or more")), {
    flag: "count",
    short: "c",
    env: coder("COUNT"),
    default: 1,
    description: "Workspaces to create",
    asked: "is how many workspaces to create",
  }),
  template: field(z.string(TEMPLATE_RULE).min(1, TEMPLATE_RULE), {
    flag: "template",
    short: "t",
    env: coder("TEMPLATE"),
    placeholder: "name or id",
    required: true,
    description: "Template to create them of (required)",
    asked: "names the template to create workspaces of",
  }),
  parameters: field(z.record(z.string(), z.string()), {
    flag: "parameter",
    env: "CODER_RICH_PARAMETER",
    placeholder: "name=value",
    default: {},
    mayBeSecret: true,
    description: "Value of a template parameter; may be repeated",
    file: {
      flag: "rich-parameter-file",
      env: "CODER_RICH_PARAMETER_FILE",
      placeholder: "path",
      description: "YAML file of parameter values",
      read: readParameterFile,
    },
  }),
  preset: field(named(), {
    flag: "preset",
    env: "CODER_PRESET_NAME",
    placeholder: "name",
    description:
      "Preset of the template, whose values win over --parameter; none for no preset; by default the template's own",
  }),
  runCommand: runCommandField,
  ...commandFields,
  concurrency: loadFields.concurrency,
  timeoutMs: loadFields.timeoutMs,
  jobTimeoutMs: loadFields.jobTimeoutMs,
  // Coder's own default is 1 whatever --concurrency is, which makes the deletion of a thousand workspaces a matter of
  // hours. With every flag at its default the two are the same.
  cleanupConcurrency: withoutDefault(cleanupFields.cleanupConcurrency, {
    description: "Clean-up jobs at the same time; 0 means no limit; by default as --concurrency",
  }),
  cleanupTimeoutMs: cleanupFields.cleanupTimeoutMs,
  cleanupJobTimeoutMs: cleanupFields.cleanupJobTimeoutMs,
  connectUrl: field(
    z.url({ protocol: /^https?$/, error: words("must be a URL such as http://localhost:8080/") }),
    {
      flag: "connect-url",
      env: coder("CONNECT_URL"),
      placeholder: "url",
      description: "Request this URL through the SSH connection, as seen from the workspace",
    },
  ),
  connectMode: field(z.enum(["derp", "direct"]), {
    flag: "connect-mode",
    env: coder("CONNECT_MODE"),
    default: "derp",
    description: "Way of the SSH connection: through the deployment's relay, or past it",
  }),
  connectHoldMs: field(milliseconds(), {
    flag: "connect-hold",
    env: coder("CONNECT_HOLD"),
    unit: "ms",
    default: 30_000,
    description: "Hold the SSH connection open for this long; only with --connect-url",
  }),
  connectIntervalMs: field(someMilliseconds(), {
    flag: "connect-interval",
    env: coder("CONNECT_INTERVAL"),
    unit: "ms",
    default: 1_000,
    description: "Time between two requests to --connect-url",
  }),
  connectTimeoutMs: field(someMilliseconds(), {
    flag: "connect-timeout",
    env: coder("CONNECT_TIMEOUT"),
    unit: "ms",
    default: 5_000,
    description: "Time for each request to --connect-url",
  }),
  waitForAgents: field(z.boolean(), {
    flag: "no-wait-for-agents",
    env: coder("NO_WAIT_FOR_AGENTS"),
    negated: true,
    default: true,
    description: "Do not wait for agents; skips SSH and the command too",
  }),
  cleanup: field(z.boolean(), {
    flag: "no-cleanup",
    env: coder("NO_CLEANUP"),
    negated: true,
    default: true,
    description: "Leave the users and workspaces as they are at the end",
  }),
  useHostLogin: told(loadFields.useHostLogin, {
    description: "Create the workspaces for the signed-in user instead of creating users",
  }),
  pool: told(poolField, {
    description: "Create the workspaces for users of this pool, who stay, instead of creating users",
  }),
  /** Tries in addition to the first one. */
  retry: field(amount(), {
    flag: "retry",
    env: coder("RETRY"),
    default: 0,
    description: "Further tries to bring a workspace up",
  }),
  ...tracingFields,
  org: loadFields.org,
  agent: told(loadFields.agent, { description: "Agent for SSH and the command; by default the first" }),
  ssh: field(z.boolean(), {
    flag: "no-ssh",
    env: coder("NO_SSH"),
    negated: true,
    default: true,
    description: "Do not connect by SSH",
  }),
  dryRunTimeoutMs: field(someMilliseconds(), {
    flag: "dry-run-timeout",
    env: coder("DRY_RUN_TIMEOUT"),
    unit: "ms",
    default: 5 * 60_000,
    description: "Time for the template's trial before anything is made",
  }),
  seed: loadFields.seed,
  thresholds: thresholdField(CREATION_METRICS, "ready.p95<3m"),
  ...sshFields,
});

export const createWorkspacesSchema = schemaOf(createWorkspacesFields).superRefine(
  ({ pool, useHostLogin }, context) => {
    if (pool !== undefined && useHostLogin)
      context.addIssue({
        code: "custom",
        path: ["pool"],
        message: words("cannot be used with --use-host-login: say whose the workspaces are once"),
      });
  },
);
export type CreateWorkspacesConfig = z.output<typeof createWorkspacesSchema>;

/** What is wanted of the deployment, for the checks. */
export function intendedOf(config: CreateWorkspacesConfig): Intended {
  return {
    workspaces: config.count,
    concurrency: config.concurrency,
    createsUsers: !config.useHostLogin && config.pool === undefined,
    ssh: config.ssh && config.waitForAgents,
    timeoutMs: config.timeoutMs,
    jobTimeoutMs: config.jobTimeoutMs,
  };
}

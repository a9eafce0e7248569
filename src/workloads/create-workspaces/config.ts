import * as z from "zod";
import type { Option } from "../../contract/option.ts";
import { DEFAULT_RUN_TIMEOUT_MS } from "../../protocol/defaults.ts";
import { formatDuration } from "../../protocol/duration.ts";
import {
  cleanupOptions,
  cleanupShape,
  coderCliOptions,
  coderCliShape,
  loadOptions,
  loadShape,
  notNegative,
  told,
  tracingOptions,
} from "../options.ts";
import type { Intended } from "../preflight/deployment-checks.ts";
import { sshOptions, sshShape } from "../ssh-options.ts";
import { creationMetrics, thresholdOption, thresholdsSchema } from "../thresholds.ts";
import { PHASES } from "./build-phases.ts";

export const CREATION_METRICS = creationMetrics(PHASES);

/** Configuration of `create-workspaces`. Durations are milliseconds; 0 is "no limit" where a limit is meant. */
export const createWorkspacesSchema = z.strictObject({
  count: z.number().int("must be a whole number").min(1, "must be 1 or more"),
  /** Name or id. */
  template: z
    .string("is required: the name or id of a template")
    .min(1, "is required: the name or id of a template"),
  parameters: z.record(z.string(), z.string()).default({}),
  ...loadShape,
  waitForAgents: z.boolean().default(true),
  /** Tries in addition to the first one. */
  retry: z.number().int().min(0, notNegative).default(0),
  concurrency: z.number().int().min(0, notNegative).default(1),
  ssh: z.boolean().default(true),
  connectUrl: z.url("must be a URL such as http://localhost:8080/").optional(),
  connectMode: z.enum(["derp", "direct"]).default("derp"),
  connectHoldMs: z.number().min(0, notNegative).default(30_000),
  connectIntervalMs: z.number().min(1, "must be more than 0").default(1_000),
  connectTimeoutMs: z.number().min(1, "must be more than 0").default(5_000),
  runCommand: z.string().optional(),
  runTimeoutMs: z.number().min(1, "must be more than 0").default(DEFAULT_RUN_TIMEOUT_MS),
  runExpectOutput: z.string().optional(),
  runExpectTimeout: z.boolean().default(false),
  runLogOutput: z.boolean().default(false),
  cleanup: z.boolean().default(true),
  dryRunTimeoutMs: z
    .number()
    .min(1, "must be more than 0")
    .default(5 * 60_000),
  ...cleanupShape,
  /** By default as wide as the run itself. */
  cleanupConcurrency: z.number().int().min(0, notNegative).optional(),
  thresholds: thresholdsSchema(CREATION_METRICS),
  ...sshShape,
  ...coderCliShape,
});
export type CreateWorkspacesConfig = z.output<typeof createWorkspacesSchema>;

const env = (name: string) => `CODER_SCALETEST_${name}`;
/**
 * Coder's own default is 1 whatever --concurrency is, which makes the deletion of a thousand workspaces a
 * matter of hours. With every flag at its default the two are the same.
 */
function asWideAsTheRun({ default: _one, ...option }: Option): Option {
  return {
    ...option,
    description: "Clean-up jobs at the same time; 0 means no limit; by default as --concurrency",
  };
}

/** The flags of Coder's own `create-workspaces`, with its defaults and environment variables; ours last. */
export const createWorkspacesOptions: readonly Option[] = [
  {
    key: "count",
    flag: "count",
    short: "c",
    env: env("COUNT"),
    kind: "integer",
    default: "1",
    description: "Workspaces to create",
  },
  told(loadOptions.template, { description: "Template to create them of (required)" }),
  {
    key: "parameters",
    flag: "parameter",
    env: "CODER_RICH_PARAMETER",
    kind: "list",
    placeholder: "name=value",
    description: "Value of a template parameter; may be repeated",
  },
  {
    key: "richParameterFile",
    flag: "rich-parameter-file",
    env: "CODER_RICH_PARAMETER_FILE",
    kind: "string",
    placeholder: "path",
    description: "YAML file of parameter values",
  },
  {
    key: "runCommand",
    flag: "run-command",
    env: env("RUN_COMMAND"),
    kind: "string",
    placeholder: "command",
    description: "Command to run in each workspace's web terminal",
  },
  {
    key: "runTimeoutMs",
    flag: "run-timeout",
    env: env("RUN_TIMEOUT"),
    kind: "duration",
    default: formatDuration(DEFAULT_RUN_TIMEOUT_MS),
    description: "Time for the command, from the terminal's first byte",
  },
  {
    key: "runExpectOutput",
    flag: "run-expect-output",
    env: env("RUN_EXPECT_OUTPUT"),
    kind: "string",
    placeholder: "text",
    description: "Fail where the command does not print this text on one line",
  },
  {
    key: "runExpectTimeout",
    flag: "run-expect-timeout",
    env: env("RUN_EXPECT_TIMEOUT"),
    kind: "boolean",
    description: "Succeed where the command does not end in time, and fail where it does",
  },
  {
    key: "runLogOutput",
    flag: "run-log-output",
    env: env("RUN_LOG_OUTPUT"),
    kind: "boolean",
    description: "Keep the command's output in the results",
  },
  loadOptions.concurrency,
  loadOptions.timeout,
  loadOptions.jobTimeout,
  ...cleanupOptions.map((option) => (option.key === "cleanupConcurrency" ? asWideAsTheRun(option) : option)),
  {
    key: "connectUrl",
    flag: "connect-url",
    env: env("CONNECT_URL"),
    kind: "string",
    placeholder: "url",
    description: "Request this URL through the SSH connection, as seen from the workspace",
  },
  {
    key: "connectMode",
    flag: "connect-mode",
    env: env("CONNECT_MODE"),
    kind: "choice",
    choices: ["derp", "direct"],
    default: "derp",
    description: "Way of the SSH connection: through the deployment's relay, or past it",
  },
  {
    key: "connectHoldMs",
    flag: "connect-hold",
    env: env("CONNECT_HOLD"),
    kind: "duration",
    default: "30s",
    description: "Hold the SSH connection open for this long; only with --connect-url",
  },
  {
    key: "connectIntervalMs",
    flag: "connect-interval",
    env: env("CONNECT_INTERVAL"),
    kind: "duration",
    default: "1s",
    description: "Time between two requests to --connect-url",
  },
  {
    key: "connectTimeoutMs",
    flag: "connect-timeout",
    env: env("CONNECT_TIMEOUT"),
    kind: "duration",
    default: "5s",
    description: "Time for each request to --connect-url",
  },
  {
    key: "noWaitForAgents",
    flag: "no-wait-for-agents",
    env: env("NO_WAIT_FOR_AGENTS"),
    kind: "boolean",
    description: "Do not wait for agents; skips SSH and the command too",
  },
  {
    key: "noCleanup",
    flag: "no-cleanup",
    env: env("NO_CLEANUP"),
    kind: "boolean",
    description: "Leave the users and workspaces as they are at the end",
  },
  told(loadOptions.useHostLogin, {
    description: "Create the workspaces for the signed-in user instead of creating users",
  }),
  {
    key: "retry",
    flag: "retry",
    env: env("RETRY"),
    kind: "integer",
    default: "0",
    description: "Further tries to bring a workspace up",
  },
  ...tracingOptions,
  loadOptions.org,
  told(loadOptions.agent, { description: "Agent for SSH and the command; by default the first" }),
  { key: "noSsh", flag: "no-ssh", env: env("NO_SSH"), kind: "boolean", description: "Do not connect by SSH" },
  {
    key: "dryRunTimeoutMs",
    flag: "dry-run-timeout",
    env: env("DRY_RUN_TIMEOUT"),
    kind: "duration",
    default: "5m",
    description: "Time for the template's trial before anything is made",
  },
  loadOptions.seed,
  thresholdOption(CREATION_METRICS),
  ...sshOptions,
  ...coderCliOptions,
];

/** What is wanted of the deployment, for the checks. */
export function intendedOf(config: CreateWorkspacesConfig): Intended {
  return {
    workspaces: config.count,
    concurrency: config.concurrency,
    createsUsers: !config.useHostLogin,
    ssh: config.ssh && config.waitForAgents,
    timeoutMs: config.timeoutMs,
    jobTimeoutMs: config.jobTimeoutMs,
  };
}

import * as z from "zod";
import { UsageError } from "../contract/failures.ts";
import type { Option } from "../contract/option.ts";
import { parseDuration } from "../protocol/duration.ts";

/**
 * Turns what was typed into the value that the configuration holds: durations become milliseconds,
 * integers numbers. Throws UsageError naming the flag.
 */
export function parseOption(option: Option, typed: string | readonly string[] | boolean): unknown {
  if (option.unsupported)
    throw new UsageError(`--${option.flag} is not supported yet: ${option.unsupported}`);
  switch (option.kind) {
    case "boolean":
      return parseBoolean(option, typed);
    case "list":
      return Array.isArray(typed) ? typed : [String(typed)];
    case "integer":
      return parseInteger(option, String(typed));
    case "duration":
      return parseDurationOption(option, String(typed));
    case "choice":
      if (!option.choices?.includes(String(typed))) {
        throw new UsageError(`--${option.flag} must be one of ${option.choices?.join(", ")}, not "${typed}"`);
      }
      return typed;
    case "string":
      return String(typed);
  }
}

/** Go's spellings of a bool, which Coder's environment variables use. */
function parseBoolean(option: Option, typed: string | readonly string[] | boolean): boolean {
  if (typeof typed === "boolean") return typed;
  const text = String(typed).toLowerCase();
  if (["1", "t", "true"].includes(text)) return true;
  if (["0", "f", "false", ""].includes(text)) return false;
  throw new UsageError(`--${option.flag} must be true or false, not "${typed}"`);
}

function parseInteger(option: Option, text: string): number {
  const value = Number(text);
  if (!/^[+-]?\d+$/.test(text.trim()) || !Number.isSafeInteger(value)) {
    throw new UsageError(`--${option.flag} must be a whole number, not "${text}"`);
  }
  return value;
}

function parseDurationOption(option: Option, text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined) {
    throw new UsageError(`--${option.flag} must be a duration such as 100ms, 5m or 1h30m, not "${text}"`);
  }
  return ms;
}

/** Flags that every workload with a clean-up has, with the defaults of Coder's own tool. */
export const cleanupOptions: readonly Option[] = [
  {
    key: "cleanupConcurrency",
    flag: "cleanup-concurrency",
    env: "CODER_SCALETEST_CLEANUP_CONCURRENCY",
    kind: "integer",
    default: "1",
    description: "Clean-up jobs at the same time; 0 means no limit",
  },
  {
    key: "cleanupTimeoutMs",
    flag: "cleanup-timeout",
    env: "CODER_SCALETEST_CLEANUP_TIMEOUT",
    kind: "duration",
    default: "30m",
    description: "Time for the whole clean-up; 0 means no limit",
  },
  {
    key: "cleanupJobTimeoutMs",
    flag: "cleanup-job-timeout",
    env: "CODER_SCALETEST_CLEANUP_JOB_TIMEOUT",
    kind: "duration",
    default: "5m",
    description: "Time for the clean-up of one workspace",
  },
];

/** For what deletes what earlier runs have left. */
export const orphanOption: Option = {
  key: "orphan",
  flag: "orphan",
  kind: "boolean",
  description:
    "Delete workspaces even where their destroy fails: what they stand for stays, and has to be removed by hand",
};

/** What is said of a limit that may be 0. */
export const notNegative = "must be 0 or more";

/** Schema parts of cleanupOptions. */
export const cleanupShape = {
  cleanupConcurrency: z.number().int().min(0, notNegative).default(1),
  cleanupTimeoutMs: z
    .number()
    .min(0, notNegative)
    .default(30 * 60_000),
  cleanupJobTimeoutMs: z
    .number()
    .min(0, notNegative)
    .default(5 * 60_000),
};

const coder = (name: string) => `CODER_SCALETEST_${name}`;

/**
 * Flags of every workload that puts a load on a deployment, with Coder's names and defaults; where two of them
 * mean different things by one, each says what by `told`.
 */
export const loadOptions = {
  template: {
    key: "template",
    flag: "template",
    short: "t",
    env: coder("TEMPLATE"),
    kind: "string",
    placeholder: "name or id",
    description: "Template of the workspaces",
  },
  concurrency: {
    key: "concurrency",
    flag: "concurrency",
    env: coder("CONCURRENCY"),
    kind: "integer",
    default: "1",
    description: "Workspaces at the same time; 0 means no limit",
  },
  timeout: {
    key: "timeoutMs",
    flag: "timeout",
    env: coder("TIMEOUT"),
    kind: "duration",
    default: "30m",
    description: "Time for the whole run, without its clean-up; 0 means no limit",
  },
  jobTimeout: {
    key: "jobTimeoutMs",
    flag: "job-timeout",
    env: coder("JOB_TIMEOUT"),
    kind: "duration",
    default: "5m",
    description: "Time for one workspace, from its begin; 0 means no limit",
  },
  useHostLogin: {
    key: "useHostLogin",
    flag: "use-host-login",
    env: coder("USE_HOST_LOGIN"),
    kind: "boolean",
    description: "Act as the signed-in user",
  },
  org: {
    key: "org",
    flag: "org",
    env: coder("ORG"),
    kind: "string",
    placeholder: "name or id",
    description: "Organization of the template, where several have one of this name",
  },
  agent: {
    key: "agent",
    flag: "agent",
    env: coder("AGENT"),
    kind: "string",
    placeholder: "name",
    description: "Agent to connect to; by default the first",
  },
  seed: {
    key: "seed",
    flag: "seed",
    env: coder("SEED"),
    kind: "integer",
    default: "1",
    description: "Seed of everything random in the load",
  },
} as const satisfies Record<string, Option>;

/** The same option with what this workload says of it. */
export function told(option: Option, own: Partial<Pick<Option, "description" | "default">>): Option {
  return { ...option, ...own };
}

/** Schema parts of loadOptions; those that differ are the workload's own. */
export const loadShape = {
  useHostLogin: z.boolean().default(false),
  timeoutMs: z
    .number()
    .min(0, notNegative)
    .default(30 * 60_000),
  jobTimeoutMs: z
    .number()
    .min(0, notNegative)
    .default(5 * 60_000),
  /** Name or id; only needed where several organizations have a template of this name. */
  org: z.string().min(1).optional(),
  /** Name of a top-level agent; the first one otherwise. */
  agent: z.string().min(1).optional(),
  seed: z.number().int().default(1),
};

/** Coder's flags for traces: accepted, to be refused with the reason. */
export const tracingOptions: readonly Option[] = (
  [
    ["trace", "boolean"],
    ["trace-honeycomb-api-key", "string"],
    ["trace-coder", "boolean"],
    ["trace-propagate", "boolean"],
  ] as const
).map(([flag, kind]) => ({
  key: flag.replace(/-(\w)/g, (_all, letter: string) => letter.toUpperCase()),
  flag,
  env: coder(flag.toUpperCase().replaceAll("-", "_")),
  kind,
  description: "",
  unsupported: "this tool measures by itself and sends no traces",
}));

/** How the `coder` command for SSH is found, where the connection goes through it. */
export const coderCliOptions: readonly Option[] = [
  {
    key: "coderCli",
    flag: "coder-cli",
    env: "CODER_SCALETEST_CODER_CLI",
    kind: "string",
    placeholder: "command",
    description: "The coder command with arguments, for SSH; by default the one on PATH",
  },
  {
    key: "downloadCli",
    flag: "download-cli",
    env: "CODER_SCALETEST_DOWNLOAD_CLI",
    kind: "boolean",
    description: "Fetch the coder command from the deployment where none is found on PATH",
  },
];

export const coderCliShape = {
  coderCli: z.string().min(1, "must name a command").optional(),
  downloadCli: z.boolean().default(false),
};

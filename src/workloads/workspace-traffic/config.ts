import * as z from "zod";
import { parseRate } from "../../protocol/rate.ts";
import { cleanupOptions, cleanupShape, coderCliOptions, coderCliShape, type Option } from "../options.ts";
import { sshOptions, sshShape } from "../ssh-options.ts";
import { TRAFFIC_METRICS, thresholdOption, thresholdsSchema } from "../thresholds.ts";

const notNegative = "must be 0 or more";
/** A tick carries its number, which takes five bytes, and something to tell it from others by. */
const MIN_BYTES = 8;
const MAX_BYTES = 1024 * 1024;
/** More than this, and the process behind a terminal does not get all of a line (contract: pty-canonical-limit). */
const MAX_LINE = 4_095;
const DEFAULT_BYTES = 1_024;
const DEFAULT_INTERVAL_MS = 100;

/** Configuration of `workspace-traffic`. Durations are milliseconds; 0 is "no limit" where a limit is meant. */
export const trafficConfigSchema = z
  .strictObject({
    useHostLogin: z.boolean().default(false),
    workspaceProxyUrl: z.url("must be a URL such as https://proxy.example.com").optional(),
    bytesPerTick: z
      .number()
      .int()
      .min(MIN_BYTES, `must be ${MIN_BYTES} or more: every tick carries its number`)
      .max(MAX_BYTES, `must be ${MAX_BYTES} or less`)
      .optional(),
    tickIntervalMs: z.number().min(1, "must be 1ms or more").default(DEFAULT_INTERVAL_MS),
    /** `40KB/s`, for each connection. */
    rate: z
      .string()
      .refine((text) => parseRate(text) !== undefined, "must be a rate such as 40KB/s")
      .optional(),
    concurrency: z.number().int().min(0, notNegative).default(0),
    ssh: z.boolean().default(false),
    disableDirect: z.boolean().default(false),
    /** Slug of the app. */
    app: z.string().optional(),
    targetWorkspaces: z
      .string()
      .refine(
        (text) => parseRange(text) !== undefined,
        "must be START:END, such as 0:10, with START before END",
      )
      .optional(),
    template: z.string().optional(),
    /** Only workspaces that this run made, by the id in their names. */
    run: z
      .string()
      .regex(/^[a-z0-9]{8}$/, "must be a run's id: eight letters and digits")
      .optional(),
    org: z.string().min(1).optional(),
    timeoutMs: z
      .number()
      .min(0, notNegative)
      .default(30 * 60_000),
    jobTimeoutMs: z
      .number()
      .min(0, notNegative)
      .default(5 * 60_000),
    durationMs: z.number().min(1_000, "must be 1s or more").optional(),
    rampMs: z.number().min(0, notNegative).default(0),
    warmUpMs: z.number().min(0, notNegative).default(0),
    connectionsPerWorkspace: z.number().int().min(1, "must be 1 or more").default(1),
    agent: z.string().min(1).optional(),
    reconnect: z.boolean().default(false),
    echo: z.enum(["raw", "tty"]).default("raw"),
    shards: z.number().int().min(1, "must be 1 or more").max(256, "must be 256 or less").optional(),
    seed: z.number().int().default(1),
    prometheusAddress: z.string().optional(),
    prometheusWaitMs: z.number().min(0, notNegative).default(15_000),
    lateLimitMs: z.number().min(0, notNegative).optional(),
    injectLatenessMs: z.number().min(0, notNegative).default(0),
    thresholds: thresholdsSchema(TRAFFIC_METRICS),
    ...sshShape,
    ...coderCliShape,
    ...cleanupShape,
  })
  .superRefine((config, context) => {
    const issue = (key: string, message: string) =>
      context.addIssue({ code: "custom", path: [key], message });
    if (config.ssh && config.app) issue("app", "cannot be used with --ssh");
    if (config.rate && config.bytesPerTick !== undefined)
      issue("rate", "cannot be used with --bytes-per-tick");
    const { bytes } = tickOf(config);
    if (bytes < MIN_BYTES || bytes > MAX_BYTES)
      issue(
        "rate",
        `makes ticks of ${bytes} bytes; change --tick-interval so that they have ${MIN_BYTES} to ${MAX_BYTES}`,
      );
    const terminal = !config.ssh && !config.app;
    if (terminal && config.echo === "tty" && bytes > MAX_LINE)
      issue(
        "echo",
        `tty takes ticks of at most ${MAX_LINE} bytes, not ${bytes}: a terminal's line has no more`,
      );
    const length = (config.durationMs ?? 0) + config.rampMs + config.warmUpMs;
    if (config.timeoutMs > 0 && length >= config.timeoutMs)
      issue("timeoutMs", "is not longer than ramp, warm-up and duration together; raise it");
  });
export type TrafficConfig = z.output<typeof trafficConfigSchema>;

/** What one tick of one connection is. */
export function tickOf(config: Pick<TrafficConfig, "rate" | "bytesPerTick" | "tickIntervalMs">): {
  bytes: number;
  intervalMs: number;
} {
  const intervalMs = config.tickIntervalMs;
  const rate = config.rate === undefined ? undefined : parseRate(config.rate);
  if (rate !== undefined) return { bytes: Math.round((rate * intervalMs) / 1_000), intervalMs };
  return { bytes: config.bytesPerTick ?? DEFAULT_BYTES, intervalMs };
}

/** Length of the measured part: `--duration`, else what Coder's own limits make of it. */
export function durationOf(config: TrafficConfig): number {
  if (config.durationMs !== undefined) return config.durationMs;
  const limits = [config.jobTimeoutMs, config.timeoutMs].filter((ms) => ms > 0);
  const longest = limits.length > 0 ? Math.min(...limits) : 24 * 3_600_000;
  return Math.max(1_000, longest - config.rampMs - config.warmUpMs);
}

/** `START:END`, END exclusive. */
export function parseRange(text: string): { start: number; end: number } | undefined {
  const match = /^(\d+):(\d+)$/.exec(text.trim());
  const [start, end] = [Number(match?.[1]), Number(match?.[2])];
  return match && start < end ? { start, end } : undefined;
}

const env = (name: string) => `CODER_SCALETEST_${name}`;
const traffic = (name: string) => env(`WORKSPACE_TRAFFIC_${name}`);
const noTracing = "this tool measures by itself and sends no traces";

/** The flags of Coder's own `workspace-traffic`, with its environment variables; ours last. */
export const trafficOptions: readonly Option[] = [
  {
    key: "bytesPerTick",
    flag: "bytes-per-tick",
    env: traffic("BYTES_PER_TICK"),
    kind: "integer",
    description: "Bytes that each connection sends in a tick; 1024 without --rate",
  },
  {
    key: "tickIntervalMs",
    flag: "tick-interval",
    env: traffic("TICK_INTERVAL"),
    kind: "duration",
    default: "100ms",
    description: "Time between two ticks of a connection",
  },
  {
    key: "ssh",
    flag: "ssh",
    env: traffic("SSH"),
    kind: "boolean",
    description: "Traffic over SSH instead of the web terminal",
  },
  {
    key: "app",
    flag: "app",
    env: traffic("APP"),
    kind: "string",
    placeholder: "slug",
    description: "Traffic to a WebSocket app of the workspaces that echoes, instead of the web terminal",
  },
  {
    key: "disableDirect",
    flag: "disable-direct",
    env: traffic("DISABLE_DIRECT_CONNECTIONS"),
    kind: "boolean",
    description: "With --ssh --ssh-via cli: through the deployment's relay only",
  },
  {
    key: "useHostLogin",
    flag: "use-host-login",
    env: env("USE_HOST_LOGIN"),
    kind: "boolean",
    description: "Connect as the signed-in user instead of as each workspace's owner",
  },
  {
    key: "workspaceProxyUrl",
    flag: "workspace-proxy-url",
    env: env("WORKSPACE_PROXY_URL"),
    kind: "string",
    placeholder: "url",
    description: "Send terminals and apps through this workspace proxy",
  },
  {
    key: "targetWorkspaces",
    flag: "target-workspaces",
    env: env("TARGET_WORKSPACES"),
    kind: "string",
    placeholder: "start:end",
    description:
      "Only these of the workspaces, sorted by name; the end is not among them: 0:10 are the first ten",
  },
  {
    key: "run",
    flag: "run",
    kind: "string",
    placeholder: "id",
    description: "Only workspaces that this run made",
  },
  {
    key: "template",
    flag: "template",
    short: "t",
    env: env("TEMPLATE"),
    kind: "string",
    placeholder: "name or id",
    description: "Only workspaces of this template",
  },
  {
    key: "concurrency",
    flag: "concurrency",
    env: env("CONCURRENCY"),
    kind: "integer",
    default: "0",
    description: "Workspaces at the same time; 0 is all of them. One after the other is no load",
  },
  {
    key: "timeoutMs",
    flag: "timeout",
    env: env("TIMEOUT"),
    kind: "duration",
    default: "30m",
    description: "Time for the whole run, without its clean-up; 0 means no limit",
  },
  {
    key: "jobTimeoutMs",
    flag: "job-timeout",
    env: env("JOB_TIMEOUT"),
    kind: "duration",
    default: "5m",
    description: "Length of the traffic where --duration is not given",
  },
  ...cleanupOptions,
  {
    key: "prometheusAddress",
    flag: "scaletest-prometheus-address",
    env: env("PROMETHEUS_ADDRESS"),
    kind: "string",
    placeholder: "host:port",
    description: "Tell Prometheus metrics at this address; not without it",
  },
  {
    key: "prometheusWaitMs",
    flag: "scaletest-prometheus-wait",
    env: env("PROMETHEUS_WAIT"),
    kind: "duration",
    default: "15s",
    description: "How long the metrics stay there after the end",
  },
  ...["trace", "trace-coder", "trace-propagate"].map((flag) => unsupported(flag, "boolean")),
  unsupported("trace-honeycomb-api-key", "string"),
  {
    key: "durationMs",
    flag: "duration",
    env: env("DURATION"),
    kind: "duration",
    description: "Length of the measured part, after ramp and warm-up",
  },
  {
    key: "rate",
    flag: "rate",
    env: env("RATE"),
    kind: "string",
    placeholder: "40KB/s",
    description: "Bytes a second of each connection, instead of --bytes-per-tick (KB = 1,000, KiB = 1,024)",
  },
  {
    key: "rampMs",
    flag: "ramp",
    env: env("RAMP"),
    kind: "duration",
    default: "0",
    description: "Open the connections evenly over this time",
  },
  {
    key: "warmUpMs",
    flag: "warm-up",
    env: env("WARM_UP"),
    kind: "duration",
    default: "0",
    description: "Traffic that is not measured, before the part that is",
  },
  {
    key: "connectionsPerWorkspace",
    flag: "connections-per-workspace",
    env: env("CONNECTIONS_PER_WORKSPACE"),
    kind: "integer",
    default: "1",
    description: "Connections to each workspace",
  },
  {
    key: "agent",
    flag: "agent",
    env: env("AGENT"),
    kind: "string",
    placeholder: "name",
    description: "Agent to connect to; by default the first of the last resource that has one",
  },
  {
    key: "reconnect",
    flag: "reconnect",
    env: env("RECONNECT"),
    kind: "boolean",
    description: "Open dropped connections again, and measure the gap; a drop is a failure all the same",
  },
  {
    key: "echo",
    flag: "echo",
    env: env("ECHO"),
    kind: "choice",
    choices: ["raw", "tty"],
    default: "raw",
    description:
      "What echoes in a terminal: a cat in raw mode, or the terminal itself as in Coder's own tool",
  },
  {
    key: "org",
    flag: "org",
    env: env("ORG"),
    kind: "string",
    placeholder: "name or id",
    description: "Organization of the template, where several have one of this name",
  },
  {
    key: "shards",
    flag: "shards",
    env: env("SHARDS"),
    kind: "integer",
    description: "Threads that make the traffic; by default one less than there are cores",
  },
  {
    key: "seed",
    flag: "seed",
    env: env("SEED"),
    kind: "integer",
    default: "1",
    description: "Seed of everything random in the load",
  },
  thresholdOption(TRAFFIC_METRICS),
  ...sshOptions,
  ...coderCliOptions,
  {
    key: "lateLimitMs",
    flag: "late-limit",
    kind: "duration",
    hidden: true,
    description: "For tests of this tool on a machine that does other things, too: how late a tick may be",
  },
  {
    key: "injectLatenessMs",
    flag: "inject-lateness",
    kind: "duration",
    hidden: true,
    description: "For tests of this tool: makes its own timers late",
  },
];

function unsupported(flag: string, kind: "boolean" | "string"): Option {
  return {
    key: flag.replace(/-(\w)/g, (_all, letter: string) => letter.toUpperCase()),
    flag,
    env: env(flag.toUpperCase().replaceAll("-", "_")),
    kind,
    description: "",
    unsupported: noTracing,
  };
}

import * as z from "zod";
import type { Option } from "../../contract/option.ts";
import { parseRate } from "../../protocol/rate.ts";
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
import { sshOptions, sshShape } from "../ssh-options.ts";
import { TRAFFIC_METRICS, thresholdOption, thresholdsSchema } from "../thresholds.ts";

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
    ...loadShape,
    workspaceProxyUrl: z.url("must be a URL such as https://proxy.example.com").optional(),
    bytesPerTick: z
      .number()
      .int()
      .min(MIN_BYTES, `must be ${MIN_BYTES} or more: every message carries its number`)
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
    durationMs: z.number().min(1_000, "must be 1s or more").optional(),
    rampMs: z.number().min(0, notNegative).default(0),
    warmUpMs: z.number().min(0, notNegative).default(0),
    connectionsPerWorkspace: z.number().int().min(1, "must be 1 or more").default(1),
    reconnect: z.boolean().default(false),
    echo: z.enum(["raw", "tty"]).default("raw"),
    shards: z.number().int().min(1, "must be 1 or more").max(256, "must be 256 or less").optional(),
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
        `makes messages of ${bytes} bytes; change --tick-interval so that they have ${MIN_BYTES} to ${MAX_BYTES}`,
      );
    const terminal = !config.ssh && !config.app;
    if (terminal && config.echo === "tty" && bytes > MAX_LINE)
      issue(
        "echo",
        `tty takes messages of at most ${MAX_LINE} bytes, not ${bytes}: a terminal's line has no more`,
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

/** The flags of Coder's own `workspace-traffic`, with its environment variables; ours last. */
export const trafficOptions: readonly Option[] = [
  {
    key: "bytesPerTick",
    flag: "bytes-per-tick",
    env: traffic("BYTES_PER_TICK"),
    kind: "integer",
    description: "Size of the message that each connection sends at a tick, in bytes; 1024 without --rate",
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
  told(loadOptions.useHostLogin, {
    description: "Connect as the signed-in user instead of as each workspace's owner",
  }),
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
  told(loadOptions.template, { description: "Only workspaces of this template" }),
  told(loadOptions.concurrency, {
    default: "0",
    description: "Workspaces at the same time; 0 is all of them. One after the other is no load",
  }),
  loadOptions.timeout,
  told(loadOptions.jobTimeout, {
    description: "Length of the traffic where --duration is not given",
  }),
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
  ...tracingOptions,
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
    description:
      "Bytes a second of each connection, instead of --bytes-per-tick (KB = 1,000, KiB = 1,024): one message at each tick, so 40KB/s is 10 messages/s × 4 KB",
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
  told(loadOptions.agent, {
    description: "Agent to connect to; by default the first of the last resource that has one",
  }),
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
  loadOptions.org,
  {
    key: "shards",
    flag: "shards",
    env: env("SHARDS"),
    kind: "integer",
    description: "Threads that make the traffic; by default one less than there are cores",
  },
  loadOptions.seed,
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

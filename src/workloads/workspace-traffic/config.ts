import * as z from "zod";
import { field, told, withDefault } from "../../contract/fields/field.ts";
import { issueOf } from "../../contract/fields/problem.ts";
import { fieldTable, schemaOf } from "../../contract/fields/table.ts";
import { DEFAULT_BYTES_PER_TICK, DEFAULT_TICK_INTERVAL_MS } from "../../protocol/defaults.ts";
import { parseRate } from "../../protocol/rate.ts";
import { type Message, say, words } from "../../text/message.ts";
import { chosenFields } from "../chosen-fields.ts";
import { cleanupFields, coder, loadFields, milliseconds, tracingFields } from "../common-fields.ts";
import { sshFields } from "../ssh-fields.ts";
import { thresholdField } from "../thresholds.ts";
import { JUDGED } from "./describe.ts";

export const WORKSPACE_TRAFFIC = "workspace-traffic";

/** A tick carries its number, which takes five bytes, and something to tell it from others by. */
const MIN_BYTES = 8;
const MAX_BYTES = 1024 * 1024;
/** More than this, and the process behind a terminal does not get all of a line (contract: pty-canonical-limit). */
const MAX_LINE = 4_095;

const traffic = (name: string) => coder(`WORKSPACE_TRAFFIC_${name}`);

/**
 * What `workspace-traffic` can be told: the flags of Coder's own command, with its environment variables; ours last.
 * Durations are milliseconds; 0 is "no limit" where a limit is meant.
 */
export const trafficFields = fieldTable({
  bytesPerTick: field(
    z
      .number()
      .int()
      .min(MIN_BYTES, words("must be 8 or more: every message carries its number"))
      .max(MAX_BYTES, words("must be 1048576 or less")),
    {
      flag: "bytes-per-tick",
      env: traffic("BYTES_PER_TICK"),
      unit: "bytes",
      description: `Size of the message that each connection sends at a tick, in bytes; ${DEFAULT_BYTES_PER_TICK} without --rate`,
    },
  ),
  tickIntervalMs: field(z.number().min(1, words("must be 1ms or more")), {
    flag: "tick-interval",
    env: traffic("TICK_INTERVAL"),
    unit: "ms",
    default: DEFAULT_TICK_INTERVAL_MS,
    description: "Time between two ticks of a connection",
  }),
  ssh: field(z.boolean(), {
    flag: "ssh",
    env: traffic("SSH"),
    default: false,
    description: "Traffic over SSH instead of the web terminal",
  }),
  app: field(z.string(), {
    flag: "app",
    env: traffic("APP"),
    placeholder: "slug",
    description: "Traffic to a WebSocket app of the workspaces that echoes, instead of the web terminal",
  }),
  disableDirect: field(z.boolean(), {
    flag: "disable-direct",
    env: traffic("DISABLE_DIRECT_CONNECTIONS"),
    default: false,
    description: "With --ssh --ssh-via cli: through the deployment's relay only",
  }),
  useHostLogin: told(loadFields.useHostLogin, {
    description: "Connect as the signed-in user instead of as each workspace's owner",
  }),
  workspaceProxyUrl: field(
    z.url({ protocol: /^https?$/, error: words("must be a URL such as https://proxy.example.com") }),
    {
      flag: "workspace-proxy-url",
      env: coder("WORKSPACE_PROXY_URL"),
      placeholder: "url",
      description: "Send terminals and apps through this workspace proxy",
    },
  ),
  ...chosenFields,
  concurrency: withDefault(loadFields.concurrency, 0, {
    description: "Workspaces at the same time; 0 is all of them. One after the other is no load",
  }),
  timeoutMs: loadFields.timeoutMs,
  jobTimeoutMs: told(loadFields.jobTimeoutMs, {
    description: "Length of the traffic where --duration is not given",
  }),
  ...cleanupFields,
  prometheusAddress: field(z.string(), {
    flag: "scaletest-prometheus-address",
    env: coder("PROMETHEUS_ADDRESS"),
    placeholder: "host:port",
    description: "Tell Prometheus metrics at this address; not without it",
  }),
  prometheusWaitMs: field(milliseconds(), {
    flag: "scaletest-prometheus-wait",
    env: coder("PROMETHEUS_WAIT"),
    unit: "ms",
    default: 15_000,
    description: "How long the metrics stay there after the end",
  }),
  ...tracingFields,
  durationMs: field(z.number().min(1_000, words("must be 1s or more")), {
    flag: "duration",
    env: coder("DURATION"),
    unit: "ms",
    description: "Length of the measured part, after ramp and warm-up",
  }),
  /** For each connection. */
  rate: field(
    z.string().refine((text) => parseRate(text) !== undefined, words("must be a rate such as 40KB/s")),
    {
      flag: "rate",
      env: coder("RATE"),
      placeholder: "40KB/s",
      description:
        "Bytes a second of each connection, instead of --bytes-per-tick (KB = 1,000, KiB = 1,024): one message at each tick, so 40KB/s is 10 messages/s × 4 KB",
    },
  ),
  rampMs: field(milliseconds(), {
    flag: "ramp",
    env: coder("RAMP"),
    unit: "ms",
    default: 0,
    description: "Open the connections evenly over this time",
  }),
  warmUpMs: field(milliseconds(), {
    flag: "warm-up",
    env: coder("WARM_UP"),
    unit: "ms",
    default: 0,
    description: "Traffic that is not measured, before the part that is",
  }),
  connectionsPerWorkspace: field(z.number().int().min(1, words("must be 1 or more")), {
    flag: "connections-per-workspace",
    env: coder("CONNECTIONS_PER_WORKSPACE"),
    default: 1,
    description: "Connections to each workspace",
  }),
  agent: told(loadFields.agent, {
    description: "Agent to connect to; by default the first of the last resource that has one",
  }),
  reconnect: field(z.boolean(), {
    flag: "reconnect",
    env: coder("RECONNECT"),
    default: false,
    description: "Open dropped connections again, and measure the gap; a drop is a failure all the same",
  }),
  echo: field(z.enum(["raw", "tty"]), {
    flag: "echo",
    env: coder("ECHO"),
    default: "raw",
    description:
      "What echoes in a terminal: a cat in raw mode, or the terminal itself as in Coder's own tool",
  }),
  org: loadFields.org,
  shards: field(z.number().int().min(1, words("must be 1 or more")).max(256, words("must be 256 or less")), {
    flag: "shards",
    env: coder("SHARDS"),
    description: "Threads that make the traffic; by default one less than there are cores",
  }),
  seed: loadFields.seed,
  thresholds: thresholdField(JUDGED, "round_trip.p95<200ms"),
  ...sshFields,
  lateLimitMs: field(milliseconds(), {
    flag: "late-limit",
    unit: "ms",
    hidden: true,
    description: "For tests of this tool on a machine that does other things, too: how late a tick may be",
  }),
  injectLatenessMs: field(milliseconds(), {
    flag: "inject-lateness",
    unit: "ms",
    hidden: true,
    default: 0,
    description: "For tests of this tool: makes its own timers late",
  }),
});

/** The configuration of `workspace-traffic`, with what holds between several of its fields. */
export const trafficConfigSchema = schemaOf(trafficFields).superRefine((config, context) => {
  const issue = (key: string, said: Message) => context.addIssue({ ...issueOf(said), path: [key] });
  if (config.ssh && config.app) issue("app", say("cannot be used with {0}", "--ssh"));
  if (config.rate && config.bytesPerTick !== undefined)
    issue("rate", say("cannot be used with {0}", "--bytes-per-tick"));
  const { bytes } = tickOf(config);
  if (bytes < MIN_BYTES || bytes > MAX_BYTES)
    issue(
      "rate",
      say(
        "makes messages of {0} bytes; change --tick-interval so that they have {1} to {2}",
        bytes,
        MIN_BYTES,
        MAX_BYTES,
      ),
    );
  const terminal = !config.ssh && !config.app;
  if (terminal && config.echo === "tty" && bytes > MAX_LINE)
    issue(
      "echo",
      say("tty takes messages of at most {0} bytes, not {1}: a terminal's line has no more", MAX_LINE, bytes),
    );
  const length = (config.durationMs ?? 0) + config.rampMs + config.warmUpMs;
  if (config.timeoutMs > 0 && length >= config.timeoutMs)
    issue("timeoutMs", say("is not longer than ramp, warm-up and duration together; raise it"));
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
  return { bytes: config.bytesPerTick ?? DEFAULT_BYTES_PER_TICK, intervalMs };
}

/** Length of the measured part: `--duration`, else what Coder's own limits make of it. */
export function durationOf(config: TrafficConfig): number {
  if (config.durationMs !== undefined) return config.durationMs;
  const limits = [config.jobTimeoutMs, config.timeoutMs].filter((ms) => ms > 0);
  const longest = limits.length > 0 ? Math.min(...limits) : 24 * 3_600_000;
  return Math.max(1_000, longest - config.rampMs - config.warmUpMs);
}

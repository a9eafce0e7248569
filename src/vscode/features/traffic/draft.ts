import type { Reach } from "../../../app/reach.ts";
import { DEFAULT_BYTES_PER_TICK, DEFAULT_TICK_INTERVAL_MS } from "../../../protocol/defaults.ts";
import { parseRate } from "../../../protocol/rate.ts";
import type { RunDraft } from "../../ask/draft.ts";
import { given } from "../../ask/request-config.ts";
import type { TrafficConfig, WorkspaceTrafficRequest } from "./request.ts";

/** How a workspace is reached: a web terminal, SSH, or one of its apps by slug. */
export type Transport = "terminal" | "ssh" | { app: string };

/** A request whose configuration the workload's fields have read. */
export type TrafficRequest = Omit<WorkspaceTrafficRequest, "config"> & { config: TrafficConfig };

/** The answers so far. Durations are milliseconds. */
export interface TrafficDraft extends RunDraft {
  reach: Reach | undefined;
  /** All is to be as it was the last time. */
  isLikeLast: boolean;
  transport: Transport | undefined;
  /** Of one connection, as it was typed: `40KB/s`. */
  rate: string | undefined;
  /** Of a message, where nothing says a rate. */
  bytesPerTick: number | undefined;
  /** It is to be typed, and not one of those offered. */
  ownRate: boolean;
  /** A connection sends one message in this time. */
  tickIntervalMs: number;
  connections: number | undefined;
  rampMs: number | undefined;
  warmUpMs: number | undefined;
  durationMs: number | undefined;
  /** Of the whole run; undefined: the usual one. */
  timeoutMs: number | undefined;
}

/** What was answered last on a deployment, to be offered again. */
export interface LastTraffic {
  run?: string;
  template?: string;
  transport?: Transport;
  rate?: string;
  connections?: number;
  rampMs?: number;
  warmUpMs?: number;
  durationMs?: number;
  timeoutMs?: number;
}

/** What a request says under `config` of what it could say itself is not asked for either. */
export function withTrafficConfig(request: WorkspaceTrafficRequest, config: TrafficConfig): TrafficRequest {
  const { run, template, app, rate, rampMs, warmUpMs, durationMs, connectionsPerWorkspace, ...others } =
    config;
  const own = { template, app, rate, rampMs, warmUpMs, durationMs };
  const named = { runId: run, connections: connectionsPerWorkspace };
  const way = others.ssh === undefined ? undefined : others.ssh ? ("ssh" as const) : ("terminal" as const);
  return { ...given({ ...own, ...named, transport: way }), ...request, config: others };
}

/** An earlier run's configuration: what is asked for, as answers, and the others. */
export function earlierTraffic(config: TrafficConfig): { answers: LastTraffic; others: TrafficConfig } {
  const { run, template, app, ssh, connectionsPerWorkspace: connections, ...own } = config;
  const { rate, rampMs, warmUpMs, durationMs, timeoutMs, ...others } = own;
  const transport: Transport = app ? { app } : ssh ? "ssh" : "terminal";
  const known = { run, template, transport, rate, connections, rampMs, warmUpMs, durationMs, timeoutMs };
  // Without a rate, the size of a message says it.
  return { answers: given(known), others };
}

/** Bytes of a message, where they are said instead of a rate; for a run that is not asked for, the workload's own. */
function bytesOf({ config, rate, start }: TrafficRequest): number | undefined {
  if (config.bytesPerTick !== undefined || rate !== undefined) return config.bytesPerTick;
  return start ? DEFAULT_BYTES_PER_TICK : undefined;
}

/** Bytes a second of one connection. */
export function rateOf(draft: Pick<TrafficDraft, "rate" | "bytesPerTick" | "tickIntervalMs">): number {
  const { rate, bytesPerTick, tickIntervalMs } = draft;
  if (rate === undefined && bytesPerTick !== undefined) return (bytesPerTick * 1_000) / tickIntervalMs;
  return parseRate(rate ?? DEFAULTS.rate) ?? 0;
}

/** Opening, draining and closing come on top of the traffic. */
const SLACK_MS = 10 * 60_000;

/** How long it takes from the first connection to the last tick. */
export function lengthOf(draft: Pick<TrafficDraft, "rampMs" | "warmUpMs" | "durationMs">): number {
  return (draft.rampMs ?? 0) + (draft.warmUpMs ?? 0) + (draft.durationMs ?? DEFAULTS.durationMs);
}

/** A time limit that such a length fits into, to be offered. */
export function timeLimitFor(lengthMs: number): number {
  return lengthMs + SLACK_MS;
}

export function newTrafficDraft(request: TrafficRequest): TrafficDraft {
  const { config, start } = request;
  const none = start ? 0 : undefined;
  return {
    deployment: undefined,
    reach: undefined,
    isLikeLast: false,
    transport: transportOf(request),
    rate: request.rate,
    bytesPerTick: bytesOf(request),
    ownRate: false,
    connections: request.connections,
    rampMs: request.rampMs ?? none,
    warmUpMs: request.warmUpMs ?? none,
    durationMs: request.durationMs,
    timeoutMs: undefined,
    tickIntervalMs: config.tickIntervalMs ?? DEFAULT_TICK_INTERVAL_MS,
    acknowledgedHost: request.acknowledgedHost,
    confirmed: start ?? false,
  };
}

export function transportOf({
  transport,
  app,
}: Pick<WorkspaceTrafficRequest, "transport" | "app">): Transport | undefined {
  if (app) return { app };
  return transport;
}

export const DEFAULTS = {
  rate: "40KB/s",
  connections: 1,
  rampMs: 30_000,
  warmUpMs: 30_000,
  durationMs: 10 * 60_000,
} as const;

/** The configuration that the workload gets: what was answered, and what the request adds to it. */
export function trafficConfigOf(
  draft: TrafficDraft,
  request: TrafficRequest,
  more: Record<string, unknown>,
): Record<string, unknown> {
  const { reach, transport, rate } = draft;
  return {
    ...more,
    ...(draft.timeoutMs === undefined ? {} : { timeoutMs: draft.timeoutMs }),
    ...request.config,
    ...(reach?.run ? { run: reach.run } : {}),
    ...(reach?.template ? { template: reach.template.id } : {}),
    ...(transport === "ssh" ? { ssh: true } : {}),
    ...(typeof transport === "object" ? { app: transport.app } : {}),
    ...(rate === undefined && draft.bytesPerTick !== undefined ? {} : { rate: rate ?? DEFAULTS.rate }),
    connectionsPerWorkspace: draft.connections ?? DEFAULTS.connections,
    ...courseOf(draft, request),
    ...(draft.thresholds ? { thresholds: draft.thresholds } : {}),
  };
}

/** Without a length, the workload's own limits say how long it is. */
function courseOf(draft: TrafficDraft, { start }: TrafficRequest): Record<string, unknown> {
  const { rampMs = 0, warmUpMs = 0 } = draft;
  const durationMs = draft.durationMs ?? (start ? undefined : DEFAULTS.durationMs);
  return { rampMs, warmUpMs, ...(durationMs === undefined ? {} : { durationMs }) };
}

export function lastTrafficOf(draft: TrafficDraft): LastTraffic {
  const { reach, transport, rate, connections, rampMs, warmUpMs, durationMs, timeoutMs } = draft;
  const known = { transport, rate, connections, rampMs, warmUpMs, durationMs, timeoutMs };
  return {
    ...Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined)),
    ...(reach?.run ? { run: reach.run } : {}),
    ...(reach?.template ? { template: reach.template.id } : {}),
  };
}

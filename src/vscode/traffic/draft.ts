import type { Reach } from "../../app/reach.ts";
import type { RunDraft } from "../ask/draft.ts";
import type { WorkspaceTrafficRequest } from "../ids.ts";

/** How a workspace is reached: a web terminal, SSH, or one of its apps by slug. */
export type Transport = "terminal" | "ssh" | { app: string };

/** The answers so far. Durations are milliseconds. */
export interface TrafficDraft extends RunDraft {
  reach: Reach | undefined;
  transport: Transport | undefined;
  /** Of one connection, as it was typed: `40KB/s`. */
  rate: string | undefined;
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

/** A connection sends one message in this time, where a request's configuration does not say otherwise. */
export const TICK_INTERVAL_MS = 100;

function tickIntervalOf({ config }: Pick<WorkspaceTrafficRequest, "config">): number {
  const asked = config?.tickIntervalMs;
  return typeof asked === "number" && asked > 0 ? asked : TICK_INTERVAL_MS;
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

export function newTrafficDraft(request: WorkspaceTrafficRequest): TrafficDraft {
  return {
    deployment: undefined,
    reach: undefined,
    transport: transportOf(request),
    rate: request.rate,
    ownRate: false,
    connections: request.connections,
    rampMs: request.rampMs ?? (request.start ? 0 : undefined),
    warmUpMs: request.warmUpMs ?? (request.start ? 0 : undefined),
    durationMs: request.durationMs,
    timeoutMs: undefined,
    tickIntervalMs: tickIntervalOf(request),
    acknowledgedHost: request.acknowledgedHost,
    confirmed: request.start ?? false,
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
  request: WorkspaceTrafficRequest,
  more: Record<string, unknown>,
): Record<string, unknown> {
  const { reach, transport } = draft;
  const [rampMs, warmUpMs, durationMs] = [
    draft.rampMs ?? 0,
    draft.warmUpMs ?? 0,
    draft.durationMs ?? DEFAULTS.durationMs,
  ];
  return {
    ...more,
    ...(draft.timeoutMs === undefined ? {} : { timeoutMs: draft.timeoutMs }),
    ...request.config,
    ...(reach?.run ? { run: reach.run } : {}),
    ...(reach?.template ? { template: reach.template.id } : {}),
    ...(transport === "ssh" ? { ssh: true } : {}),
    ...(typeof transport === "object" ? { app: transport.app } : {}),
    rate: draft.rate ?? DEFAULTS.rate,
    connectionsPerWorkspace: draft.connections ?? DEFAULTS.connections,
    rampMs,
    warmUpMs,
    durationMs,
  };
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

import * as z from "zod";

const share = z.number().min(0).max(1);
const count = z.number().int().min(0).max(1_000);
const ms = z.number().min(0).max(3_600_000);

/**
 * What a sandbox can be made to do wrong. Shares are from 0 (never) to 1 (always), drawn from the sandbox's
 * seed; times are milliseconds. Everything is off until it is set, and can be changed while it runs.
 */
export const faultSettingsSchema = z.strictObject({
  /** Start builds whose apply fails. */
  buildFailureRate: share,
  /** Agents that never connect; the deployment calls them timed out after `agentTimeoutMs`. */
  agentNeverConnects: share,
  agentTimeoutMs: ms,
  /** All agents connect so long after their build, instead of at once. */
  agentConnectsAfterMs: ms,
  /** All startup scripts take so long, instead of a moment. */
  startupTakesMs: ms,
  startupFails: share,
  startupHangs: share,
  /** API answers come later by a log-normal time with this median and 99th percentile. */
  apiLatencyP50Ms: ms,
  apiLatencyP99Ms: ms,
  /** Database queries take so many times longer than the load model says: locks, or a slow disk. */
  databaseSlowdown: z.number().min(1).max(10_000),
  /** API requests that are answered `errorStatus` instead, by something in front of coderd. */
  errorRate: share,
  errorStatus: z.union([z.literal(500), z.literal(502), z.literal(503)]),
  /** API requests that are answered 429, whatever the limit is. */
  rateLimited: share,
  /** Of all long-lived connections, dropped every `dropEveryMs`. */
  dropShare: share,
  dropEveryMs: ms,
  /** The server accepts connections and keeps them, and says nothing. */
  frozen: z.boolean(),
  /** Output chunks of terminals and apps with a byte changed, or with their last half missing. */
  echoCorrupted: share,
  echoTruncated: share,
  /** Packets of the tailnet that the relay loses, and WireGuard handshakes that agents do not answer. */
  packetLoss: share,
  handshakesIgnored: share,
  /** How far the server's clock is ahead of this machine's. */
  clockSkewMs: z.number().min(-86_400_000).max(86_400_000),
  /** No daemon takes a job. */
  provisionersPaused: z.boolean(),
  /** Jobs of daemons that died are given up by the server after this long: five minutes at coderd. */
  hungJobMs: ms,
  /** Daemons that have gone are taken for there for this long: 90 seconds at coderd. */
  daemonStaleMs: ms,
  /** The database answers nobody: whatever asks it waits. */
  databasePaused: z.boolean(),
  /** Workspaces whose first delete build fails. */
  deleteFailsOnce: share,
  /** Workspaces whose resources cannot be destroyed: every delete build fails but one that orphans. */
  deleteFails: share,
});
export type FaultSettings = z.output<typeof faultSettingsSchema>;

/** Nothing goes wrong. */
export const NO_FAULTS: FaultSettings = {
  buildFailureRate: 0,
  agentNeverConnects: 0,
  agentTimeoutMs: 120_000,
  agentConnectsAfterMs: 0,
  startupTakesMs: 0,
  startupFails: 0,
  startupHangs: 0,
  apiLatencyP50Ms: 0,
  apiLatencyP99Ms: 0,
  databaseSlowdown: 1,
  errorRate: 0,
  errorStatus: 503,
  rateLimited: 0,
  dropShare: 0,
  dropEveryMs: 0,
  frozen: false,
  echoCorrupted: 0,
  echoTruncated: 0,
  packetLoss: 0,
  handshakesIgnored: 0,
  clockSkewMs: 0,
  provisionersPaused: false,
  hungJobMs: 300_000,
  daemonStaleMs: 90_000,
  databasePaused: false,
  deleteFailsOnce: 0,
  deleteFails: 0,
};

/** Things that happen once, when they are asked for. */
export const faultActionsSchema = z.strictObject({
  /** This share of all long-lived connections drops now: 0.25 is one replica of four that leaves. */
  drop: share.optional(),
  /** This replica leaves with all its connections and its provisioner daemons, or is back: its index, from 0. */
  replicaLeaves: z.number().int().min(0).optional(),
  replicaReturns: z.number().int().min(0).optional(),
  /** So many provisioner daemons are asked to go, are killed, or are back. */
  daemonsLeave: count.optional(),
  daemonsDie: count.optional(),
  daemonsReturn: count.optional(),
  /** The whole server goes away, with its state kept, and is back after this long. */
  restart: ms.optional(),
  /** All sessions and tokens of this user expire now. */
  expireSessions: z.string().optional(),
  /** All settings off. */
  reset: z.boolean().optional(),
});

/** The body of `POST /sandbox/faults`: any settings and actions. */
export const faultRequestSchema = faultSettingsSchema.partial().extend(faultActionsSchema.shape);
export type FaultRequest = z.output<typeof faultRequestSchema>;

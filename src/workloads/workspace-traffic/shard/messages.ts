import type { SessionNews } from "../../../coder/session.ts";
import type { DialTarget } from "../../../coder/ssh/dialer.ts";
import type { Batch } from "../../../measure/seconds.ts";
import type { Target } from "../../../protocol/target.ts";
import type { Window } from "./tally.ts";

/**
 * What the run's main thread and its shards say to each other. Both are of one build, so nothing is checked.
 * Times are milliseconds of the clock that all threads share (clock.ts).
 */

export type Kind = "pty" | "ssh" | "app";
export const KINDS: readonly Kind[] = ["pty", "ssh", "app"];

export interface ShardSetup {
  shard: number;
  /** Of all together. */
  shards: number;
  /** Its token is the session's; most connections have one of their own. */
  target: Target;
  /** Of all shards together. */
  connections: number;
  /** Bytes of a tick. */
  bytes: number;
  intervalMs: number;
  /** How terminals echo: see the option. */
  echo: "raw" | "tty";
  seed: number;
  reconnect: boolean;
  /** Time for an echo of what was sent last. */
  drainMs: number;
  openTimeoutMs: number;
  /** Tick 0 of connection 0 would have been due then. */
  epoch: number;
  /** The run's begin, by the same clock: seconds are counted from it. */
  zero: number;
  /** A tick later than this counts as late. */
  lateMs: number;
  /** For tests: makes this thread's timers late. */
  injectLatenessMs: number;
  /** WebSockets were found not to get through to the deployment. */
  upgradesStripped: boolean;
  ssh: SshSetup | undefined;
}

export type SshSetup =
  | { via: "native"; connectionsPerNode: number }
  | { via: "cli"; command: string[]; mode: "derp" | "direct"; folder: string; maxProcesses: number };

export type Address =
  | { kind: "pty" | "app"; url: string; token: string }
  | { kind: "ssh"; target: DialTarget };

export type ToShard =
  /** `index` is the connection's among all of the run: it decides its place in the schedule. */
  | { type: "open"; id: number; index: number; address: Address }
  | { type: "window"; ids: number[]; window: Window }
  /** From `at` on nothing is sent; connections stay open. */
  | { type: "pause"; at: number }
  /** Goes on: all that was still to come comes as much later as the pause was long. */
  | { type: "resume"; pause: Window }
  /** Ends now; its ticks under way are lost, but not a failure. */
  | { type: "end"; id: number }
  /** The session has expired, has another token, or is lost; also the answer to a suspicion. */
  | { type: "session"; news: SessionNews }
  | { type: "close" };

export type FromShard =
  | { type: "opened"; id: number; ms: number }
  | { type: "failed"; id: number; failure: OpenFailure }
  | { type: "dropped"; id: number; drop: Drop }
  | { type: "reconnected"; id: number; gapMs: number }
  | { type: "ended"; id: number; totals: ConnectionTotals }
  /** The deployment has refused the session's token. */
  | { type: "suspicion"; token: string }
  /** For people. */
  | { type: "event"; text: string }
  | ShardSecond;

export interface OpenFailure {
  causeId: string;
  cause: string;
  message: string;
  requestId: string | undefined;
}

export interface Drop {
  /** `1006`, `ECONNRESET`, `ssh`. */
  code: string;
  reason: string;
  /** Since it was opened. */
  afterMs: number;
  reconnecting: boolean;
}

export interface ConnectionTotals {
  bytesRead: number;
  bytesWritten: number;
  /** Of the connection's whole life. */
  ticks: {
    sent: number;
    echoed: number;
    wrong: number;
    lost: number;
    bytesExtra: number;
    bytesWrong: number;
  };
}

/** What was counted since the last one. */
export interface ShardSecond {
  type: "second";
  batch: Omit<Batch, "step">;
  /** Where its connections are now. */
  connections: { opening: number; active: number; reconnecting: number };
  /** Triples of connection, bytes read, bytes written, where any were. */
  bytes: Float64Array;
}

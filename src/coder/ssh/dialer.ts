import type { Duplex } from "node:stream";
import { UpgradeRefused } from "../../tailnet/network.ts";
import type { Message } from "../../text/message.ts";
import { saysStripped } from "../errors.ts";
import type { Subject } from "../session.ts";

/** Where a connection goes: an agent, by the names and the id that the different ways need. */
export interface DialTarget {
  owner: string;
  workspace: string;
  agent: string;
  agentId: string;
  /** A token of the workspace's owner. */
  token: string;
  /** What its calls count for; the run as a whole where several workspaces share the token. */
  subject?: Subject;
}

export interface Dialed {
  /** Raw bytes to the agent's SSH server. */
  stream: Duplex;
  /** Milliseconds spent waiting here for a place, which is ours and not the deployment's. */
  waitedMs: number;
}

/** A way of reaching an agent's SSH server. */
export interface WorkspaceDialer {
  /** What a measurement over it says: through coderd's relay, or past it. */
  readonly description: Message;
  /** Called when a place is found and the dial itself begins. */
  dial(target: DialTarget, signal: AbortSignal, onStart?: () => void): Promise<Dialed>;
  /** Helper processes alive, and dials that wait for a place. */
  load(): { processes: number; waiting: number };
  close(): Promise<void>;
}

/** By the deployment's own words, which is all that the `coder` command tells of its refusal. */
export function saysSignedOut(error: unknown): boolean {
  return error instanceof Error && error.message.includes("your session has expired");
}

/** The coordinator, and the relay, are reached by an upgrade; the `coder` command only tells what it got instead. */
export function saysUpgradesStripped(error: unknown): boolean {
  for (let one = error; one instanceof Error; one = one.cause) {
    if (one instanceof UpgradeRefused && saysStripped(one.status, one.message)) return true;
    if (/status code 101 but got (426|2\d\d)/.test(one.message)) return true;
  }
  return false;
}

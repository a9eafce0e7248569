import type { Message } from "../text/message.ts";
import { SaidError } from "../text/said-error.ts";

/**
 * What ended a connection over the tailnet, or kept it from being made. Branch on the kind; the message is
 * one line for people.
 */
export type TailnetFailure =
  /** The coordinator knows no such agent, or we may not reach it. */
  | "refused"
  /** The coordinator has nothing to say about the agent: it is not connected right now. */
  | "agent_offline"
  /** It was there, and is gone: the relay or the coordinator said so, and nothing came since. */
  | "agent_gone"
  /** Another agent process took its place, with a new key. */
  | "agent_replaced"
  /** The agent is announced, but does not answer WireGuard handshakes. */
  | "handshake"
  /** The relay cannot be reached. */
  | "relay"
  /** The coordinator cannot be reached, or refuses us. */
  | "coordination"
  /** TCP: nothing listens on the port. */
  | "connection_refused"
  /** TCP: the agent ended the connection. */
  | "connection_reset"
  /** TCP: the agent stopped acknowledging. */
  | "connection_timeout"
  /** We closed it ourselves. */
  | "closed";

export class TailnetError extends SaidError {
  override readonly name = "TailnetError";
  readonly kind: TailnetFailure;

  constructor(kind: TailnetFailure, said: Message, options?: ErrorOptions) {
    super(said, options);
    this.kind = kind;
  }
}

export function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

import type { Clock } from "../clock.ts";
import { hexOf } from "../uuid.ts";

/** The server drops a client that has more than 512 answers waiting; each tunnel brings two or three. */
const MAX_UNANSWERED = 100;
/** An agent that is not connected is never answered; after this the next one gets its place. */
const PATIENCE_MS = 3_000;
/** While looking for a refused one: a refusal comes within a round trip. */
const PROBE_MS = 1_500;

export interface TunnelsOptions {
  clock: Clock;
  send(agent: Uint8Array): void;
  refused(agent: Uint8Array, reason: string): void;
}

interface Tunnel {
  id: Uint8Array;
  state: "queued" | "sent" | "quiet" | "confirmed";
  stopTimer: () => void;
}

/**
 * Which tunnels are wanted, and which have been asked for on the present connection.
 *
 * One refused tunnel ends the coordinator's whole stream, and the refusal does not say which one it was.
 * So after a refusal the ones that were never answered are asked for again one at a time.
 */
export class Tunnels {
  #options: TunnelsOptions;
  #tunnels = new Map<string, Tunnel>();
  #connected = false;
  #unanswered = 0;
  /** Ids that one of which was refused. */
  #suspects = new Set<string>();
  #probing: string | undefined;
  #pending: string[] = [];

  constructor(options: TunnelsOptions) {
    this.#options = options;
  }

  add(id: Uint8Array): void {
    const key = hexOf(id);
    if (this.#tunnels.has(key)) return;
    this.#tunnels.set(key, { id, state: "queued", stopTimer: () => undefined });
    this.#pending.push(key);
    this.#next();
  }

  /** True where it had been asked for. */
  remove(id: Uint8Array): boolean {
    const key = hexOf(id);
    const tunnel = this.#tunnels.get(key);
    if (!tunnel) return false;
    const asked = tunnel.state !== "queued";
    this.#forget(key, tunnel);
    return asked;
  }

  connected(): void {
    this.#connected = true;
    this.#unanswered = 0;
    this.#probing = undefined;
    for (const tunnel of this.#tunnels.values()) this.#reset(tunnel);
    this.#pending = [...this.#tunnels.keys()].filter((key) => !this.#suspects.has(key));
    this.#next();
  }

  disconnected(): void {
    this.#connected = false;
    for (const tunnel of this.#tunnels.values()) tunnel.stopTimer();
  }

  confirmed(id: Uint8Array): void {
    const key = hexOf(id);
    const tunnel = this.#tunnels.get(key);
    if (tunnel) this.#answered(key, tunnel, "confirmed");
  }

  /** The coordinator said that a tunnel is not allowed; it closes the stream right after. */
  failed(reason: string): void {
    if (!/authoriz/i.test(reason)) return;
    const probed = this.#probing;
    const unconfirmed = [...this.#tunnels].filter(([, tunnel]) => tunnel.state === "sent");
    const [only, ...others] = unconfirmed;
    const culprit = probed ?? (only && others.length === 0 ? only[0] : undefined);
    if (culprit === undefined) {
      const quiet = [...this.#tunnels].filter(([, tunnel]) => tunnel.state !== "confirmed");
      for (const [key] of unconfirmed.length > 0 ? unconfirmed : quiet) this.#suspects.add(key);
      return;
    }
    const tunnel = this.#tunnels.get(culprit);
    if (!tunnel) return;
    this.#forget(culprit, tunnel);
    this.#options.refused(tunnel.id, reason);
  }

  close(): void {
    this.disconnected();
    this.#tunnels.clear();
    this.#pending = [];
  }

  #next(): void {
    while (this.#connected && this.#unanswered < MAX_UNANSWERED) {
      const key = this.#pending.shift();
      if (key === undefined) break;
      const tunnel = this.#tunnels.get(key);
      if (tunnel?.state === "queued") this.#send(key, tunnel, PATIENCE_MS);
    }
    const idle = this.#connected && this.#unanswered === 0 && this.#probing === undefined;
    const [suspect] = this.#suspects;
    if (!idle || suspect === undefined) return;
    const tunnel = this.#tunnels.get(suspect);
    this.#suspects.delete(suspect);
    if (!tunnel) return this.#next();
    this.#probing = suspect;
    this.#send(suspect, tunnel, PROBE_MS);
  }

  #send(key: string, tunnel: Tunnel, patienceMs: number): void {
    tunnel.state = "sent";
    this.#unanswered++;
    this.#options.send(tunnel.id);
    tunnel.stopTimer = this.#options.clock.after(patienceMs, () => this.#answered(key, tunnel, "quiet"));
  }

  #answered(key: string, tunnel: Tunnel, state: "confirmed" | "quiet"): void {
    const waited = tunnel.state === "sent";
    if (tunnel.state !== "queued") tunnel.state = state;
    if (!waited) return;
    tunnel.stopTimer();
    this.#unanswered--;
    if (this.#probing === key) this.#probing = undefined;
    this.#next();
  }

  #reset(tunnel: Tunnel): void {
    tunnel.stopTimer();
    tunnel.state = "queued";
  }

  #forget(key: string, tunnel: Tunnel): void {
    tunnel.stopTimer();
    this.#tunnels.delete(key);
    this.#suspects.delete(key);
    if (tunnel.state === "sent") this.#unanswered--;
    if (this.#probing === key) this.#probing = undefined;
  }
}

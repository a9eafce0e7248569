import { say } from "../text/message.ts";
import type { Clock } from "./clock.ts";
import { TailnetError } from "./errors.ts";
import type { Node } from "./proto/messages.ts";
import type { Route } from "./tcp/stack.ts";
import { hexOf } from "./uuid.ts";
import type { WireGuardPeer } from "./wireguard/peer.ts";

/** An agent installs our key before it says so; without that word the official client waits this long. */
const READY_PATIENCE_MS = 5_000;
/** The coordinator answers at once where an agent is connected; one that has just started needs a moment. */
const OFFLINE_MS = 20_000;
/** From the agent's announcement to the first session. */
const HANDSHAKE_MS = 45_000;
/** The coordinator's or the relay's word that an agent is gone may be wrong: it has so long to show itself. */
const GRACE_MS = 10_000;
/** After an outage of the relay agents come back one after the other. */
const GRACE_AFTER_OUTAGE_MS = 30_000;

export interface AgentLinkOptions {
  clock: Clock;
  /** 16 bytes. */
  id: Uint8Array;
  newPeer(link: AgentLink, node: Node): WireGuardPeer;
  /** Our own relay: whether it is there, and when its last outage ended, if there was any. */
  relay(): { isUp: boolean; backAt: number | undefined };
  /** Ends the TCP connections. */
  failConnections(link: AgentLink, error: TailnetError): void;
}

interface Waiter {
  resolve(): void;
  reject(error: unknown): void;
}

/** What is known of one agent: announced, ready, established, suspect, gone. */
export class AgentLink {
  readonly id: Uint8Array;
  readonly key: string;
  /** Set once, by whoever owns the TCP stack. */
  route: Route | undefined;
  /** Connections that are open or being opened. */
  users = 0;
  #options: AgentLinkOptions;
  #node: Node | undefined;
  #peer: WireGuardPeer | undefined;
  #peerKey = "";
  #waiters = new Set<Waiter>();
  #suspicion: { reason: string; since: number } | undefined;
  #timers = new Map<string, () => void>();

  constructor(options: AgentLinkOptions) {
    this.#options = options;
    this.id = options.id;
    this.key = hexOf(options.id);
  }

  get peer(): WireGuardPeer | undefined {
    return this.#peer;
  }

  /** The agent's public key as hex; "" while it has not been announced. */
  get peerKey(): string {
    return this.#peerKey;
  }

  get peerKeyBytes(): Uint8Array {
    return this.#node?.key ?? new Uint8Array(0);
  }

  get region(): number {
    return this.#node?.preferredDerp ?? 0;
  }

  /** Resolves when packets can go to the agent. Rejects with TailnetError or the signal's reason. */
  reachable(signal: AbortSignal): Promise<void> {
    if (this.#peer?.isEstablished && !this.#suspicion) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const done = (act: () => void) => {
        this.#waiters.delete(waiter);
        signal.removeEventListener("abort", aborted);
        act();
      };
      const waiter: Waiter = {
        resolve: () => done(resolve),
        reject: (error) => done(() => reject(error)),
      };
      const aborted = () => waiter.reject(signal.reason);
      if (signal.aborted) return reject(signal.reason);
      signal.addEventListener("abort", aborted, { once: true });
      this.#waiters.add(waiter);
      if (!this.#node) this.#waitForNode();
      else this.#peer?.start();
    });
  }

  /** Nothing was heard of the agent yet: the waiting begins (again) once the coordinator was asked. */
  #waitForNode(): void {
    if (this.#timers.has("offline")) return;
    this.#after("offline", OFFLINE_MS, () =>
      this.fail(new TailnetError("agent_offline", say("the agent is not connected to the deployment"))),
    );
  }

  /** The coordinator's announcement. True where the agent is another one than before. */
  announced(node: Node): boolean {
    if (node.key.length !== 32 || node.preferredDerp === 0) return false;
    this.#stopTimer("offline");
    const key = hexOf(node.key);
    const isNew = key !== this.#peerKey;
    if (isNew && this.#peer) {
      this.#options.failConnections(
        this,
        new TailnetError("agent_replaced", say("the agent was restarted: another one has taken its place")),
      );
      this.#peer.close();
    }
    this.#node = node;
    this.#peerKey = key;
    if (isNew || !this.#peer) {
      this.#clearSuspicion();
      this.#peer = this.#options.newPeer(this, node);
      this.#after("ready", READY_PATIENCE_MS, () => this.#peer?.start());
      if (this.#waiters.size > 0) this.#waitForHandshake();
    } else if (this.#suspicion || !this.#peer.isEstablished) this.#peer.probe();
    return isNew;
  }

  #waitForHandshake(): void {
    this.#after("handshake", HANDSHAKE_MS, () =>
      this.fail(new TailnetError("handshake", say("the agent does not answer WireGuard handshakes"))),
    );
  }

  /** The agent has installed our key. */
  ready(): void {
    this.#stopTimer("ready");
    this.#peer?.retryNow();
  }

  established(): void {
    this.#stopTimer("ready");
    this.#stopTimer("handshake");
    this.#clearSuspicion();
    for (const waiter of [...this.#waiters]) waiter.resolve();
  }

  /** Somebody says that the agent is gone. It is asked, and believed to be gone when it does not answer. */
  suspect(reason: string): void {
    if (!this.#peer || this.#suspicion) return;
    this.#suspicion = { reason, since: this.#options.clock.now() };
    this.#peer.probe();
    this.#after("suspicion", GRACE_MS, () => this.#judge());
  }

  #judge(): void {
    const suspicion = this.#suspicion;
    const peer = this.#peer;
    if (!suspicion || !peer) return;
    if (peer.lastReceivedAt > suspicion.since) return this.#clearSuspicion();
    const now = this.#options.clock.now();
    const { isUp, backAt = Number.NEGATIVE_INFINITY } = this.#options.relay();
    const outage = !isUp || backAt > suspicion.since - GRACE_AFTER_OUTAGE_MS;
    const from = isUp ? Math.max(suspicion.since, backAt) : now;
    const left = from + (outage ? GRACE_AFTER_OUTAGE_MS : GRACE_MS) - now;
    if (left > 0) return this.#after("suspicion", Math.min(left, GRACE_MS), () => this.#judge());
    this.fail(new TailnetError("agent_gone", say("the agent is gone: {0}", suspicion.reason)));
  }

  /** The relay is back after an outage. */
  relayUp(): void {
    if (this.#peer && !this.#peer.isEstablished && this.#waiters.size > 0) this.#peer.retryNow();
  }

  /** Ends all that goes to the agent; a new announcement begins anew. */
  fail(error: TailnetError): void {
    this.#reset();
    this.#options.failConnections(this, error);
    for (const waiter of [...this.#waiters]) waiter.reject(error);
  }

  close(): void {
    this.fail(new TailnetError("closed", say("the node is closed")));
  }

  #reset(): void {
    for (const stop of this.#timers.values()) stop();
    this.#timers.clear();
    this.#suspicion = undefined;
    this.#peer?.close();
    this.#peer = undefined;
    this.#node = undefined;
    this.#peerKey = "";
  }

  #clearSuspicion(): void {
    this.#suspicion = undefined;
    this.#stopTimer("suspicion");
  }

  #after(name: string, ms: number, run: () => void): void {
    this.#stopTimer(name);
    this.#timers.set(
      name,
      this.#options.clock.after(ms, () => {
        this.#timers.delete(name);
        run();
      }),
    );
  }

  #stopTimer(name: string): void {
    this.#timers.get(name)?.();
    this.#timers.delete(name);
  }
}

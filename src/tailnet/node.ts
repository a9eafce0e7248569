import { type Message, say } from "../text/message.ts";
import { saidOf } from "../text/said-error.ts";
import { AgentLink } from "./agent-link.ts";
import { type Clock, systemClock } from "./clock.ts";
import { Coordinator } from "./coordination/coordinator.ts";
import { type KeyPair, keyPair, randomBytes, sodiumReady } from "./crypto/sodium.ts";
import { Relays } from "./derp/relays.ts";
import { TailnetError } from "./errors.ts";
import { KeyMap } from "./key-map.ts";
import type { Access } from "./network.ts";
import { Pace } from "./pace.ts";
import { type DerpMap, type Node, type PeerUpdate, PeerUpdateKind } from "./proto/messages.ts";
import type { TcpSocket } from "./tcp/socket.ts";
import { TcpStack } from "./tcp/stack.ts";
import { hexOf, uuidBytes } from "./uuid.ts";
import { WireGuardPeer } from "./wireguard/peer.ts";

/** All of Coder's tailnet addresses begin with this (docs/tailnet.md, Addresses). */
const ADDRESS_PREFIX = Buffer.from("fd7a115ca1e0", "hex");
const WIREGUARD_TICK_MS = 1_000;
/** An agent that nobody is connected to is forgotten after this. */
const IDLE_MS = 30_000;

export interface TailnetNodeOptions {
  access: Access;
  clock?: Clock;
  /** Where it is known already; else the coordinator tells. */
  derpMap?: DerpMap;
  /** The deployment's relay is to be asked by WebSocket only. */
  forceWebSockets?: boolean;
  /** What happens to the node as a whole, one line each: outages, and that they are over. */
  event?(what: Message): void;
}

export interface TailnetStats {
  agents: number;
  /** WireGuard handshakes with these agents so far: one each, and one more for each rekey. */
  handshakes: number;
  /** TCP connections, with those that wait for late segments. */
  connections: number;
  relays: number;
  /** Packets that no relay took. */
  dropped: number;
  coordinated: boolean;
}

/** A member of the deployment's tailnet: reaches agents through the relay, over WireGuard and TCP of its own. */
export class TailnetNode {
  #options: TailnetNodeOptions;
  #clock: Clock;
  #keys: KeyPair;
  #disco = `discokey:${hexOf(randomBytes(32))}`;
  #address: Buffer;
  #id = 1 + Math.floor(Math.random() * (Number.MAX_SAFE_INTEGER - 1));
  #coordinator: Coordinator;
  #relays: Relays;
  #stack: TcpStack;
  #pace: Pace;
  #agents = new Map<string, AgentLink>();
  #byPeerKey = new KeyMap<AgentLink>();
  /** Timers of agents that nobody is connected to. */
  #idle = new Map<AgentLink, () => void>();
  #stopTick: (() => void) | undefined;
  #relayUp = false;
  /** When the relay's last outage ended. */
  #relayBackAt: number | undefined;
  #relayFailed = false;
  #nextIndex = Math.floor(Math.random() * 2 ** 31);
  #failure: TailnetError | undefined;
  #closed = false;

  private constructor(options: TailnetNodeOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#keys = keyPair();
    this.#address = Buffer.concat([ADDRESS_PREFIX, randomBytes(10)]);
    this.#pace = new Pace(this.#clock);
    this.#stack = new TcpStack({ clock: this.#clock, ownAddress: this.#address, random: Math.random });
    this.#relays = this.#newRelays();
    this.#coordinator = this.#newCoordinator();
  }

  /** Starts to connect to coordinator and relay; both are dialled again whenever they are lost. */
  static async open(options: TailnetNodeOptions): Promise<TailnetNode> {
    await sodiumReady();
    const node = new TailnetNode(options);
    if (options.derpMap) node.#relays.useMap(options.derpMap);
    node.#coordinator.start();
    return node;
  }

  /** Opens a TCP connection to an agent's port. Rejects with TailnetError or the signal's reason. */
  async connect(agentId: string, port: number, signal: AbortSignal): Promise<TcpSocket> {
    if (this.#failure) throw this.#failure;
    if (this.#closed) throw new TailnetError("closed", say("the node is closed"));
    const link = this.#agent(uuidBytes(agentId));
    link.users++;
    try {
      await link.reachable(signal);
      const socket = await this.#stack.connect(this.#routeOf(link), port, signal);
      socket.once("close", () => this.#release(link));
      return socket;
    } catch (error) {
      this.#release(link);
      throw error;
    }
  }

  stats(): TailnetStats {
    const handshakes = [...this.#agents.values()].map((link) => link.peer?.handshakes ?? 0);
    return {
      agents: this.#agents.size,
      handshakes: handshakes.reduce((sum, count) => sum + count, 0),
      connections: this.#stack.connections,
      relays: this.#relays.links,
      dropped: this.#relays.dropped,
      coordinated: this.#coordinator.isConnected,
    };
  }

  /** Ends every connection, says good-bye to the coordinator and leaves the relay. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const stop of this.#idle.values()) stop();
    this.#idle.clear();
    this.#stack.close();
    for (const link of this.#agents.values()) link.close();
    this.#agents.clear();
    this.#byPeerKey.clear();
    this.#pace.clear();
    this.#stopTick?.();
    this.#coordinator.close();
    this.#relays.close();
  }

  #agent(id: Uint8Array): AgentLink {
    const key = hexOf(id);
    const known = this.#agents.get(key);
    if (known) return known;
    const link = new AgentLink({
      clock: this.#clock,
      id,
      newPeer: (one, node) => this.#newPeer(one, node),
      relay: () => ({ isUp: this.#relayUp, backAt: this.#relayBackAt }),
      failConnections: (one, error) => {
        if (one.route) this.#stack.fail(one.route, error);
      },
    });
    this.#agents.set(key, link);
    this.#coordinator.add(id);
    this.#startTick();
    return link;
  }

  #routeOf(link: AgentLink): NonNullable<AgentLink["route"]> {
    if (link.route) return link.route;
    const address = Buffer.concat([ADDRESS_PREFIX, link.id.subarray(ADDRESS_PREFIX.length)]);
    link.route = this.#stack.routeTo(address, (packet) => link.peer?.send(packet));
    return link.route;
  }

  #release(link: AgentLink): void {
    link.users--;
    if (link.users > 0 || this.#closed) return;
    this.#idle.get(link)?.();
    const stop = this.#clock.after(IDLE_MS, () => {
      this.#idle.delete(link);
      if (link.users === 0 && this.#agents.get(link.key) === link) this.#forget(link);
    });
    this.#idle.set(link, stop);
  }

  #forget(link: AgentLink): void {
    this.#agents.delete(link.key);
    this.#byPeerKey.delete(link.peerKeyBytes);
    this.#coordinator.remove(link.id);
    link.close();
  }

  #newPeer(link: AgentLink, node: Node): WireGuardPeer {
    return new WireGuardPeer({
      own: this.#keys,
      key: node.key,
      clock: this.#clock,
      unixMs: () => Date.now(),
      newIndex: () => {
        this.#nextIndex = (this.#nextIndex + 1) % 2 ** 32;
        return this.#nextIndex;
      },
      reserve: (bytes) => this.#relays.linkTo(link.region)?.reserve(link.peerKeyBytes, bytes),
      pace: (run) => this.#pace.add(run),
      receive: (packet) => this.#stack.receive(this.#routeOf(link), packet),
      established: () => link.established(),
      gaveUp: () =>
        link.fail(
          new TailnetError("handshake", say("the agent has not answered WireGuard handshakes for 90 s")),
        ),
    });
  }

  /** One timer for WireGuard's timers of all peers; it runs while there are agents. */
  #startTick(): void {
    if (this.#stopTick || this.#closed) return;
    this.#stopTick = this.#clock.after(WIREGUARD_TICK_MS, () => {
      this.#stopTick = undefined;
      for (const link of [...this.#agents.values()]) link.peer?.tick();
      if (this.#agents.size > 0) this.#startTick();
    });
  }

  #newRelays(): Relays {
    return new Relays({
      access: this.#options.access,
      keys: this.#keys,
      clock: this.#clock,
      forceWebSockets: this.#options.forceWebSockets ?? false,
      handlers: {
        packet: (from, packet) => this.#byPeerKey.get(from)?.peer?.handle(packet),
        peerGone: (key) => this.#byPeerKey.get(key)?.suspect("the relay has lost it"),
        health: (text) => (text ? this.#event(say("the relay complains: {0}", text)) : undefined),
      },
      homeUp: () => this.#relayIsUp(),
      homeDown: (error) => this.#relayIsDown(error),
    });
  }

  #relayIsUp(): void {
    if (this.#relayFailed) {
      this.#event(say("the relay is back"));
      this.#relayBackAt = this.#clock.now();
    }
    this.#relayFailed = false;
    this.#relayUp = true;
    this.#coordinator.updateSelf();
    this.#stack.retransmitNow();
    for (const link of this.#agents.values()) link.relayUp();
  }

  /** Told once for an outage, however often it is dialled again. */
  #relayIsDown(error: Error): void {
    if (!this.#relayFailed)
      this.#event(this.#relayUp ? say("the relay is lost: {0}", saidOf(error)) : saidOf(error));
    this.#relayFailed = true;
    this.#relayUp = false;
  }

  #newCoordinator(): Coordinator {
    let lost = false;
    return new Coordinator({
      access: this.#options.access,
      clock: this.#clock,
      self: () => this.#self(),
      handlers: {
        connected: () => {
          if (lost) this.#event(say("the coordinator is back"));
          lost = false;
        },
        lost: (error) => {
          if (!lost) this.#event(say("the coordinator is lost: {0}", saidOf(error)));
          lost = true;
        },
        peer: (update) => this.#peerUpdate(update),
        derpMap: (map) => this.#relays.useMap(map),
        refused: (agent, reason) => this.#refused(agent, reason),
        fatal: (error) => this.#fail(error),
      },
    });
  }

  /** undefined until the relay where we are reached is there. */
  #self(): Node | undefined {
    if (this.#relays.home === 0 || !this.#relayUp) return undefined;
    const address = `${formatAddress(this.#address)}/128`;
    return {
      id: this.#id,
      asOfMs: Date.now(),
      key: this.#keys.publicKey,
      disco: this.#disco,
      preferredDerp: this.#relays.home,
      addresses: [address],
      allowedIps: [address],
      // Without endpoints agents never try to reach us but by the relay.
      endpoints: [],
    };
  }

  #peerUpdate(update: PeerUpdate): void {
    const link = this.#agents.get(hexOf(update.id));
    if (!link) return;
    switch (update.kind) {
      case PeerUpdateKind.node:
        if (!update.node) return;
        this.#byPeerKey.delete(link.peerKeyBytes);
        link.announced(update.node);
        if (link.peerKey) this.#byPeerKey.set(link.peerKeyBytes, link);
        return;
      case PeerUpdateKind.readyForHandshake:
        return link.ready();
      case PeerUpdateKind.disconnected:
        return link.suspect("it has signed off from the coordinator");
      case PeerUpdateKind.lost:
        return link.suspect("the coordinator has lost it");
      default:
      // A newer server's word.
    }
  }

  #refused(agent: Uint8Array, reason: string): void {
    const link = this.#agents.get(hexOf(agent));
    if (!link) return;
    this.#agents.delete(link.key);
    this.#byPeerKey.delete(link.peerKeyBytes);
    link.fail(new TailnetError("refused", say("the coordinator refuses a tunnel to the agent: {0}", reason)));
  }

  #fail(error: TailnetError): void {
    this.#failure = error;
    this.#event(saidOf(error));
    for (const link of [...this.#agents.values()]) link.fail(error);
  }

  #event(what: Message): void {
    if (!this.#closed) this.#options.event?.(what);
  }
}

/** Eight groups of hex; servers take any spelling. */
function formatAddress(bytes: Buffer): string {
  return Array.from({ length: 8 }, (_, group) => bytes.readUInt16BE(2 * group).toString(16)).join(":");
}

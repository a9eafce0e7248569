import { randomBytes } from "node:crypto";
import type { Duplex } from "node:stream";
import sodium from "libsodium-wrappers-sumo";
import { TAILNET_CLIENTS, TCP_CONNECTIONS } from "../limits.ts";
import type { Timers } from "../timers.ts";
import { answerDisco, isDisco } from "./disco.ts";
import type { Relay } from "./relay.ts";
import { readPacket, refusal, ServedConnection } from "./tcp.ts";
import { answerTsmp } from "./tsmp.ts";
import { ClientTunnel } from "./wireguard.ts";

const SYN = 2;
const ACK = 16;
const HANDSHAKE_INITIATION = 1;

export interface AgentNodeParts {
  relay: Relay;
  timers: Timers;
  /** The relay's. */
  region: number;
  listensOn(port: number): boolean;
  /** Gives a new connection to whoever serves the port. */
  serve(stream: Duplex, clientKey: Buffer): void;
  /** A fault: handshakes that the agent does not answer. */
  ignoresHandshake(): boolean;
}

interface Client {
  tunnel: ClientTunnel;
  connections: Map<string, ServedConnection>;
  address: string;
}

/** A simulated agent's own end of the tailnet: keys, a tunnel to each client, TCP within it. */
export class AgentNode {
  readonly #parts: AgentNodeParts;
  readonly #keys = (() => {
    const privateKey = randomBytes(32);
    return { privateKey, publicKey: sodium.crypto_scalarmult_base(privateKey) };
  })();
  readonly #clients = new Map<string, Client>();
  readonly #link: ReturnType<Relay["attach"]>;
  #vanished = false;

  constructor(parts: AgentNodeParts) {
    this.#parts = parts;
    this.#link = parts.relay.attach(this.key, (from, message) => this.#receive(from, message));
  }

  get key(): Buffer {
    return Buffer.from(this.#keys.publicKey);
  }

  /** Only clients that the coordinator has told of are answered, and only from their own address. */
  allow(clientKey: Buffer, address: string): void {
    const name = clientKey.toString("hex");
    if (this.#clients.has(name)) return;
    const send = (message: Buffer) => {
      if (!this.#vanished) this.#link.send(clientKey, message);
    };
    const tunnel = new ClientTunnel(this.#keys, clientKey, send);
    this.#clients.set(name, { tunnel, connections: new Map(), address: expand(address) });
    const [oldest] = this.#clients.keys();
    if (this.#clients.size > TAILNET_CLIENTS && oldest !== undefined) this.forget(Buffer.from(oldest, "hex"));
  }

  forget(clientKey: Buffer): void {
    const name = clientKey.toString("hex");
    const client = this.#clients.get(name);
    this.#clients.delete(name);
    for (const connection of client?.connections.values() ?? []) connection.destroy();
  }

  /** Goes without a word to anybody: its process was killed. */
  vanish(): void {
    this.#vanished = true;
    this.close();
  }

  close(): void {
    for (const name of [...this.#clients.keys()]) this.forget(Buffer.from(name, "hex"));
    this.#link.leave();
  }

  /** `coder ping` asks in this way. */
  #answerDisco(from: Buffer, message: Buffer): void {
    const answer = answerDisco(message, this.#keys, this.#parts.region);
    if (answer) this.#link.send(from, answer);
  }

  #receive(from: Buffer, message: Buffer): void {
    const client = this.#clients.get(from.toString("hex"));
    if (!client) return;
    if (isDisco(message)) return this.#answerDisco(from, message);
    if (message[0] === HANDSHAKE_INITIATION && this.#parts.ignoresHandshake()) return;
    const packet = client.tunnel.receive(message, performance.now());
    if (!packet) return;
    const transmit = (bytes: Buffer) => client.tunnel.send(bytes, performance.now());
    const pong = answerTsmp(packet, client.address);
    if (pong) return transmit(pong);
    const segment = readPacket(packet);
    if (!segment || segment.source.toString("hex") !== client.address) return;
    const name = `${segment.sourcePort} ${segment.port}`;
    const known = client.connections.get(name);
    if (known) return known.receive(segment);
    const opens =
      (segment.flags & (SYN | ACK)) === SYN &&
      client.connections.size < TCP_CONNECTIONS &&
      this.#parts.listensOn(segment.port);
    if (!opens) return refusal(segment, transmit);
    const connection = new ServedConnection(segment, {
      transmit,
      timers: this.#parts.timers,
      initial: randomBytes(4).readUInt32BE(0),
      gone: () => client.connections.delete(name),
    });
    connection.on("error", () => undefined);
    client.connections.set(name, connection);
    this.#parts.serve(connection, from);
  }
}

/** `fd7a:115c:a1e0:…/128` as 32 hex digits. */
export function expand(address: string): string {
  const [plain = ""] = address.split("/");
  const [head = "", tail] = plain.split("::");
  const before = head.split(":").filter(Boolean);
  const after = tail?.split(":").filter(Boolean) ?? [];
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => "0");
  return [...before, ...(tail === undefined ? [] : zeros), ...after]
    .map((group) => group.padStart(4, "0"))
    .join("");
}

import { say } from "../../text/message.ts";
import type { Clock } from "../clock.ts";
import { TailnetError } from "../errors.ts";
import { TcpConnection } from "./connection.ts";
import {
  type AddressPair,
  addressPair,
  buildPacket,
  type Header,
  isAnswer,
  MAX_HEADERS,
  type Payload,
  type Ports,
  parsePacket,
  type Segment,
  TcpFlag,
} from "./packet.ts";
import { MSS } from "./sender.ts";
import { TcpSocket } from "./socket.ts";

/** All connections' timers are one, this coarse, which runs only while something is waited for. */
const GRAIN_MS = 20;
const FIRST_PORT = 10_000;
const LAST_PORT = 65_000;

export interface StackOptions {
  clock: Clock;
  /** 16 bytes. */
  ownAddress: Uint8Array;
  /** A number from 0 up to 1. */
  random(): number;
}

interface Entry {
  connection: TcpConnection;
  socket: TcpSocket;
  route: Route;
  remotePort: number;
  wantsOutput: boolean;
}

/** The way to one peer. */
export interface Route {
  addresses: AddressPair;
  /** Takes a packet at once: the memory is used again. */
  send(packet: Buffer): void;
}

/** TCP for one node: its ports, its timers, all its connections to all peers. Only opens connections. */
export class TcpStack {
  #options: StackOptions;
  #entries = new Map<number, Entry>();
  #nextPort: number;
  #packet = Buffer.alloc(MAX_HEADERS + MSS);
  #wantOutput: Entry[] = [];
  #timer: { at: number; stop(): void } | undefined;
  #closed = false;

  constructor(options: StackOptions) {
    this.#options = options;
    this.#nextPort = FIRST_PORT + Math.floor(options.random() * (LAST_PORT - FIRST_PORT));
  }

  get connections(): number {
    return this.#entries.size;
  }

  routeTo(address: Uint8Array, send: (packet: Buffer) => void): Route {
    return { addresses: addressPair(this.#options.ownAddress, address), send };
  }

  /** Opens a connection; resolves once it is established. Rejects with TailnetError or the signal's reason. */
  connect(route: Route, remotePort: number, signal: AbortSignal): Promise<TcpSocket> {
    if (this.#closed) return Promise.reject(new TailnetError("closed", say("the node is closed")));
    return new Promise((resolve, reject) => {
      const port = this.#takePort();
      const ports = { sourcePort: port, destinationPort: remotePort };
      const { clock } = this.#options;
      const aborted = () => {
        connection.abort();
        reject(signal.reason);
      };
      const connection = new TcpConnection(Math.floor(this.#options.random() * 2 ** 32), {
        transmit: (header, payload) => this.#transmit(route, ports, header, payload),
        wantsOutput: () => this.#askOutput(entry),
        established: () => {
          signal.removeEventListener("abort", aborted);
          resolve(socket);
        },
        data: (bytes) => socket.deliver(bytes),
        ended: () => socket.deliverEnd(),
        acknowledged: () => socket.acknowledged(),
        closed: (error) => {
          signal.removeEventListener("abort", aborted);
          this.#entries.delete(port);
          // Nobody listens to a socket that was never given out.
          socket.once("error", () => undefined);
          socket.over(error);
          reject(error ?? new TailnetError("closed", say("the connection was closed before it was open")));
        },
      });
      const socket = new TcpSocket(connection, () => clock.now());
      const entry: Entry = { connection, socket, route, remotePort, wantsOutput: false };
      this.#entries.set(port, entry);
      if (signal.aborted) return aborted();
      signal.addEventListener("abort", aborted, { once: true });
      connection.open(clock.now());
      this.#await(connection);
    });
  }

  /** A packet from the peer behind this route, as WireGuard gave it. */
  receive(route: Route, packet: Buffer): void {
    // WireGuard's rule: a peer speaks from its own address only, and to us.
    if (this.#closed || !isAnswer(packet, route.addresses)) return;
    const segment = parsePacket(packet);
    if (!segment) return;
    const entry = this.#entries.get(segment.destinationPort);
    if (!entry || entry.route !== route || entry.remotePort !== segment.sourcePort)
      return this.#refuse(route, segment);
    entry.connection.receive(segment, this.#options.clock.now());
    this.#await(entry.connection);
  }

  /** The way to this peer, or to all, is back after an outage. */
  retransmitNow(route?: Route): void {
    const now = this.#options.clock.now();
    for (const entry of this.#entries.values()) {
      if (route && entry.route !== route) continue;
      entry.connection.retransmitNow(now);
      this.#await(entry.connection);
    }
  }

  /** Ends all connections to a peer with this error; without a word to the peer where it is gone. */
  fail(route: Route, error: TailnetError): void {
    for (const entry of [...this.#entries.values()]) if (entry.route === route) entry.connection.abort(error);
  }

  close(): void {
    this.#closed = true;
    for (const entry of [...this.#entries.values()])
      entry.connection.abort(new TailnetError("closed", say("the node is closed")));
    this.#timer?.stop();
    this.#timer = undefined;
  }

  /** In a row from a chance start: a port is not used again soon, while the agent may still remember it. */
  #takePort(): number {
    for (let tries = LAST_PORT - FIRST_PORT; tries > 0; tries--) {
      const port = this.#nextPort;
      this.#nextPort = port >= LAST_PORT ? FIRST_PORT : port + 1;
      if (!this.#entries.has(port)) return port;
    }
    throw new TailnetError("closed", say("all TCP ports of the node are in use"));
  }

  #transmit(route: Route, ports: Ports, header: Header, payload?: Payload): void {
    const length = buildPacket(this.#packet, route.addresses, ports, header, payload);
    route.send(this.#packet.subarray(0, length));
  }

  /** RST to what belongs to no connection (RFC 9293, 3.10.7.1). */
  #refuse(route: Route, segment: Segment): void {
    if (segment.flags & TcpFlag.rst) return;
    const hasAck = (segment.flags & TcpFlag.ack) !== 0;
    const taken =
      segment.payload.length + (segment.flags & TcpFlag.syn ? 1 : 0) + (segment.flags & TcpFlag.fin ? 1 : 0);
    const ports = { sourcePort: segment.destinationPort, destinationPort: segment.sourcePort };
    this.#transmit(route, ports, {
      seq: hasAck ? segment.ack : 0,
      ack: hasAck ? 0 : (segment.seq + taken) % 2 ** 32,
      flags: hasAck ? TcpFlag.rst : TcpFlag.rst | TcpFlag.ack,
      window: 0,
    });
  }

  /** What all connections have to say goes out at the end of the turn: writes and answers share packets. */
  #askOutput(entry: Entry): void {
    if (entry.wantsOutput) return;
    entry.wantsOutput = true;
    this.#wantOutput.push(entry);
    if (this.#wantOutput.length === 1) this.#options.clock.soon(this.#flush);
  }

  #flush = () => {
    const entries = this.#wantOutput;
    this.#wantOutput = [];
    const now = this.#options.clock.now();
    for (const entry of entries) {
      entry.wantsOutput = false;
      entry.connection.output(now);
      this.#await(entry.connection);
    }
  };

  /** Has `#tick` run when this connection next wants it. */
  #await({ deadline }: TcpConnection): void {
    this.#awaitAt(deadline);
  }

  #awaitAt(deadline: number | undefined): void {
    if (deadline === undefined || this.#closed) return;
    const { clock } = this.#options;
    const at = Math.max(deadline, clock.now() + GRAIN_MS);
    if (this.#timer && this.#timer.at <= at) return;
    this.#timer?.stop();
    this.#timer = { at, stop: clock.after(at - clock.now(), () => this.#tick()) };
  }

  #tick(): void {
    this.#timer = undefined;
    const now = this.#options.clock.now();
    let next: number | undefined;
    for (const { connection } of this.#entries.values()) {
      const { deadline } = connection;
      if (deadline === undefined) continue;
      if (deadline <= now) connection.tick(now);
      next = earlier(next, connection.deadline);
    }
    this.#awaitAt(next);
  }
}

function earlier(one: number | undefined, other: number | undefined): number | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return Math.min(one, other);
}

import { createHash, type Hash } from "node:crypto";
import type { TailnetError } from "../../../src/tailnet/errors.ts";
import { TcpConnection } from "../../../src/tailnet/tcp/connection.ts";
import {
  type AddressPair,
  addressPair,
  buildPacket,
  type Header,
  type Payload,
  parsePacket,
  type Segment,
} from "../../../src/tailnet/tcp/packet.ts";
import { seeded, VirtualClock } from "./virtual-clock.ts";

export interface Path {
  /** Part of the packets that get lost, come twice, come late, or come with a changed bit. */
  loss?: number;
  duplicate?: number;
  reorder?: number;
  corrupt?: number;
  /** One way, in milliseconds. */
  delayMs?: number;
  seed?: number;
  /** Peers that do not know SACK. */
  noSack?: boolean;
  /** Called for every packet; true drops it. */
  drop?: (packet: Segment, from: "client" | "server") => boolean;
}

/** One end: what it has received, and how it ended. */
export class End {
  received = 0;
  hash: Hash = createHash("sha256");
  isEstablished = false;
  hasEnded = false;
  /** undefined: not closed; null: closed properly. */
  closed: TailnetError | null | undefined;
  connection: TcpConnection | undefined;
  /** Bytes that still have to be written; they are written as the connection takes them. */
  toSend = Buffer.alloc(0);
  endAfter = false;
  /** Nobody reads. */
  paused = false;
  unread = 0;
  packets = 0;

  digest(): string {
    return this.hash.copy().digest("hex");
  }
}

const CLIENT = Buffer.from("fd7a115ca1e000000000000000000001", "hex");
const SERVER = Buffer.from("fd7a115ca1e000000000000000000002", "hex");

/** Two connections over a path that does to packets what it is told to, on a virtual clock. */
export class TcpPair {
  readonly clock = new VirtualClock();
  readonly client = new End();
  readonly server = new End();
  /** Told of every packet, also of those that are dropped. */
  onPacket: (packet: Segment, from: "client" | "server") => void = () => undefined;
  #path: Path;
  #random: () => number;
  #waiting = new Set<End>();

  constructor(path: Path = {}) {
    this.#path = path;
    this.#random = seeded(path.seed ?? 1);
    const initial = Math.floor(this.#random() * 2 ** 32);
    this.client.connection = this.#connection(this.client, initial);
    this.client.connection.open(0);
    this.#ticks();
  }

  #connection(end: End, initial: number, syn?: Segment): TcpConnection {
    const isClient = end === this.client;
    const addresses = isClient ? addressPair(CLIENT, SERVER) : addressPair(SERVER, CLIENT);
    return new TcpConnection(
      initial,
      {
        transmit: (header, payload) => this.#transmit(end, addresses, header, payload),
        wantsOutput: () => this.#askOutput(end),
        established: () => {
          end.isEstablished = true;
        },
        data: (bytes) => {
          end.received += bytes.length;
          end.hash.update(bytes);
          if (end.paused) end.unread += bytes.length;
          else end.connection?.consumed(bytes.length);
        },
        ended: () => {
          end.hasEnded = true;
        },
        acknowledged: () => this.#feed(end),
        closed: (error) => {
          end.closed = error ?? null;
        },
      },
      syn,
    );
  }

  send(end: End, bytes: Buffer, thenEnd = false): void {
    end.toSend = Buffer.concat([end.toSend, bytes]);
    end.endAfter ||= thenEnd;
    this.#feed(end);
  }

  resume(end: End): void {
    end.paused = false;
    end.connection?.consumed(end.unread);
    end.unread = 0;
  }

  #feed(end: End): void {
    const { connection } = end;
    if (!connection) return;
    while (end.toSend.length > 0 && connection.unacknowledged < 256 * 1024) {
      connection.write(end.toSend.subarray(0, 16 * 1024));
      end.toSend = end.toSend.subarray(16 * 1024);
    }
    if (end.toSend.length === 0 && end.endAfter) connection.end();
  }

  #askOutput(end: End): void {
    if (this.#waiting.has(end)) return;
    this.#waiting.add(end);
    this.clock.soon(() => {
      this.#waiting.delete(end);
      end.connection?.output(this.clock.now());
    });
  }

  #ticks(): void {
    this.clock.after(20, () => {
      for (const end of [this.client, this.server]) end.connection?.tick(this.clock.now());
      this.#ticks();
    });
  }

  #transmit(end: End, addresses: AddressPair, header: Header, payload: Payload | undefined): void {
    end.packets++;
    const packet = Buffer.alloc(2000);
    const [ours, theirs] = end === this.client ? [40_000, 1] : [1, 40_000];
    const ports = { sourcePort: ours, destinationPort: theirs };
    const sent = this.#path.noSack ? { ...header, sackPermitted: false } : header;
    const length = buildPacket(packet, addresses, ports, sent, payload);
    this.inject(end, packet.subarray(0, length));
  }

  /** A packet as if `from` had sent it, with all that the path does to packets. */
  inject(from: End, packet: Buffer): void {
    const { loss = 0, duplicate = 0, reorder = 0, corrupt = 0, delayMs = 5, drop } = this.#path;
    const other = from === this.client ? this.server : this.client;
    const parsed = parsePacket(packet);
    const name = from === this.client ? "client" : "server";
    if (parsed) this.onPacket(parsed, name);
    if (parsed && drop?.(parsed, name)) return;
    if (this.#random() < loss) return;
    const copies = this.#random() < duplicate ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) {
      const arriving = Buffer.from(packet);
      if (this.#random() < corrupt) {
        const at = Math.floor(this.#random() * arriving.length);
        arriving[at] = (arriving[at] ?? 0) ^ (1 << Math.floor(this.#random() * 8));
      }
      const late = this.#random() < reorder ? this.#random() * 3 * delayMs : 0;
      this.clock.after(delayMs + late, () => this.#arrive(other, arriving));
    }
  }

  #arrive(end: End, packet: Buffer): void {
    const segment = parsePacket(packet);
    if (!segment) return;
    if (end === this.server && !end.connection) {
      if (!(segment.flags & 2)) return;
      end.connection = this.#connection(end, Math.floor(this.#random() * 2 ** 32), segment);
      end.connection.open(this.clock.now());
      this.#feed(end);
      return;
    }
    end.connection?.receive(segment, this.clock.now());
  }
}

export function randomBytes(length: number, seed = 7): Buffer {
  const random = seeded(seed);
  const bytes = Buffer.alloc(length);
  for (let at = 0; at + 4 <= length; at += 4) bytes.writeUInt32LE(Math.floor(random() * 2 ** 32), at);
  return bytes;
}

export function sha256(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}

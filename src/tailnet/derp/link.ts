import { say } from "../../text/message.ts";
import { SaidError } from "../../text/said-error.ts";
import type { Clock } from "../clock.ts";
import type { KeyPair } from "../crypto/sodium.ts";
import { type Access, backoff, reasonOf, UpgradeRefused } from "../network.ts";
import { type ByteLink, dialByUpgrade, dialByWebSocket } from "./dial.ts";
import {
  clientInfo,
  DERP_HEADER_BYTES,
  DerpFrame,
  DerpReader,
  encodeDerpFrame,
  KEY_BYTES,
  MAX_PACKET,
  readServerInfo,
  readServerKey,
} from "./frame.ts";
import type { RelayAddress } from "./map.ts";

/** Frames of one turn of the event loop go out in one write; an early write where they outgrow this. */
const BATCH_BYTES = 64 * 1024;
/** A real user's node sends a packet at a time: there may be thousands of nodes. */
const FIRST_BATCH_BYTES = 2 * 1024;
/** The relay sends something at least every 60 s. */
const SILENCE_MS = 120_000;
/** A relay that takes nothing any more is like a network that drops packets. */
const MAX_QUEUED = 4 * 1024 * 1024;
const REDIAL_MS = { first: 100, most: 5_000 };

export interface DerpHandlers {
  up(): void;
  /** It is dialled again until the link is closed. */
  down(error: Error): void;
  /** A packet from a peer, by its key. Both are views, valid during the call only. */
  packet(from: Buffer, packet: Buffer): void;
  /** The relay knows no such peer (any more). */
  peerGone(key: Buffer, reason: number): void;
  /** The relay complains about us ("duplicate key"), or has calmed down (""). */
  health?(text: string): void;
}

export interface DerpLinkOptions {
  access: Access;
  addresses: readonly RelayAddress[];
  keys: KeyPair;
  clock: Clock;
  handlers: DerpHandlers;
  /** The relay where peers reach us. */
  home: boolean;
  /** Deployments that say so are asked by WebSocket only. */
  forceWebSockets: boolean;
}

/** A standing connection to a region's relay under our node key; lost ones are dialled again. */
export class DerpLink {
  #options: DerpLinkOptions;
  #stop = new AbortController();
  #link: ByteLink | undefined;
  #up = false;
  #attempt = 0;
  #byWebSocket: boolean;
  #serverKey = new Uint8Array(0);
  #batch = Buffer.allocUnsafe(FIRST_BATCH_BYTES);
  #filled = 0;
  #flushAsked = false;
  #heardAt = 0;
  #stopTimer: () => void = () => undefined;
  #waitMs = 0;
  #askedForHeaders = false;
  /** Packets thrown away because the relay took none, or there was no relay. */
  dropped = 0;

  constructor(options: DerpLinkOptions) {
    this.#options = options;
    this.#byWebSocket = options.forceWebSockets;
  }

  get isUp(): boolean {
    return this.#up;
  }

  start(): void {
    void this.#dial();
  }

  /**
   * Room for a packet of so many bytes to a peer, in a buffer that is written out at the end of this turn;
   * undefined where there is no relay now, and the packet is lost as on any network.
   */
  reserve(to: Uint8Array, bytes: number): { buffer: Buffer; at: number } | undefined {
    const size = DERP_HEADER_BYTES + KEY_BYTES + bytes;
    if (!this.#up || bytes > MAX_PACKET || (this.#link?.queued ?? 0) > MAX_QUEUED) {
      this.dropped++;
      return undefined;
    }
    this.#makeRoom(size);
    const at = this.#filled;
    this.#batch[at] = DerpFrame.send;
    this.#batch.writeUInt32BE(KEY_BYTES + bytes, at + 1);
    this.#batch.set(to, at + DERP_HEADER_BYTES);
    this.#filled += size;
    if (!this.#flushAsked) {
      this.#flushAsked = true;
      this.#options.clock.soon(this.#flush);
    }
    return { buffer: this.#batch, at: at + DERP_HEADER_BYTES + KEY_BYTES };
  }

  #makeRoom(bytes: number): void {
    if (this.#filled + bytes > BATCH_BYTES) this.#flush();
    const wanted = this.#filled + bytes;
    if (wanted <= this.#batch.length) return;
    const larger = Buffer.allocUnsafe(Math.max(wanted, Math.min(BATCH_BYTES, 2 * this.#batch.length)));
    this.#batch.copy(larger, 0, 0, this.#filled);
    this.#batch = larger;
  }

  send(to: Uint8Array, packet: Uint8Array): void {
    const room = this.reserve(to, packet.length);
    room?.buffer.set(packet, room.at);
  }

  close(): void {
    this.#flush();
    this.#stop.abort(new SaidError(say("the node is closed")));
    this.#stopTimer();
    this.#link?.destroy();
    this.#link = undefined;
    this.#up = false;
  }

  #flush = () => {
    this.#flushAsked = false;
    if (this.#filled === 0) return;
    // The socket may hold on to what it is given, so it gets a copy just as long as it has to be.
    this.#link?.write(Buffer.from(this.#batch.subarray(0, this.#filled)));
    this.#filled = 0;
  };

  async #dial(): Promise<void> {
    const { access, addresses } = this.#options;
    const address = addresses[this.#attempt % addresses.length];
    if (!address) return this.#failed(new SaidError(say("the region has no relay")));
    const dial = this.#byWebSocket ? dialByWebSocket : dialByUpgrade;
    const used = address.headers;
    try {
      const link = await dial(access, address, this.#stop.signal);
      if (this.#stop.signal.aborted) return link.destroy();
      this.#opened(link);
    } catch (error) {
      if (await this.#hasOtherHeaders(error, used)) return void this.#dial();
      // What stands between us and the relay may know WebSockets only.
      if (!this.#byWebSocket && error instanceof UpgradeRefused && error.status < 500) {
        this.#byWebSocket = true;
        return void this.#dial();
      }
      this.#failed(new SaidError(say("the relay cannot be reached: {0}", reasonOf(error)), { cause: error }));
    }
  }

  /** Asked once for each link that is lost: whoever refuses the next headers, too, is left to the redial. */
  async #hasOtherHeaders(error: unknown, used: RelayAddress["headers"]): Promise<boolean> {
    const { refusedInFront } = this.#options.access;
    if (!(error instanceof UpgradeRefused) || !error.inFront || this.#askedForHeaders) return false;
    this.#askedForHeaders = true;
    const hasOthers = (await refusedInFront?.(error.status, used)) ?? false;
    return hasOthers && !this.#stop.signal.aborted;
  }

  #failed(error: Error): void {
    if (this.#stop.signal.aborted) return;
    this.#askedForHeaders = false;
    this.#options.handlers.down(error);
    const wait = Math.max(this.#waitMs, backoff(this.#attempt, REDIAL_MS.first, REDIAL_MS.most));
    // The first try after a loss goes out at once.
    const now = this.#attempt === 0 && this.#waitMs === 0;
    this.#attempt++;
    this.#waitMs = 0;
    this.#stopTimer = this.#options.clock.after(now ? 0 : wait, () => void this.#dial());
  }

  #opened(link: ByteLink): void {
    this.#link = link;
    this.#serverKey = new Uint8Array(0);
    const reader = new DerpReader();
    this.#watchSilence(link);
    link.start(
      (chunk) => {
        if (this.#link !== link) return;
        this.#heardAt = this.#options.clock.now();
        try {
          reader.push(chunk, (type, body) => this.#take(type, body));
        } catch (error) {
          this.#lost(link, error instanceof Error ? error : new Error(String(error)));
        }
      },
      (error) => this.#lost(link, error),
    );
  }

  #watchSilence(link: ByteLink): void {
    const { clock } = this.#options;
    this.#heardAt = clock.now();
    const look = () => {
      if (this.#link !== link) return;
      // Also before the introduction: a WebSocket without an answer would hang for good.
      const limit = this.#up ? SILENCE_MS : 15_000;
      if (clock.now() - this.#heardAt > limit)
        this.#lost(link, new SaidError(say("the relay has been silent")));
      else this.#stopTimer = clock.after(10_000, look);
    };
    this.#stopTimer = clock.after(10_000, look);
  }

  #lost(link: ByteLink, error: Error): void {
    if (this.#link !== link) return;
    this.#link = undefined;
    this.#up = false;
    this.#filled = 0;
    this.#stopTimer();
    link.destroy();
    this.#failed(error);
  }

  #take(type: number, body: Buffer): void {
    const { handlers } = this.#options;
    switch (type) {
      case DerpFrame.received:
        if (body.length >= KEY_BYTES) handlers.packet(body.subarray(0, KEY_BYTES), body.subarray(KEY_BYTES));
        return;
      case DerpFrame.ping:
        this.#link?.write(encodeDerpFrame(DerpFrame.pong, body.subarray(0, 8)));
        return;
      case DerpFrame.peerGone:
        if (body.length >= KEY_BYTES) handlers.peerGone(body.subarray(0, KEY_BYTES), body[KEY_BYTES] ?? 0);
        return;
      case DerpFrame.serverKey:
        return this.#introduce(body);
      case DerpFrame.serverInfo:
        readServerInfo(body, this.#options.keys, this.#serverKey);
        return this.#introduced();
      case DerpFrame.health:
        return handlers.health?.(body.toString("utf8"));
      case DerpFrame.restarting:
        // At most what a redial may take anyway.
        if (body.length >= 4) this.#waitMs = Math.min(body.readUInt32BE(0), REDIAL_MS.most);
        return;
      default:
      // keepAlive has done its work by coming; newer frames are not for us.
    }
  }

  #introduce(body: Buffer): void {
    if (this.#serverKey.length > 0) throw new SaidError(say("the relay introduced itself twice"));
    this.#serverKey = readServerKey(body) as Uint8Array<ArrayBuffer>;
    this.#link?.write(encodeDerpFrame(DerpFrame.clientInfo, clientInfo(this.#options.keys, this.#serverKey)));
  }

  #introduced(): void {
    if (this.#options.home) this.#link?.write(encodeDerpFrame(DerpFrame.notePreferred, Uint8Array.of(1)));
    this.#attempt = 0;
    this.#askedForHeaders = false;
    this.#up = true;
    this.#options.handlers.up();
  }
}

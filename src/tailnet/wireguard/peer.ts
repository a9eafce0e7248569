import { readU32LE } from "../bytes.ts";
import type { Clock } from "../clock.ts";
import { dh, type KeyPair, keyPair } from "../crypto/sodium.ts";
import { CookieJar } from "./cookie.ts";
import {
  createInitiation,
  createResponse,
  type HandshakeState,
  MessageType,
  readInitiation,
  readResponse,
  tai64n,
} from "./handshake.ts";
import { Session } from "./session.ts";

/** WireGuard's own constants (docs/tailnet.md, WireGuard), in milliseconds. */
const RETRY_MS = 5_000;
const RETRY_JITTER_MS = 334;
const GIVE_UP_MS = 90_000;
const REKEY_AFTER_MS = 120_000;
/** The initiator rekeys on receiving with a key that has this little left. */
const REKEY_LATE_MS = 165_000;
const REJECT_AFTER_MS = 180_000;
const PASSIVE_KEEPALIVE_MS = 10_000;
/** Ours: keeps the rekey cycle and the agent's memory of us alive. */
const PERSISTENT_KEEPALIVE_MS = 25_000;
const NO_REPLY_MS = 15_000;
/** A peer that starts handshakes faster than this is not heard. */
const MIN_INITIATION_GAP_MS = 20;
/** Packets that wait for the first session. */
const MAX_WAITING = 64;

const KEEPALIVE = new Uint8Array(0);

export interface PeerOptions {
  own: KeyPair;
  /** The peer's public key. */
  key: Uint8Array;
  clock: Clock;
  /** Unix time in milliseconds, for the handshakes' time stamps. */
  unixMs(): number;
  /** A number that no other session of ours has. */
  newIndex(): number;
  /** Room for a message on its way to the peer, to be filled at once; undefined where it would be lost. */
  reserve(bytes: number): { buffer: Buffer; at: number } | undefined;
  /** Runs handshakes with pauses: each costs a millisecond or two. */
  pace(run: () => void): void;
  /** An IP packet from the peer, with padding behind it. */
  receive(packet: Buffer): void;
  /** Keys are agreed on (again). */
  established(): void;
  /** No answer for 90 s. */
  gaveUp(): void;
}

interface Handshake {
  ephemeral: KeyPair;
  state: HandshakeState;
  index: number;
  mac1: Uint8Array;
  retryAt: number;
}

/** One peer: its sessions, its handshakes and WireGuard's timers. `tick` wants to be called every second. */
export class WireGuardPeer {
  #options: PeerOptions;
  #staticSecret: Uint8Array | undefined;
  #cookies: CookieJar;
  #current: Session | undefined;
  #previous: Session | undefined;
  /** From a handshake that the peer began, until it uses it. */
  #next: Session | undefined;
  #handshake: Handshake | undefined;
  #handshakeAsked = false;
  /** When the present row of tries began. */
  #tryingSince: number | undefined;
  #waiting: Buffer[] = [];
  #lastStamp = 0;
  #newestInitiation: Buffer = Buffer.alloc(12);
  #heardInitiationAt = Number.NEGATIVE_INFINITY;
  #lastSentAt = Number.NEGATIVE_INFINITY;
  #unansweredSince: number | undefined;
  #keepaliveAt: number | undefined;
  #closed = false;
  lastReceivedAt = Number.NEGATIVE_INFINITY;
  /** Handshakes that were completed, whoever began them. */
  handshakes = 0;

  constructor(options: PeerOptions) {
    this.#options = options;
    this.#cookies = new CookieJar(options.key);
  }

  get isEstablished(): boolean {
    return this.#usable(this.#current, this.#options.clock.now());
  }

  /** Begins to talk, without waiting for a packet to send. */
  start(): void {
    if (!this.isEstablished) this.#askHandshake();
  }

  /** Forgets the tries so far: there is a new reason to believe that the peer hears us. */
  retryNow(): void {
    if (this.isEstablished) return;
    this.#handshake = undefined;
    this.#tryingSince = undefined;
    this.#askHandshake();
  }

  /** Handshakes whatever the state: a peer that is there answers. */
  probe(): void {
    this.#handshake = undefined;
    this.#askHandshake();
  }

  close(): void {
    this.#closed = true;
    this.#waiting = [];
    this.#handshake = undefined;
    this.#current = undefined;
    this.#previous = undefined;
    this.#next = undefined;
  }

  /** Seals and sends an IP packet; keeps a copy where there are no keys yet. */
  send(packet: Uint8Array): void {
    const now = this.#options.clock.now();
    const session = this.#current;
    if (!session || !this.#usable(session, now)) {
      if (this.#waiting.length < MAX_WAITING) this.#waiting.push(Buffer.from(packet));
      return this.#askHandshake();
    }
    this.#transmit(session, packet, now);
    this.#unansweredSince ??= now;
    if (session.isInitiator && now - session.createdAt > REKEY_AFTER_MS) this.#askHandshake();
  }

  /** Any message from the peer. What is not genuine is dropped. */
  handle(message: Buffer): void {
    if (this.#closed || message.length < 4 || message[1] || message[2] || message[3]) return;
    switch (message[0]) {
      case MessageType.transport:
        return this.#takeTransport(message);
      case MessageType.response:
        return this.#takeResponse(message);
      case MessageType.initiation:
        return this.#takeInitiation(message);
      case MessageType.cookie:
        if (this.#handshake && readU32LE(message, 4) === this.#handshake.index)
          this.#cookies.take(message, this.#handshake.mac1, this.#options.clock.now());
    }
  }

  tick(): void {
    if (this.#closed) return;
    const now = this.#options.clock.now();
    if (this.#handshake && now >= this.#handshake.retryAt) this.#retry(now);
    if (this.#unansweredSince !== undefined && now - this.#unansweredSince > NO_REPLY_MS) {
      this.#unansweredSince = undefined;
      this.#askHandshake();
    }
    const idle = now - this.#lastSentAt >= PERSISTENT_KEEPALIVE_MS;
    if ((this.#keepaliveAt !== undefined && now >= this.#keepaliveAt) || idle) this.#keepalive(now);
    if (this.#previous && now - this.#previous.createdAt > REJECT_AFTER_MS) this.#previous = undefined;
    if (this.#next && now - this.#next.createdAt > REJECT_AFTER_MS) this.#next = undefined;
  }

  #usable(session: Session | undefined, now: number): boolean {
    return session !== undefined && now - session.createdAt < REJECT_AFTER_MS;
  }

  #keepalive(now: number): void {
    const session = this.#current;
    if (!session) return;
    if (!this.#usable(session, now)) return this.#askHandshake();
    this.#transmit(session, KEEPALIVE, now);
    if (session.isInitiator && now - session.createdAt > REKEY_AFTER_MS) this.#askHandshake();
  }

  #transmit(session: Session, packet: Uint8Array, now: number): void {
    this.#lastSentAt = now;
    this.#keepaliveAt = undefined;
    const room = this.#options.reserve(Session.messageBytes(packet.length));
    if (room) session.seal(packet, room.buffer, room.at);
  }

  #transmitRaw(message: Buffer): void {
    const room = this.#options.reserve(message.length);
    room?.buffer.set(message, room.at);
  }

  #askHandshake(): void {
    if (this.#closed || this.#handshake || this.#handshakeAsked) return;
    this.#handshakeAsked = true;
    this.#options.pace(() => {
      this.#handshakeAsked = false;
      if (!this.#closed && !this.#handshake) this.#initiate();
    });
  }

  #initiate(): void {
    const { clock, own, key } = this.#options;
    const now = clock.now();
    this.#tryingSince ??= now;
    const ephemeral = keyPair();
    const index = this.#options.newIndex();
    const { message, state } = createInitiation({
      own,
      peer: key,
      staticSecret: this.#secret(),
      ephemeral,
      sender: index,
      timestamp: this.#timestamp(),
    });
    const mac1 = Uint8Array.from(message.subarray(116, 132));
    this.#cookies.sign(message, now);
    const retryAt = now + RETRY_MS + Math.random() * RETRY_JITTER_MS;
    this.#handshake = { ephemeral, state, index, mac1, retryAt };
    this.#transmitRaw(message);
  }

  #retry(now: number): void {
    this.#handshake = undefined;
    if (now - (this.#tryingSince ?? now) < GIVE_UP_MS) return this.#askHandshake();
    this.#tryingSince = undefined;
    this.#waiting = [];
    this.#options.gaveUp();
  }

  #secret(): Uint8Array {
    this.#staticSecret ??= dh(this.#options.own.privateKey, this.#options.key);
    return this.#staticSecret;
  }

  /** Peers take only time stamps that rise, also where the machine's clock was set back. */
  #timestamp(): Uint8Array {
    this.#lastStamp = Math.max(this.#options.unixMs(), this.#lastStamp + 1);
    return tai64n(this.#lastStamp);
  }

  #takeResponse(message: Buffer): void {
    const handshake = this.#handshake;
    if (!handshake || readU32LE(message, 8) !== handshake.index) return;
    const { own, clock } = this.#options;
    const response = readResponse(message, handshake.state, own, handshake.ephemeral);
    if (!response) return;
    const now = clock.now();
    this.#handshake = undefined;
    // Where the peer has begun a handshake at the same moment, it will send with the keys of that one.
    this.#previous = this.#next ?? this.#current;
    this.#next = undefined;
    this.#current = new Session({
      keys: response.keys,
      ownIndex: handshake.index,
      peerIndex: response.sender,
      createdAt: now,
      isInitiator: true,
    });
    this.#agreed();
    // The peer sends nothing until it has had one packet under the new keys.
    if (this.#waiting.length === 0) this.#transmit(this.#current, KEEPALIVE, now);
    this.#sendWaiting();
  }

  #takeInitiation(message: Buffer): void {
    const { own, key, clock } = this.#options;
    const now = clock.now();
    if (now - this.#heardInitiationAt < MIN_INITIATION_GAP_MS) return;
    this.#heardInitiationAt = now;
    const received = readInitiation(message, own, () => this.#secret());
    if (!received || Buffer.compare(received.peer, key) !== 0) return;
    if (Buffer.compare(received.timestamp, this.#newestInitiation) <= 0) return;
    this.#newestInitiation = Buffer.from(received.timestamp);
    const index = this.#options.newIndex();
    const response = createResponse({ received, sender: index });
    if (!response) return;
    this.#next = new Session({
      keys: response.keys,
      ownIndex: index,
      peerIndex: received.sender,
      createdAt: now,
      isInitiator: false,
    });
    this.#cookies.sign(response.message, now);
    this.#lastSentAt = now;
    this.#transmitRaw(response.message);
  }

  #takeTransport(message: Buffer): void {
    const index = message.length >= 8 ? readU32LE(message, 4) : 0;
    const session = this.#sessionOf(index);
    const { clock } = this.#options;
    const now = clock.now();
    if (!session || now - session.createdAt > REJECT_AFTER_MS) return;
    const packet = session.open(message);
    if (!packet) return;
    this.lastReceivedAt = now;
    this.#unansweredSince = undefined;
    if (session === this.#next) this.#adoptNext(session);
    if (session.isInitiator && session === this.#current && now - session.createdAt > REKEY_LATE_MS)
      this.#askHandshake();
    if (packet.length === 0) return;
    this.#keepaliveAt ??= now + PASSIVE_KEEPALIVE_MS;
    this.#options.receive(packet);
  }

  #sessionOf(ownIndex: number): Session | undefined {
    if (this.#current?.ownIndex === ownIndex) return this.#current;
    if (this.#previous?.ownIndex === ownIndex) return this.#previous;
    return this.#next?.ownIndex === ownIndex ? this.#next : undefined;
  }

  /** The peer has shown that it has the keys of the handshake that it began. */
  #adoptNext(session: Session): void {
    this.#previous = this.#current;
    this.#current = session;
    this.#next = undefined;
    this.#handshake = undefined;
    this.#agreed();
    this.#sendWaiting();
  }

  #agreed(): void {
    this.handshakes++;
    this.#tryingSince = undefined;
    this.#unansweredSince = undefined;
    this.#options.established();
  }

  #sendWaiting(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const packet of waiting) this.send(packet);
  }
}

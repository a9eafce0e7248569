import { randomBytes } from "node:crypto";
import { blake2s } from "@noble/hashes/blake2.js";
import { hmac } from "@noble/hashes/hmac.js";
import sodium from "libsodium-wrappers-sumo";

/**
 * The responder's side of WireGuard, as much of it as an agent needs that is spoken to (docs/tailnet.md, WireGuard).
 */
const CONSTRUCTION = blake2s(Buffer.from("Noise_IKpsk2_25519_ChaChaPoly_BLAKE2s"));
const digest = (...parts: Uint8Array[]) => blake2s(Buffer.concat(parts));
const IDENTIFIER = digest(CONSTRUCTION, Buffer.from("WireGuard v1 zx2c4 Jason@zx2c4.com"));
const NONE = new Uint8Array(0);
/** Keys live this long. */
const LIFETIME_MS = 180_000;

function derive(chain: Uint8Array, input: Uint8Array): [Uint8Array, Uint8Array, Uint8Array] {
  const secret = hmac(blake2s, chain, input);
  const first = hmac(blake2s, secret, Uint8Array.of(1));
  const second = hmac(blake2s, secret, Buffer.concat([first, Uint8Array.of(2)]));
  return [first, second, hmac(blake2s, secret, Buffer.concat([second, Uint8Array.of(3)]))];
}

function nonceOf(counter: bigint): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeBigUInt64LE(counter, 4);
  return nonce;
}

const seal = (key: Uint8Array, counter: bigint, plain: Uint8Array, ad: Uint8Array | null) =>
  sodium.crypto_aead_chacha20poly1305_ietf_encrypt(plain, ad, null, nonceOf(counter), key);
/** Throws on what is not genuine. */
const unseal = (key: Uint8Array, counter: bigint, sealed: Uint8Array, ad: Uint8Array | null) =>
  sodium.crypto_aead_chacha20poly1305_ietf_decrypt(null, sealed, ad, nonceOf(counter), key);

interface Keys {
  index: number;
  peerIndex: number;
  send: Uint8Array;
  receive: Uint8Array;
  counter: bigint;
  seen: Set<bigint>;
  highest: bigint;
  from: number;
  /** A packet has come by it: it may be sent with. */
  used: boolean;
}

/** What one client and this agent have agreed on. */
export class ClientTunnel {
  readonly #private: Uint8Array;
  readonly #public: Uint8Array;
  readonly #clientKey: Buffer;
  readonly #send: (message: Buffer) => void;
  #keys: Keys[] = [];
  #newest: Buffer = Buffer.alloc(12);

  constructor(
    own: { privateKey: Uint8Array; publicKey: Uint8Array },
    clientKey: Buffer,
    send: (message: Buffer) => void,
  ) {
    this.#private = own.privateKey;
    this.#public = own.publicKey;
    this.#clientKey = clientKey;
    this.#send = send;
  }

  /** The packet in a message, padding and all; undefined where there is none in it, or it is not genuine. */
  receive(message: Buffer, now: number): Buffer | undefined {
    try {
      if (message[0] === 1 && message.length === 148) this.#answer(message, now);
      if (message[0] === 4 && message.length >= 32) return this.#open(message, now);
    } catch {
      // Not genuine.
    }
    return undefined;
  }

  /** Sends a packet; without keys it is lost, as on any network. */
  send(packet: Buffer, now: number): void {
    const keys = this.#keys.find((one) => one.used && now - one.from < LIFETIME_MS);
    if (!keys) return;
    const padded = Buffer.alloc(Math.ceil(packet.length / 16) * 16);
    packet.copy(padded);
    const counter = keys.counter++;
    const head = Buffer.alloc(16);
    head.writeUInt32LE(4, 0);
    head.writeUInt32LE(keys.peerIndex, 4);
    head.writeBigUInt64LE(counter, 8);
    this.#send(Buffer.concat([head, seal(keys.send, counter, padded, null)]));
  }

  #answer(message: Buffer, now: number): void {
    const ephemeral = message.subarray(8, 40);
    let hash = digest(digest(IDENTIFIER, this.#public), ephemeral);
    let [chain] = derive(CONSTRUCTION, ephemeral);
    let key: Uint8Array;
    [chain, key] = derive(chain, sodium.crypto_scalarmult(this.#private, ephemeral));
    const client = unseal(key, 0n, message.subarray(40, 88), hash);
    if (!this.#clientKey.equals(client)) return;
    hash = digest(hash, message.subarray(40, 88));
    [chain, key] = derive(chain, sodium.crypto_scalarmult(this.#private, client));
    const stamp = Buffer.from(unseal(key, 0n, message.subarray(88, 116), hash));
    if (stamp.compare(this.#newest) <= 0) return;
    this.#newest = stamp;
    hash = digest(hash, message.subarray(88, 116));
    this.#respond(message.readUInt32LE(4), ephemeral, client, chain, hash, now);
  }

  #respond(
    peerIndex: number,
    theirs: Uint8Array,
    client: Uint8Array,
    chainSoFar: Uint8Array,
    hashSoFar: Uint8Array,
    now: number,
  ): void {
    const privateKey = randomBytes(32);
    const ours = sodium.crypto_scalarmult_base(privateKey);
    let hash = digest(hashSoFar, ours);
    let [chain] = derive(chainSoFar, ours);
    [chain] = derive(chain, sodium.crypto_scalarmult(privateKey, theirs));
    [chain] = derive(chain, sodium.crypto_scalarmult(privateKey, client));
    const [mixed, tau, key] = derive(chain, new Uint8Array(32));
    hash = digest(hash, tau);
    const index = randomBytes(4).readUInt32LE(0);
    const message = Buffer.alloc(92);
    message.writeUInt32LE(2, 0);
    message.writeUInt32LE(index, 4);
    message.writeUInt32LE(peerIndex, 8);
    message.set(ours, 12);
    message.set(seal(key, 0n, NONE, hash), 44);
    const macKey = digest(Buffer.from("mac1----"), this.#clientKey);
    message.set(blake2s(message.subarray(0, 60), { key: macKey, dkLen: 16 }), 60);
    const [receive, send] = derive(mixed, NONE);
    const keys = { index, peerIndex, send, receive, counter: 0n, seen: new Set<bigint>(), highest: 0n };
    this.#keys = [...this.#keys.slice(-2), { ...keys, from: now, used: false }];
    this.#send(message);
  }

  #open(message: Buffer, now: number): Buffer | undefined {
    const index = message.readUInt32LE(4);
    const keys = this.#keys.find((one) => one.index === index);
    if (!keys || now - keys.from > LIFETIME_MS) return undefined;
    const counter = message.readBigUInt64LE(8);
    if (keys.seen.has(counter) || counter + 2000n < keys.highest) return undefined;
    const packet = Buffer.from(unseal(keys.receive, counter, message.subarray(16), null));
    this.#remember(keys, counter);
    if (!keys.used) {
      // The newest keys that the client has used are sent with first.
      keys.used = true;
      this.#keys = [keys, ...this.#keys.filter((one) => one !== keys)];
    }
    return packet.length > 0 ? packet : undefined;
  }

  #remember(keys: Keys, counter: bigint): void {
    keys.seen.add(counter);
    if (counter > keys.highest) keys.highest = counter;
    if (keys.seen.size < 4000) return;
    for (const one of keys.seen) if (one + 2000n < keys.highest) keys.seen.delete(one);
  }
}

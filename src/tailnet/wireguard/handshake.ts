import { readU32LE } from "../bytes.ts";
import { hash, kdf, mac } from "../crypto/blake2s.ts";
import { dh, type KeyPair, keyPair, open, seal } from "../crypto/sodium.ts";

/**
 * WireGuard's handshake, Noise_IKpsk2 with a key of zeros as pre-shared one (docs/tailnet.md, WireGuard). All of it is
 * pure: keys, time and indices come in from outside.
 */
export const MessageType = { initiation: 1, response: 2, cookie: 3, transport: 4 } as const;
export const INITIATION_BYTES = 148;
export const RESPONSE_BYTES = 92;

const text = (words: string) => Buffer.from(words, "latin1");
const CHAIN_0 = hash(text("Noise_IKpsk2_25519_ChaChaPoly_BLAKE2s"));
const HASH_0 = hash(CHAIN_0, text("WireGuard v1 zx2c4 Jason@zx2c4.com"));
const LABEL_MAC1 = text("mac1----");
const NOTHING = new Uint8Array(0);
const NO_PSK = new Uint8Array(32);

/** What both sides know after the initiation. */
export interface HandshakeState {
  chain: Uint8Array;
  hash: Uint8Array;
}

export interface SessionKeys {
  send: Uint8Array;
  receive: Uint8Array;
}

/** The key of mac1 for messages to whoever has this public key. */
export function mac1Key(publicKey: Uint8Array): Uint8Array {
  return hash(LABEL_MAC1, publicKey);
}

/** TAI64N of a Unix time in milliseconds: strictly rising where the times are, by microseconds. */
export function tai64n(unixMs: number): Uint8Array {
  const stamp = Buffer.alloc(12);
  const seconds = Math.floor(unixMs / 1000);
  stamp.writeBigUInt64BE((1n << 62n) + 10n + BigInt(seconds), 0);
  stamp.writeUInt32BE(Math.round((unixMs - seconds * 1000) * 1e6) % 1e9, 8);
  return stamp;
}

export interface InitiationInput {
  own: KeyPair;
  peer: Uint8Array;
  /** DH of our and their static keys, which never changes. */
  staticSecret: Uint8Array;
  ephemeral: KeyPair;
  sender: number;
  timestamp: Uint8Array;
}

export function createInitiation(input: InitiationInput): { message: Buffer; state: HandshakeState } {
  const { own, peer, ephemeral } = input;
  const message = Buffer.alloc(INITIATION_BYTES);
  message[0] = MessageType.initiation;
  message.writeUInt32LE(input.sender, 4);
  message.set(ephemeral.publicKey, 8);
  let digest = hash(hash(HASH_0, peer), ephemeral.publicKey);
  let [chain, key] = kdf(2, kdf(1, CHAIN_0, ephemeral.publicKey)[0], dh(ephemeral.privateKey, peer));
  const sealedStatic = seal(key, 0, own.publicKey, digest);
  message.set(sealedStatic, 40);
  digest = hash(digest, sealedStatic);
  [chain, key] = kdf(2, chain, input.staticSecret);
  const sealedTime = seal(key, 0, input.timestamp, digest);
  message.set(sealedTime, 88);
  message.set(mac(mac1Key(peer), message.subarray(0, 116)), 116);
  return { message, state: { chain, hash: hash(digest, sealedTime) } };
}

export interface ReceivedInitiation {
  state: HandshakeState;
  sender: number;
  ephemeral: Uint8Array;
  peer: Uint8Array;
  timestamp: Uint8Array;
}

/** True where mac1 shows that the sender knows our public key. */
export function hasMac1(message: Uint8Array, ownPublic: Uint8Array): boolean {
  const at = message.length - 32;
  return (
    at > 0 &&
    Buffer.compare(mac(mac1Key(ownPublic), message.subarray(0, at)), message.subarray(at, at + 16)) === 0
  );
}

/** Reads an initiation meant for us; undefined where it is not genuine. */
export function readInitiation(
  message: Uint8Array,
  own: KeyPair,
  staticSecret: (peer: Uint8Array) => Uint8Array,
): ReceivedInitiation | undefined {
  if (message.length !== INITIATION_BYTES || !hasMac1(message, own.publicKey)) return undefined;
  const ephemeral = Uint8Array.from(message.subarray(8, 40));
  let digest = hash(hash(HASH_0, own.publicKey), ephemeral);
  const shared = dhOrNothing(own.privateKey, ephemeral);
  if (!shared) return undefined;
  let [chain, key] = kdf(2, kdf(1, CHAIN_0, ephemeral)[0], shared);
  const sealedStatic = message.subarray(40, 88);
  const peer = open(key, 0, sealedStatic, digest);
  if (!peer) return undefined;
  digest = hash(digest, sealedStatic);
  [chain, key] = kdf(2, chain, staticSecret(peer));
  const sealedTime = message.subarray(88, 116);
  const timestamp = open(key, 0, sealedTime, digest);
  if (!timestamp) return undefined;
  const state = { chain, hash: hash(digest, sealedTime) };
  return { state, sender: readU32LE(message, 4), ephemeral, peer, timestamp };
}

/** A weak key throws in libsodium; here it is just a message that is not genuine. */
function dhOrNothing(privateKey: Uint8Array, publicKey: Uint8Array): Uint8Array | undefined {
  try {
    return dh(privateKey, publicKey);
  } catch {
    return undefined;
  }
}

export interface ResponseInput {
  received: ReceivedInitiation;
  sender: number;
  ephemeral?: KeyPair;
}

export function createResponse(input: ResponseInput): { message: Buffer; keys: SessionKeys } | undefined {
  const { received, ephemeral = keyPair() } = input;
  const first = dhOrNothing(ephemeral.privateKey, received.ephemeral);
  const second = dhOrNothing(ephemeral.privateKey, received.peer);
  if (!first || !second) return undefined;
  const mixed = mixResponse(received.state, ephemeral.publicKey, first, second);
  const message = Buffer.alloc(RESPONSE_BYTES);
  message[0] = MessageType.response;
  message.writeUInt32LE(input.sender, 4);
  message.writeUInt32LE(received.sender, 8);
  message.set(ephemeral.publicKey, 12);
  message.set(seal(mixed.key, 0, NOTHING, mixed.hash), 44);
  message.set(mac(mac1Key(received.peer), message.subarray(0, 60)), 60);
  const [receive, send] = kdf(2, mixed.chain, NOTHING);
  return { message, keys: { send, receive } };
}

export interface ReceivedResponse {
  sender: number;
  keys: SessionKeys;
  chain: Uint8Array;
}

/** Reads the answer to our initiation; undefined where it is not genuine. */
export function readResponse(
  message: Uint8Array,
  state: HandshakeState,
  own: KeyPair,
  ephemeral: KeyPair,
): ReceivedResponse | undefined {
  if (message.length !== RESPONSE_BYTES || !hasMac1(message, own.publicKey)) return undefined;
  const theirs = Uint8Array.from(message.subarray(12, 44));
  const first = dhOrNothing(ephemeral.privateKey, theirs);
  const second = dhOrNothing(own.privateKey, theirs);
  if (!first || !second) return undefined;
  const mixed = mixResponse(state, theirs, first, second);
  if (!open(mixed.key, 0, message.subarray(44, 60), mixed.hash)) return undefined;
  const [send, receive] = kdf(2, mixed.chain, NOTHING);
  return { sender: readU32LE(message, 4), keys: { send, receive }, chain: mixed.chain };
}

function mixResponse(
  state: HandshakeState,
  ephemeral: Uint8Array,
  first: Uint8Array,
  second: Uint8Array,
): HandshakeState & { key: Uint8Array } {
  const chain = kdf(1, kdf(1, kdf(1, state.chain, ephemeral)[0], first)[0], second)[0];
  const [mixed, tau, key] = kdf(3, chain, NO_PSK);
  return { chain: mixed, hash: hash(hash(state.hash, ephemeral), tau), key };
}

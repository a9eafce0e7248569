import type Wrappers from "libsodium-wrappers-sumo";

/**
 * libsodium's WASM, called below its convenience wrappers: those allocate and free for every call, which
 * doubles the cost of a packet. Nothing here comes from OpenSSL, so it is the same in VS Code's Electron.
 *
 * All functions need `sodiumReady()` to have resolved. It is loaded only then: a process that opens no tunnel
 * saves 50 MB and a quarter of a second.
 */
export function sodiumReady(): Promise<void> {
  loading ??= import("libsodium-wrappers-sumo").then(async ({ default: loaded }) => {
    await loaded.ready;
    prepare(loaded);
  });
  return loading;
}
let loading: Promise<void> | undefined;
let wrappers: typeof Wrappers | undefined;

/** The convenience wrappers, for what is not done packet by packet. */
export function sodium(): typeof Wrappers {
  if (!wrappers) throw new Error("libsodium is not ready yet: await sodiumReady() first");
  return wrappers;
}

/** Bytes that authentication adds to a message. */
export const TAG_BYTES = 16;
/** Longest message: a relay's packet, and one SSH packet with room to spare. */
const MAX_MESSAGE = 70_000;

/** The part of libsodium's own C interface that is used. 64-bit lengths are two 32-bit ones, low first. */
export interface Heap {
  readonly HEAPU8: Uint8Array;
  _malloc(bytes: number): number;
  _crypto_aead_chacha20poly1305_ietf_encrypt(
    out: number,
    outLength: number,
    message: number,
    low: number,
    high: number,
    ad: number,
    adLow: number,
    adHigh: number,
    none: number,
    nonce: number,
    key: number,
  ): number;
  _crypto_aead_chacha20poly1305_ietf_decrypt(
    out: number,
    outLength: number,
    none: number,
    sealed: number,
    low: number,
    high: number,
    ad: number,
    adLow: number,
    adHigh: number,
    nonce: number,
    key: number,
  ): number;
  _crypto_stream_chacha20_xor_ic(
    out: number,
    message: number,
    low: number,
    high: number,
    nonce: number,
    counterLow: number,
    counterHigh: number,
    key: number,
  ): number;
  _crypto_onetimeauth(out: number, message: number, low: number, high: number, key: number): number;
}

/** Where things lie in libsodium's memory: taken once, used by every call. */
interface Areas {
  heap: Heap;
  key: number;
  nonce: number;
  ad: number;
  input: number;
  output: number;
}
let areas: Areas | undefined;

function prepare(loaded: typeof Wrappers): void {
  wrappers = loaded;
  const heap = (loaded as unknown as { libsodium: Heap }).libsodium;
  areas = {
    heap,
    key: heap._malloc(32),
    nonce: heap._malloc(16),
    ad: heap._malloc(64),
    input: heap._malloc(MAX_MESSAGE + TAG_BYTES),
    output: heap._malloc(MAX_MESSAGE + TAG_BYTES),
  };
}

function ready(messageBytes: number): Areas {
  if (!areas) throw new Error("libsodium is not ready yet: await sodiumReady() first");
  if (messageBytes > MAX_MESSAGE) throw new RangeError(`a message of ${messageBytes} bytes is too long`);
  return areas;
}

/** libsodium's memory and functions, for what needs several of its calls for one message. */
export function sodiumHeap(): Heap {
  return ready(0).heap;
}

const NO_AD = new Uint8Array(0);

/** WireGuard's nonce: four zero bytes and a little-endian counter. */
function putCounter(memory: Uint8Array, at: number, counter: number): void {
  const low = counter >>> 0;
  const high = (counter - low) / 2 ** 32;
  for (let index = 0; index < 4; index++) {
    memory[at + index] = 0;
    memory[at + 4 + index] = low >>> (8 * index);
    memory[at + 8 + index] = high >>> (8 * index);
  }
}

/**
 * ChaCha20-Poly1305 (RFC 8439): writes the sealed message, TAG_BYTES longer than the plain one, to
 * `target` at `at`. `ad` is at most 64 bytes.
 */
export function sealInto(
  key: Uint8Array,
  counter: number,
  plain: Uint8Array,
  target: Uint8Array,
  at: number,
  ad: Uint8Array = NO_AD,
): void {
  const area = ready(plain.length);
  const { heap, input, output } = area;
  const memory = heap.HEAPU8;
  memory.set(key, area.key);
  if (ad.length > 0) memory.set(ad, area.ad);
  memory.set(plain, input);
  putCounter(memory, area.nonce, counter);
  const length = plain.length;
  heap._crypto_aead_chacha20poly1305_ietf_encrypt(
    output,
    0,
    input,
    length,
    0,
    area.ad,
    ad.length,
    0,
    0,
    area.nonce,
    area.key,
  );
  target.set(heap.HEAPU8.subarray(output, output + length + TAG_BYTES), at);
}

export function seal(key: Uint8Array, counter: number, plain: Uint8Array, ad?: Uint8Array): Uint8Array {
  const sealed = new Uint8Array(plain.length + TAG_BYTES);
  sealInto(key, counter, plain, sealed, 0, ad);
  return sealed;
}

/** The plain message in memory of its own, or undefined where the message is not genuine. */
export function open(
  key: Uint8Array,
  counter: number,
  sealed: Uint8Array,
  ad: Uint8Array = NO_AD,
): Buffer | undefined {
  const length = sealed.length - TAG_BYTES;
  if (length < 0 || length > MAX_MESSAGE) return undefined;
  const area = ready(length);
  const { heap } = area;
  const memory = heap.HEAPU8;
  memory.set(key, area.key);
  if (ad.length > 0) memory.set(ad, area.ad);
  memory.set(sealed, area.input);
  putCounter(memory, area.nonce, counter);
  const failed = heap._crypto_aead_chacha20poly1305_ietf_decrypt(
    area.output,
    0,
    0,
    area.input,
    sealed.length,
    0,
    area.ad,
    ad.length,
    0,
    area.nonce,
    area.key,
  );
  if (failed !== 0) return undefined;
  const plain = Buffer.allocUnsafe(length);
  plain.set(heap.HEAPU8.subarray(area.output, area.output + length));
  return plain;
}

export interface KeyPair {
  publicKey: Uint8Array;
  privateKey: Uint8Array;
}

/** A Curve25519 key pair; of a given private key, or a new one. */
export function keyPair(privateKey: Uint8Array = sodium().randombytes_buf(32)): KeyPair {
  return { privateKey, publicKey: sodium().crypto_scalarmult_base(privateKey) };
}

/** X25519. Throws where the other side's key is one of the few weak ones. */
export function dh(privateKey: Uint8Array, publicKey: Uint8Array): Uint8Array {
  return sodium().crypto_scalarmult(privateKey, publicKey);
}

export function randomBytes(count: number): Uint8Array {
  return sodium().randombytes_buf(count);
}

/** The key that two sides of a NaCl box share. */
export function boxKey(theirPublic: Uint8Array, ourPrivate: Uint8Array): Uint8Array {
  return sodium().crypto_box_beforenm(theirPublic, ourPrivate);
}

export function boxSeal(message: Uint8Array, nonce: Uint8Array, key: Uint8Array): Uint8Array {
  return sodium().crypto_box_easy_afternm(message, nonce, key);
}

/** undefined where the box is not genuine. */
export function boxOpen(sealed: Uint8Array, nonce: Uint8Array, key: Uint8Array): Uint8Array | undefined {
  try {
    return sodium().crypto_box_open_easy_afternm(sealed, nonce, key);
  } catch {
    return undefined;
  }
}

import { timingSafeEqual } from "node:crypto";
import { readU32BE } from "../bytes.ts";
import { type Heap, sodiumHeap, TAG_BYTES } from "./sodium.ts";

/**
 * The cipher `chacha20-poly1305@openssh.com` (OpenSSH's PROTOCOL.chacha20poly1305): key bytes 0–31 for the
 * packet, 32–63 for its length; the nonce is the packet's number, big-endian; block 0 of the packet's stream
 * is the Poly1305 key. With libsodium it costs a tenth of what it does by way of node:crypto (docs/tailnet.md, SSH).
 */
const KEY_BYTES = 64;
const LENGTH_BYTES = 4;
/** SSH's limit with room for what ssh2 adds. */
const MAX_PACKET = 70_000;

interface Areas {
  heap: Heap;
  key: number;
  nonce: number;
  macKey: number;
  packet: number;
}
let areas: Areas | undefined;

function prepared(key: Uint8Array, sequence: number, bytes: number): Areas {
  if (bytes > MAX_PACKET) throw new RangeError(`an SSH packet of ${bytes} bytes is too long`);
  if (!areas) {
    const heap = sodiumHeap();
    areas = {
      heap,
      key: heap._malloc(KEY_BYTES),
      nonce: heap._malloc(8),
      macKey: heap._malloc(32),
      packet: heap._malloc(MAX_PACKET + TAG_BYTES),
    };
  }
  const memory = areas.heap.HEAPU8;
  memory.set(key, areas.key);
  for (let index = 0; index < 4; index++) {
    memory[areas.nonce + index] = 0;
    memory[areas.nonce + 4 + index] = sequence >>> (24 - 8 * index);
  }
  return areas;
}

/** Encrypts or decrypts in libsodium's memory. */
function cipher({ heap, nonce }: Areas, at: number, length: number, block: number, key: number): void {
  heap._crypto_stream_chacha20_xor_ic(at, at, length, 0, nonce, block, 0, key);
}

/** Writes the Poly1305 tag of `length` bytes at `packet` behind them. */
function authenticate(area: Areas, length: number): void {
  const { heap, macKey, packet, key } = area;
  heap.HEAPU8.fill(0, macKey, macKey + 32);
  cipher(area, macKey, 32, 0, key);
  heap._crypto_onetimeauth(packet + length, packet, length, 0, macKey);
}

/** Encrypts an SSH packet in place; its last 16 bytes are room for the tag. */
export function encryptPacket(key: Uint8Array, sequence: number, packet: Uint8Array): void {
  const length = packet.length - TAG_BYTES;
  const area = prepared(key, sequence, length);
  const { heap } = area;
  heap.HEAPU8.set(packet.subarray(0, length), area.packet);
  cipher(area, area.packet, LENGTH_BYTES, 0, area.key + 32);
  cipher(area, area.packet + LENGTH_BYTES, length - LENGTH_BYTES, 1, area.key);
  authenticate(area, length);
  packet.set(heap.HEAPU8.subarray(area.packet, area.packet + length + TAG_BYTES));
}

/** The packet's length, from its first four bytes. */
export function decryptLength(key: Uint8Array, sequence: number, encrypted: Uint8Array): number {
  const area = prepared(key, sequence, LENGTH_BYTES);
  const { heap, packet } = area;
  heap.HEAPU8.set(encrypted.subarray(0, LENGTH_BYTES), packet);
  cipher(area, packet, LENGTH_BYTES, 0, area.key + 32);
  return readU32BE(heap.HEAPU8, packet);
}

/** Decrypts what follows the length, in place. Throws where the tag does not fit. */
export function decryptPacket(
  key: Uint8Array,
  sequence: number,
  encryptedLength: Uint8Array,
  packet: Uint8Array,
  tag: Uint8Array,
): void {
  const length = LENGTH_BYTES + packet.length;
  const area = prepared(key, sequence, length);
  const { heap } = area;
  heap.HEAPU8.set(encryptedLength, area.packet);
  heap.HEAPU8.set(packet, area.packet + LENGTH_BYTES);
  authenticate(area, length);
  const end = area.packet + length;
  if (!timingSafeEqual(heap.HEAPU8.subarray(end, end + TAG_BYTES), tag)) throw new Error("Invalid MAC");
  cipher(area, area.packet + LENGTH_BYTES, packet.length, 1, area.key);
  packet.set(heap.HEAPU8.subarray(area.packet + LENGTH_BYTES, end));
}

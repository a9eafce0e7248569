/**
 * TCP in IPv6, as much of it as goes through the tunnel: no extension headers, options MSS, window scale and
 * SACK (RFC 9293, 7323, 2018).
 */
export const IPV6_HEADER_BYTES = 40;
export const TCP_HEADER_BYTES = 20;
const MAX_OPTION_BYTES = 40;
export const MAX_HEADERS = IPV6_HEADER_BYTES + TCP_HEADER_BYTES + MAX_OPTION_BYTES;
const NEXT_HEADER_TCP = 6;
/** Linux's default, and what agents send too. */
const HOP_LIMIT = 64;

export const TcpFlag = { fin: 1, syn: 2, rst: 4, psh: 8, ack: 16 } as const;

export interface SackBlock {
  start: number;
  end: number;
}

export interface Ports {
  sourcePort: number;
  destinationPort: number;
}

/** Numbers as on the wire: seq, ack and SACK blocks modulo 2^32, the window unscaled. */
export interface Header {
  seq: number;
  ack: number;
  flags: number;
  window: number;
  mss?: number | undefined;
  windowScale?: number | undefined;
  sackPermitted?: boolean | undefined;
  sacks?: readonly SackBlock[] | undefined;
}

export interface Segment extends Header, Ports {
  payload: Buffer;
}

/** A segment's bytes, by the number that whoever keeps them knows them by: copied straight into the packet. */
export interface Payload {
  from: number;
  bytes: number;
  source: { copy(from: number, bytes: number, target: Buffer, at: number): void };
}

/** Two addresses, with the part of the checksum that they make. */
export interface AddressPair {
  source: Uint8Array;
  destination: Uint8Array;
  sum: number;
}

export function addressPair(source: Uint8Array, destination: Uint8Array): AddressPair {
  return { source, destination, sum: sum16(source, 0, 16, sum16(destination, 0, 16, NEXT_HEADER_TCP)) };
}

/** One's-complement sum of 16-bit words, not yet folded; good for some 100,000 bytes. */
function sum16(bytes: Uint8Array, from: number, to: number, start: number): number {
  let sum = start;
  let at = from;
  for (; at + 1 < to; at += 2) sum += ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
  if (at < to) sum += (bytes[at] ?? 0) << 8;
  return sum;
}

function fold(sum: number): number {
  let rest = sum;
  while (rest > 0xffff) rest = (rest & 0xffff) + Math.floor(rest / 0x10000);
  return rest;
}

/** Writes a segment with its IPv6 header to the begin of `target`. Returns the packet's length. */
export function buildPacket(
  target: Buffer,
  addresses: AddressPair,
  ports: Ports,
  header: Header,
  payload?: Payload,
): number {
  const optionBytes = writeOptions(target, IPV6_HEADER_BYTES + TCP_HEADER_BYTES, header);
  const headerBytes = TCP_HEADER_BYTES + optionBytes;
  const tcpBytes = headerBytes + (payload?.bytes ?? 0);
  target.writeUInt32BE(0x60000000, 0);
  target.writeUInt16BE(tcpBytes, 4);
  target[6] = NEXT_HEADER_TCP;
  target[7] = HOP_LIMIT;
  target.set(addresses.source, 8);
  target.set(addresses.destination, 24);
  const at = IPV6_HEADER_BYTES;
  target.writeUInt16BE(ports.sourcePort, at);
  target.writeUInt16BE(ports.destinationPort, at + 2);
  target.writeUInt32BE(header.seq, at + 4);
  target.writeUInt32BE(header.ack, at + 8);
  target.writeUInt16BE((headerBytes << 10) | header.flags, at + 12);
  target.writeUInt16BE(header.window, at + 14);
  target.writeUInt32BE(0, at + 16);
  payload?.source.copy(payload.from, payload.bytes, target, at + headerBytes);
  const end = at + tcpBytes;
  target.writeUInt16BE(~fold(sum16(target, at, end, addresses.sum + tcpBytes)) & 0xffff, at + 16);
  return end;
}

function writeOptions(target: Buffer, from: number, header: Header): number {
  const { mss, windowScale, sackPermitted, sacks } = header;
  if (mss === undefined && windowScale === undefined && !sackPermitted && !sacks) return 0;
  let at = from;
  const put = (...bytes: number[]) => {
    for (const byte of bytes) target[at++] = byte;
  };
  if (mss !== undefined) put(2, 4, mss >> 8, mss & 0xff);
  if (windowScale !== undefined) put(1, 3, 3, windowScale);
  if (sackPermitted) put(1, 1, 4, 2);
  if (sacks && sacks.length > 0) {
    put(1, 1, 5, 2 + 8 * sacks.length);
    for (const block of sacks) {
      target.writeUInt32BE(block.start, at);
      target.writeUInt32BE(block.end, at + 4);
      at += 8;
    }
  }
  return at - from;
}

/** Whether a packet goes from the pair's destination to its source. */
export function isAnswer(packet: Buffer, { source, destination }: AddressPair): boolean {
  if (packet.length < IPV6_HEADER_BYTES) return false;
  for (let at = 0; at < 16; at++)
    if (packet[8 + at] !== destination[at] || packet[24 + at] !== source[at]) return false;
  return true;
}

/** Reads a packet; undefined where it is not TCP in IPv6, is cut off, or its checksum is wrong. */
export function parsePacket(packet: Buffer): Segment | undefined {
  if (packet.length < IPV6_HEADER_BYTES + TCP_HEADER_BYTES) return undefined;
  if ((packet[0] ?? 0) >> 4 !== 6 || packet[6] !== NEXT_HEADER_TCP) return undefined;
  const tcpBytes = packet.readUInt16BE(4);
  const end = IPV6_HEADER_BYTES + tcpBytes;
  if (tcpBytes < TCP_HEADER_BYTES || packet.length < end) return undefined;
  const addresses = sum16(packet, 8, 40, NEXT_HEADER_TCP + tcpBytes);
  if (fold(sum16(packet, IPV6_HEADER_BYTES, end, addresses)) !== 0xffff) return undefined;
  return parseSegment(packet, end);
}

function parseSegment(packet: Buffer, end: number): Segment | undefined {
  const at = IPV6_HEADER_BYTES;
  const headerBytes = ((packet[at + 12] ?? 0) >> 4) << 2;
  const payloadAt = at + headerBytes;
  if (headerBytes < TCP_HEADER_BYTES || payloadAt > end) return undefined;
  const segment: Segment = {
    sourcePort: packet.readUInt16BE(at),
    destinationPort: packet.readUInt16BE(at + 2),
    seq: packet.readUInt32BE(at + 4),
    ack: packet.readUInt32BE(at + 8),
    flags: packet[at + 13] ?? 0,
    window: packet.readUInt16BE(at + 14),
    payload: packet.subarray(payloadAt, end),
  };
  if (headerBytes > TCP_HEADER_BYTES) readOptions(packet, at + TCP_HEADER_BYTES, payloadAt, segment);
  return segment;
}

/** Options that make no sense end the reading; the segment itself is still good. */
function readOptions(packet: Buffer, from: number, end: number, segment: Segment): void {
  let at = from;
  while (at < end) {
    const kind = packet[at];
    if (kind === 0) return;
    if (kind === 1) {
      at++;
      continue;
    }
    const length = packet[at + 1] ?? 0;
    if (length < 2 || at + length > end) return;
    if (kind === 2 && length === 4) segment.mss = packet.readUInt16BE(at + 2);
    else if (kind === 3 && length === 3) segment.windowScale = Math.min(14, packet[at + 2] ?? 0);
    else if (kind === 4 && length === 2) segment.sackPermitted = true;
    else if (kind === 5 && (length - 2) % 8 === 0)
      segment.sacks = readSacks(packet, at + 2, (length - 2) / 8);
    at += length;
  }
}

function readSacks(packet: Buffer, at: number, count: number): SackBlock[] {
  return Array.from({ length: count }, (_, index) => ({
    start: packet.readUInt32BE(at + 8 * index),
    end: packet.readUInt32BE(at + 8 * index + 4),
  }));
}

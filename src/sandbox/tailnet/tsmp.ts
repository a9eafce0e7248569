/** Tailscale's own messages within a tunnel (its `net/packet/tsmp.go`), as much as answers a ping. */
const PROTOCOL = 99;
const HEADER_BYTES = 40;
const PING = 0x70;
const PONG = 0x6f;
const DATA_BYTES = 8;

/** The pong to a ping over IPv6; undefined for every other packet. */
export function answerTsmp(packet: Buffer, clientAddress: string): Buffer | undefined {
  if (packet.length < HEADER_BYTES + 1 + DATA_BYTES || packet.readUInt8(6) !== PROTOCOL) return undefined;
  if (packet.readUInt8(HEADER_BYTES) !== PING) return undefined;
  const [source, destination] = [packet.subarray(8, 24), packet.subarray(24, 40)];
  if (source.toString("hex") !== clientAddress) return undefined;
  const header = Buffer.from(packet.subarray(0, 8));
  // The two last bytes are the port of an API that agents do not have.
  const payload = Buffer.alloc(1 + DATA_BYTES + 2);
  payload.writeUInt8(PONG, 0);
  packet.copy(payload, 1, HEADER_BYTES + 1, HEADER_BYTES + 1 + DATA_BYTES);
  header.writeUInt16BE(payload.length, 4);
  return Buffer.concat([header, destination, source, payload]);
}

import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire";

/**
 * The coordinator's messages as the server sees them (docs/tailnet.md, Coordination), with a client's node kept as it
 * came.
 */
export interface Request {
  /** The whole Node message. */
  self?: { raw: Uint8Array; key: Buffer; preferredDerp: number; addresses: string[] };
  disconnect?: true;
  addTunnel?: Buffer;
  removeTunnel?: Buffer;
  readyForHandshake?: true;
}

export const NODE = 1;
export const DISCONNECTED = 2;
export const LOST = 3;
export const READY = 4;

function* fields(bytes: Uint8Array): Generator<{ field: number; bytes: Uint8Array; value: number }> {
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag();
    if (type === WireType.LengthDelimited) yield { field, bytes: reader.bytes(), value: 0 };
    else if (type === WireType.Varint)
      yield { field, bytes: new Uint8Array(0), value: Number(reader.int64()) };
    else reader.skip(type, field);
  }
}

function idIn(bytes: Uint8Array): Buffer {
  for (const one of fields(bytes)) if (one.field === 1) return Buffer.from(one.bytes);
  return Buffer.alloc(0);
}

export function readRequest(bytes: Uint8Array): Request {
  const request: Request = {};
  for (const one of fields(bytes)) {
    if (one.field === 1) for (const node of fields(one.bytes)) request.self = readNode(node.bytes);
    if (one.field === 2) request.disconnect = true;
    if (one.field === 3) request.addTunnel = idIn(one.bytes);
    if (one.field === 4) request.removeTunnel = idIn(one.bytes);
    if (one.field === 5) request.readyForHandshake = true;
  }
  return request;
}

function readNode(raw: Uint8Array): NonNullable<Request["self"]> {
  const node = { raw, key: Buffer.alloc(0), preferredDerp: 0, addresses: [] as string[] };
  for (const one of fields(raw)) {
    // The key's text form has "np" before its 32 bytes.
    if (one.field === 3) node.key = Buffer.from(one.bytes.subarray(2));
    if (one.field === 5) node.preferredDerp = one.value;
    if (one.field === 8) node.addresses.push(Buffer.from(one.bytes).toString("utf8"));
  }
  return node;
}

export function writeError(problem: string): Uint8Array {
  return new BinaryWriter().tag(2, WireType.LengthDelimited).string(problem).finish();
}

export function writePeerUpdate(id: Uint8Array, kind: number, node?: Uint8Array, reason = ""): Uint8Array {
  const writer = new BinaryWriter();
  writer.tag(1, WireType.LengthDelimited).fork();
  writer.tag(1, WireType.LengthDelimited).bytes(id);
  if (node) writer.tag(2, WireType.LengthDelimited).bytes(node);
  writer.tag(3, WireType.Varint).int32(kind);
  if (reason) writer.tag(4, WireType.LengthDelimited).string(reason);
  return writer.join().finish();
}

export function writeAgentNode(key: Uint8Array, region: number, addresses: readonly string[]): Uint8Array {
  const writer = new BinaryWriter();
  writer.tag(1, WireType.Varint).int64(1);
  writer.tag(3, WireType.LengthDelimited).bytes(Buffer.concat([Buffer.from("np"), key]));
  writer.tag(4, WireType.LengthDelimited).string(`discokey:${Buffer.from(key).toString("hex")}`);
  writer.tag(5, WireType.Varint).int32(region);
  for (const address of addresses) {
    writer.tag(8, WireType.LengthDelimited).string(address);
    writer.tag(9, WireType.LengthDelimited).string(address);
  }
  return writer.finish();
}

export function writeResumeToken(token: string, refreshInSeconds: number): Uint8Array {
  const writer = new BinaryWriter();
  writer.tag(1, WireType.LengthDelimited).string(token);
  writer.tag(2, WireType.LengthDelimited).fork();
  writer.tag(1, WireType.Varint).int64(refreshInSeconds);
  return writer.join().finish();
}

/** One region with the embedded relay, as in the JSON that `/workspaceagents/connection` answers. */
export function writeDerpMap(region: number, host: string, port: number): Uint8Array {
  const writer = new BinaryWriter();
  // Home parameters, of which there are none: Coder's own client looks into them without asking first.
  writer.tag(1, WireType.LengthDelimited).bytes(new Uint8Array(0));
  writer.tag(2, WireType.LengthDelimited).fork();
  writer.tag(1, WireType.Varint).int64(region);
  writer.tag(2, WireType.LengthDelimited).fork();
  writer.tag(1, WireType.Varint).int64(region);
  writer.tag(2, WireType.Varint).bool(true);
  writer.tag(3, WireType.LengthDelimited).string("coder");
  writer.tag(4, WireType.LengthDelimited).string("Coder Embedded Relay");
  writer.tag(6, WireType.LengthDelimited).fork();
  writer.tag(1, WireType.LengthDelimited).string(`${region}b`);
  writer.tag(2, WireType.Varint).int64(region);
  writer.tag(3, WireType.LengthDelimited).string(host);
  writer.tag(9, WireType.Varint).int32(port);
  writer.tag(11, WireType.Varint).bool(true);
  return writer.join().join().join().finish();
}

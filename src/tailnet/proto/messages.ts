import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { eachField } from "./read.ts";

/**
 * The few messages of package `coder.tailnet.v2` that a client needs, declared by hand by their field
 * numbers (docs/tailnet.md, Coordination). Unknown fields are skipped, so newer servers are understood.
 */

/** How a node is reached. Keys are raw 32 bytes; addresses are in CIDR notation. */
export interface Node {
  id: number;
  asOfMs: number;
  key: Uint8Array;
  /** `discokey:` and 64 hex digits. */
  disco: string;
  preferredDerp: number;
  addresses: readonly string[];
  allowedIps: readonly string[];
  endpoints: readonly string[];
}

export const PeerUpdateKind = { node: 1, disconnected: 2, lost: 3, readyForHandshake: 4 } as const;

export interface PeerUpdate {
  /** 16 bytes of the peer's UUID. */
  id: Uint8Array;
  node: Node | undefined;
  /** One of PeerUpdateKind; others may come with newer servers. */
  kind: number;
  reason: string;
}

export interface CoordinateResponse {
  peerUpdates: PeerUpdate[];
  error: string;
}

export interface ResumeToken {
  token: string;
  refreshInMs: number;
}

export interface DerpNode {
  name: string;
  host: string;
  port: number;
  stunOnly: boolean;
  forceHttp: boolean;
}
export interface DerpRegion {
  id: number;
  code: string;
  name: string;
  embeddedRelay: boolean;
  avoid: boolean;
  nodes: DerpNode[];
}
export type DerpMap = ReadonlyMap<number, DerpRegion>;

const KEY_PREFIX = Buffer.from("np");

function message(writer: BinaryWriter, field: number, write: (writer: BinaryWriter) => void): void {
  writer.tag(field, WireType.LengthDelimited).fork();
  write(writer);
  writer.join();
}

function text(writer: BinaryWriter, field: number, value: string): void {
  writer.tag(field, WireType.LengthDelimited).string(value);
}

export function encodeNode(node: Node): Uint8Array {
  return writeNode(new BinaryWriter(), node).finish();
}

function writeNode(writer: BinaryWriter, node: Node): BinaryWriter {
  writer.tag(1, WireType.Varint).int64(node.id);
  message(writer, 2, (inner) => {
    inner.tag(1, WireType.Varint).int64(Math.floor(node.asOfMs / 1000));
    inner.tag(2, WireType.Varint).int32(Math.floor((node.asOfMs % 1000) * 1e6));
  });
  writer.tag(3, WireType.LengthDelimited).bytes(Buffer.concat([KEY_PREFIX, node.key]));
  text(writer, 4, node.disco);
  writer.tag(5, WireType.Varint).int32(node.preferredDerp);
  for (const address of node.addresses) text(writer, 8, address);
  for (const address of node.allowedIps) text(writer, 9, address);
  for (const endpoint of node.endpoints) text(writer, 10, endpoint);
  return writer;
}

export function encodeUpdateSelf(node: Node): Uint8Array {
  const writer = new BinaryWriter();
  message(writer, 1, (inner) => message(inner, 1, (own) => writeNode(own, node)));
  return writer.finish();
}

export function encodeDisconnect(): Uint8Array {
  const writer = new BinaryWriter();
  message(writer, 2, () => undefined);
  return writer.finish();
}

/** Asks for a tunnel to an agent, by the 16 bytes of its UUID. */
export function encodeAddTunnel(id: Uint8Array): Uint8Array {
  return encodeTunnel(3, id);
}

export function encodeRemoveTunnel(id: Uint8Array): Uint8Array {
  return encodeTunnel(4, id);
}

function encodeTunnel(field: number, id: Uint8Array): Uint8Array {
  const writer = new BinaryWriter();
  message(writer, field, (inner) => inner.tag(1, WireType.LengthDelimited).bytes(id));
  return writer.finish();
}

export function decodeCoordinateResponse(bytes: Uint8Array): CoordinateResponse {
  const response: CoordinateResponse = { peerUpdates: [], error: "" };
  eachField(bytes, (number, reader) => {
    if (number === 1) response.peerUpdates.push(decodePeerUpdate(reader.bytes()));
    else if (number === 2) response.error = reader.string();
    else return false;
    return true;
  });
  return response;
}

function decodePeerUpdate(bytes: Uint8Array): PeerUpdate {
  const update: PeerUpdate = { id: new Uint8Array(16), node: undefined, kind: 0, reason: "" };
  eachField(bytes, (number, reader) => {
    if (number === 1) update.id = reader.bytes();
    else if (number === 2) update.node = decodeNode(reader.bytes());
    else if (number === 3) update.kind = reader.int32();
    else if (number === 4) update.reason = reader.string();
    else return false;
    return true;
  });
  return update;
}

export function decodeNode(bytes: Uint8Array): Node {
  const addresses: string[] = [];
  const allowedIps: string[] = [];
  const endpoints: string[] = [];
  const node = { id: 0, asOfMs: 0, key: new Uint8Array(0), disco: "", preferredDerp: 0 };
  eachField(bytes, (number, reader) => {
    if (number === 1) node.id = Number(reader.int64());
    else if (number === 2) node.asOfMs = decodeSeconds(reader.bytes()) * 1000;
    else if (number === 3) node.key = decodeKey(reader.bytes());
    else if (number === 4) node.disco = reader.string();
    else if (number === 5) node.preferredDerp = reader.int32();
    else if (number === 8) addresses.push(reader.string());
    else if (number === 9) allowedIps.push(reader.string());
    else if (number === 10) endpoints.push(reader.string());
    else return false;
    return true;
  });
  return { ...node, addresses, allowedIps, endpoints };
}

/** `np` and 32 bytes; anything else is no key that we could use. */
function decodeKey(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const usable = bytes.length === 34 && bytes[0] === KEY_PREFIX[0] && bytes[1] === KEY_PREFIX[1];
  return usable ? Uint8Array.from(bytes.subarray(2)) : new Uint8Array(0);
}

/** A Timestamp or Duration, in seconds. */
function decodeSeconds(bytes: Uint8Array): number {
  let seconds = 0;
  eachField(bytes, (number, reader) => {
    if (number === 1) seconds += Number(reader.int64());
    else if (number === 2) seconds += reader.int32() / 1e9;
    else return false;
    return true;
  });
  return seconds;
}

export function decodeResumeToken(bytes: Uint8Array): ResumeToken {
  const answer: ResumeToken = { token: "", refreshInMs: 0 };
  eachField(bytes, (number, reader) => {
    if (number === 1) answer.token = reader.string();
    else if (number === 2) answer.refreshInMs = decodeSeconds(reader.bytes()) * 1000;
    else return false;
    return true;
  });
  return answer;
}

import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";

/**
 * Reads one message: calls `take` for each field; a field that it does not take is skipped, so newer servers
 * are understood. Throws where the bytes are no protobuf.
 */
export function eachField(bytes: Uint8Array, take: (number: number, reader: BinaryReader) => boolean): void {
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [number, type] = reader.tag();
    if (type === WireType.EndGroup) throw new Error("a group ends that did not begin");
    if (!take(number, reader)) reader.skip(type, number);
  }
  if (reader.pos > reader.len) throw new RangeError("the message ends in the middle of a field");
}

/** The 16 bytes of a UUID's text. Throws where it is none. */
export function uuidBytes(text: string): Uint8Array {
  const hex = text.replaceAll("-", "");
  if (!/^[0-9a-f]{32}$/i.test(hex)) throw new TypeError(`"${text}" is no UUID`);
  return Buffer.from(hex, "hex");
}

/** Bytes as lower-case hex, as keys of maps. */
export function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex");
}

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as ws from "ws";
import { FrameReader, FrameWriter, OPCODE, ProtocolError } from "../../../src/wire/frames.ts";

/** Exported by the package, left out of its types. */
const { Receiver, Sender } = ws as unknown as {
  Receiver: new (options: { isServer: boolean }) => NodeJS.WritableStream;
  Sender: { frame(data: Buffer, options: Record<string, unknown>): Buffer[] };
};

interface Read {
  data: Buffer;
  controls: { opcode: number; payload: string }[];
  error: ProtocolError | undefined;
}

/** Reads a stream that is cut at the given places. */
function read(stream: Buffer, cuts: readonly number[]): Read {
  const chunks: Buffer[] = [];
  const controls: Read["controls"] = [];
  const reader = new FrameReader({
    data: (bytes, start, end) => chunks.push(Buffer.from(bytes.subarray(start, end))),
    control: (opcode, payload) => controls.push({ opcode, payload: payload.toString("latin1") }),
  });
  const places = [0, ...cuts.map((cut) => cut % (stream.length + 1)).sort((a, b) => a - b), stream.length];
  let error: ProtocolError | undefined;
  try {
    for (let index = 1; index < places.length; index++)
      reader.take(stream, places[index - 1] ?? 0, places[index] ?? 0);
  } catch (thrown) {
    if (!(thrown instanceof ProtocolError)) throw thrown;
    error = thrown;
  }
  return { data: Buffer.concat(chunks), controls, error };
}

const message = fc.record({
  data: fc.uint8Array({ maxLength: 70_000, size: "large" }),
  binary: fc.boolean(),
  pieces: fc.integer({ min: 1, max: 4 }),
  ping: fc.option(fc.uint8Array({ maxLength: 125 }), { nil: undefined }),
});

/** The frames of a server, made by ws. */
function serverStream(
  messages: readonly (typeof message extends fc.Arbitrary<infer T> ? T : never)[],
): Buffer {
  const frames: Buffer[] = [];
  const frame = (bytes: Uint8Array, opcode: number, fin: boolean) =>
    frames.push(
      ...Sender.frame(Buffer.from(bytes), { fin, opcode, mask: false, readOnly: true, rsv1: false }),
    );
  for (const { data, binary, pieces, ping } of messages) {
    const size = Math.ceil(data.length / pieces);
    for (let piece = 0; piece < pieces; piece++) {
      const opcode = piece > 0 ? OPCODE.continuation : binary ? OPCODE.binary : OPCODE.text;
      frame(data.subarray(piece * size, (piece + 1) * size), opcode, piece === pieces - 1);
      if (ping) frame(ping, OPCODE.ping, true);
    }
  }
  return Buffer.concat(frames);
}

describe("reading", () => {
  it("gives the same bytes and controls wherever the stream is cut", () => {
    fc.assert(
      fc.property(
        fc.array(message, { maxLength: 6 }),
        fc.array(fc.nat(), { maxLength: 40 }),
        (messages, cuts) => {
          const { data, controls, error } = read(serverStream(messages), cuts);
          expect(error).toBeUndefined();
          expect(data.equals(Buffer.concat(messages.map((one) => one.data)))).toBe(true);
          expect(controls).toEqual(
            messages.flatMap(({ ping, pieces }) =>
              ping
                ? Array.from({ length: pieces }, () => ({
                    opcode: OPCODE.ping,
                    payload: Buffer.from(ping).toString("latin1"),
                  }))
                : [],
            ),
          );
        },
      ),
      { numRuns: 150 },
    );
  });

  it("says the same of any bytes wherever they are cut, and throws nothing but ProtocolError", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.array(fc.nat(), { maxLength: 20 }), (bytes, cuts) => {
        const whole = read(Buffer.from(bytes), []);
        const cut = read(Buffer.from(bytes), cuts);
        expect(cut.error?.message).toBe(whole.error?.message);
        expect(cut.data.equals(whole.data)).toBe(true);
        expect(cut.controls).toEqual(whole.controls);
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    ["a reserved bit", [0xc2, 0], 1002],
    ["a reserved opcode", [0x83, 0], 1002],
    ["a reserved control opcode", [0x8b, 0], 1002],
    ["a fragmented ping", [0x09, 0], 1002],
    ["a ping of 126 bytes", [0x89, 126], 1002],
    ["a continuation of nothing", [0x80, 0], 1002],
    ["a message inside another", [0x02, 0, 0x82, 0], 1002],
    ["a masked frame", [0x82, 0x80], 1002],
    ["more than any number can hold", [0x82, 127, 255, 255, 255, 255, 255, 255, 255, 255], 1009],
  ])("refuses %s", (_name, bytes, code) => {
    expect(read(Buffer.from(bytes), []).error?.code).toBe(code);
  });
});

describe("writing", () => {
  it("is what ws reads, for any payloads in any order through one writer", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ maxLength: 70_000, size: "large" }), { minLength: 1, maxLength: 8 }),
        async (payloads) => {
          const writer = new FrameWriter(64);
          const receiver = new Receiver({ isServer: true });
          const got: Buffer[] = [];
          const all = new Promise<void>((resolve, reject) => {
            receiver.on("error", reject);
            receiver.on("message", (data: Buffer) => {
              got.push(Buffer.from(data));
              if (got.length === payloads.length) resolve();
            });
          });
          for (const payload of payloads) {
            Buffer.from(payload).copy(writer.payload(payload.length));
            receiver.write(Buffer.from(writer.frame(OPCODE.binary, payload.length)));
          }
          await all;
          expect(got.map((one) => one.toString("hex"))).toEqual(
            payloads.map((one) => Buffer.from(one).toString("hex")),
          );
        },
      ),
      { numRuns: 60 },
    );
  });
});

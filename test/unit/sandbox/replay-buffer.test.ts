import fc from "fast-check";
import { expect, test } from "vitest";
import { ReplayBuffer } from "../../../src/sandbox/terminal/replay-buffer.ts";

test("keeps the last bytes of whatever was pushed", () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 3000 }), { maxLength: 30 }),
      fc.integer({ min: 1, max: 4096 }),
      (chunks, limit) => {
        const buffer = new ReplayBuffer(limit);
        for (const chunk of chunks) buffer.push(Buffer.from(chunk));
        const all = Buffer.concat(chunks);
        expect(buffer.read().equals(all.subarray(Math.max(0, all.length - limit)))).toBe(true);
      },
    ),
  );
});

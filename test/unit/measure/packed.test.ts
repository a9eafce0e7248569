import * as fc from "fast-check";
import { expect, it } from "vitest";
import { Durations } from "../../../src/measure/durations.ts";
import { packed, unpacked } from "../../../src/measure/packed.ts";
import type { Second } from "../../../src/measure/seconds.ts";
import { say } from "../../../src/text/message.ts";

const times = fc.array(fc.double({ min: 0, max: 4_000_000, noNaN: true }), { maxLength: 300 });

it("a second on disk is the second that was written, whatever it holds", () => {
  fc.assert(
    fc.property(times, times, fc.nat(1_000), (ended, open, many) => {
      const durations = new Durations();
      for (const ms of ended) durations.record(ms);
      for (const ms of open) durations.recordUnfinished(ms);
      for (let n = 0; n < many; n++) durations.record(12.34);
      durations.recordNever(700);
      const second: Second = {
        second: 7,
        steps: {
          a: {
            values: {
              measured: { round_trip: durations.value(), ticks: { kind: "counter", n: 3 } },
              always: { open: { kind: "gauge", last: 1, min: 1, max: 2, sum: 3, looks: 2 } },
            },
            places: ["0"],
            ms: 1_000,
            invalid: say("late"),
          },
        },
      };
      expect(unpacked(JSON.parse(JSON.stringify(packed(second))))).toEqual(second);
    }),
  );
});

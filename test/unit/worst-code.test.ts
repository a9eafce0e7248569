import fc from "fast-check";
import { expect, it } from "vitest";
import { WORST_FIRST, worstOf } from "../../src/cli/worst-code.ts";
import { EXIT } from "../../src/protocol/exit-codes.ts";

it("several scenarios exit with the worst of their codes, whatever the order", () => {
  expect([...WORST_FIRST].sort()).toEqual(Object.values(EXIT).sort());
  expect(worstOf([0, 99, 0])).toBe(99);
  expect(worstOf([99, 4, 1, 3])).toBe(3);
  const codes = fc.array(fc.constantFrom(...WORST_FIRST), { minLength: 1 });
  fc.assert(
    fc.property(codes, (all) => {
      const worst = worstOf(all);
      expect(worstOf([...all].reverse())).toBe(worst);
      // Only where all have passed is it a pass.
      expect(worst === 0).toBe(all.every((code) => code === 0));
    }),
  );
});

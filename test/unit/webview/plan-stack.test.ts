import { expect, it } from "vitest";
import { loadAt, stackOf } from "../../../src/webview/plan/stack.ts";

const ramped = {
  from: 0.2,
  until: 1,
  points: [
    { at: 0.2, load: 0 },
    { at: 0.4, load: 100 },
    { at: 1, load: 100 },
  ],
};
const beside = {
  from: 0.4,
  until: 0.6,
  points: [
    { at: 0.4, load: 50 },
    { at: 0.6, load: 50 },
  ],
};

it("puts loads on each other, with a jump where one begins or ends at once", () => {
  const { at, layers, most } = stackOf([ramped, beside]);
  expect(at).toEqual([0.2, 0.2, 0.4, 0.4, 0.6, 0.6, 1, 1]);
  expect(layers.map(({ upper }) => upper)).toEqual([
    [0, 0, 100, 100, 100, 100, 100, 0],
    [0, 0, 100, 150, 150, 100, 100, 0],
  ]);
  expect(layers[1]?.lower).toBe(layers[0]?.upper);
  expect(most).toBe(150);
});

it("knows the load between two points, and none before the begin and after the end", () => {
  expect([0.1, 0.3, 0.5, 1].map((at) => loadAt(ramped, at))).toEqual([0, expect.closeTo(50), 100, 0]);
  expect(loadAt(beside, 0.6, true)).toBe(50);
  expect(stackOf([])).toEqual({ at: [], layers: [], most: 0 });
});

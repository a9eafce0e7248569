import { expect, it } from "vitest";
import { Line } from "../../../../src/insight/causes/line.ts";

it("a line forgets its first quarter where it is full, and keeps what comes after in its order", () => {
  const line = new Line(8);
  for (let second = 0; second < 11; second++) line.push(second, second * 10);
  expect(line.points().map(({ second }) => second)).toEqual([4, 5, 6, 7, 8, 9, 10]);
  expect(line.points().at(-1)).toEqual({ second: 10, value: 100 });
});

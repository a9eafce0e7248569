import { expect, it } from "vitest";
import { quantityOf } from "../../../src/insight/kubernetes/quantity.ts";

it.each([
  ["250m", 0.25],
  ["1", 1],
  [2, 2],
  ["0.5", 0.5],
  ["12345678n", 0.012345678],
  ["7u", 7e-6],
  ["320Mi", 320 * 2 ** 20],
  ["2Gi", 2 ** 31],
  ["2G", 2e9],
  ["1e3", 1_000],
  ["129e6", 129e6],
  ["5k", 5_000],
  ["1E", 1e18],
  ["", undefined],
  ["1 Gi", undefined],
  ["Gi", undefined],
  ["1KB", undefined],
  [null, undefined],
])("reads the quantity %j as %j", (text, number) => {
  if (number === undefined) expect(quantityOf(text)).toBeUndefined();
  else expect(quantityOf(text)).toBeCloseTo(number, 9);
});

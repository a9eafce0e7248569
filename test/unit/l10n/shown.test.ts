import { describe, expect, it } from "vitest";
import {
  formatBytes,
  formatShare,
  formatShown,
  formatValue,
  lineText,
  lineTone,
} from "../../../src/l10n/shown.ts";
import type { Line } from "../../../src/protocol/description.ts";

describe("a figure that is shown", () => {
  it("is written by its unit", () => {
    const written = (value: number, unit: Parameters<typeof formatValue>[1]) => formatValue(value, unit);
    expect(written(1_500, "duration")).toBe("1.5s");
    expect(written(0.0015, "share")).toBe("0.15 %");
    expect([12_480, 0.21, 3.44, 31.6].map((value) => written(value, "count"))).toEqual([
      "12,480",
      "0.21",
      "3.4",
      "32",
    ]);
    expect(written(495, "per_second")).toBe("495/s");
    expect(written(1_240_000, "bytes")).toBe("1.24 MB");
    expect(written(1_980_000, "bytes_per_second")).toBe("1.98 MB/s");
    expect(written(0.4, "cores")).toBe("0.40");
  });

  it("is a dash where nothing was measured, and at least so much where no more is known", () => {
    expect(formatShown(undefined)).toBe("–");
    const atLeast = { unfinished: 3, of: 10 };
    expect(formatShown({ value: 59_000, unit: "duration", atLeast })).toBe("> 59s");
  });

  it("is never rounded to all or nothing", () => {
    expect([0, 0.000_01, 0.0042, 0.5, 0.9999, 1].map(formatShare)).toEqual([
      "0 %",
      "0.01 %",
      "0.42 %",
      "50 %",
      "99.9 %",
      "100 %",
    ]);
    expect([0, 850, 999.7, 40_000, 999_700, 1_234_567].map(formatBytes)).toEqual([
      "0 B",
      "850 B",
      "1.00 KB",
      "40.0 KB",
      "1.00 MB",
      "1.23 MB",
    ]);
  });
});

describe("a line with figures in it", () => {
  const args = [
    { metric: "a", figure: "count" },
    { metric: "b", figure: "count", over: "second" as const },
  ];
  const count = (value: number) => ({ value, unit: "count" as const });
  const line: Line = { text: "{0} of {1}", args };
  const some: Line = { ...line, some: true, tone: "bad" };

  it("is shown where all of them are known", () => {
    expect(lineText(line, { "a.count": count(0), "b.count@second": count(2) })).toBe("0 of 2");
    expect(lineText(line, { "a.count": count(1) })).toBeUndefined();
  });

  it("of what should not be is shown where one of them is not 0", () => {
    expect(lineText(some, { "a.count": count(1) })).toBe("1 of –");
    expect(lineText(some, { "a.count": count(0), "b.count@second": count(0) })).toBeUndefined();
    expect(lineText(some, {})).toBeUndefined();
  });

  it("has its tone where one of them is not 0", () => {
    expect(lineTone(some, { "a.count": count(1) })).toBe("bad");
    expect(lineTone(some, { "a.count": count(0) })).toBeUndefined();
  });
});

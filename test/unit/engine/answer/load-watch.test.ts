import { describe, expect, it } from "vitest";
import { loadOf, RAMP, times } from "./story.ts";

describe("whether achieved follows offered", () => {
  it("is told of a ramp by the level up to which it did", () => {
    const { parting, lateSeconds } = loadOf(RAMP);
    expect(parting).toMatchObject({ since: 10, until: null, level: 25, offered: 250, busy: 0.03 });
    expect(parting?.share).toBeCloseTo(0.65, 1);
    expect(lateSeconds).toBe(0);
  });

  it("is told of a load that is there from the begin", () => {
    expect(loadOf(times(20, () => ({ achieved: 250 }))).parting).toMatchObject({ level: 40, offered: 400 });
  });

  it("ends where it follows again", () => {
    const { parting } = loadOf(times(40, (at) => (at >= 10 && at < 20 ? { achieved: 200 } : {})));
    expect(parting).toMatchObject({ since: 10, until: 20, share: 0.5 });
  });

  it.each([
    ["a load that is carried", times(30)],
    [
      "one slow second",
      times(30, (at) => (at === 12 ? { achieved: 100 } : at === 13 ? { achieved: 700 } : {})),
    ],
    ["four seconds", times(30, (at) => (at >= 12 && at < 15 ? { achieved: 100 } : {}))],
    [
      "echoes of few messages that come in the next second",
      times(60, (at) => ({ offered: 1, achieved: (at % 2) * 2 })),
    ],
    ["2 % that are lost", times(60, () => ({ offered: 1_000, achieved: 980 }))],
    // What is on its way grows with the load, and is no lag.
    [
      "a ramp over a long way",
      times(30, (at) => {
        const ms = (until: number) => 5 * until * until;
        return {
          offered: ms(at + 1) - ms(at),
          achieved: Math.max(0, ms(at + 0.7) - ms(Math.max(0, at - 0.3))),
        };
      }),
    ],
    ["nothing that was offered", times(30, () => ({ offered: 0, achieved: 0 }))],
    ["what was paused", times(30, () => ({ achieved: 0, paused: true }))],
  ])("has followed where there was %s", (_name, seconds) => {
    expect(loadOf(seconds).parting).toBeUndefined();
  });

  it("is not judged by seconds in which this tool was late", () => {
    const standing = loadOf(times(30, (at) => (at >= 12 && at < 20 ? { achieved: 100, late: true } : {})));
    expect(standing).toMatchObject({
      parting: undefined,
      lateSeconds: 8,
      late: [{ from: 12, until: 20 }],
      lagging: { onTime: 0, late: 8 },
    });
  });

  it("is another thing than a connection that is not open", () => {
    // A third of the connections fails to open; what has one is carried.
    const failed = loadOf(times(30, (at) => (at < 6 ? {} : { missing: 150 })));
    expect(failed.parting).toBeUndefined();
    expect(failed.missing).toMatchObject({ since: 6 });
    expect(failed.missing?.share).toBeCloseTo(0.3, 2);
    // Both: of what has a connection, less comes back.
    const both = loadOf(times(30, () => ({ missing: 100, achieved: 200 })));
    expect(both.parting).toMatchObject({ offered: 300 });
    expect(both.parting?.share).toBeCloseTo(0.67, 1);
    expect(loadOf(times(100, (at) => (at === 50 ? { missing: 200 } : {}))).missing).toBeUndefined();
  });

  it("keeps a bounded number of stretches", () => {
    expect(loadOf(times(1_000, (at) => ({ late: at % 2 === 0 }))).late.length).toBe(20);
  });
});

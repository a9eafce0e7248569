import { describe, expect, it } from "vitest";
import { Machine, type MachineSources, whyLate } from "../../../src/engine/measuring/machine.ts";
import { inEnglish } from "../../../test/support/in-english.ts";

/** A machine of four cores, whose clocks are moved by hand. */
function machine() {
  const at = { mono: 0, wall: 1_000_000, up: 50_000, all: 0, idle: 0, steal: 0, own: 0 };
  const sources: MachineSources = {
    monotonicMs: () => at.mono,
    wallMs: () => at.wall,
    upMs: () => at.up,
    cores: () => ({ all: at.all, idle: at.idle, steal: at.steal }),
    ownMs: () => at.own,
  };
  const made = new Machine(sources);
  const pass = (ms: number, { idle = 0.9, steal = 0, own = 0.01 } = {}) => {
    at.mono += ms;
    at.wall += ms;
    at.up += ms;
    at.all += ms;
    at.idle += ms * idle;
    at.steal += ms * steal;
    at.own += ms * own;
  };
  return { at, pass, look: () => made.look() };
}

describe("what happened to this machine", () => {
  it("is nothing in a second like others", () => {
    const { pass, look } = machine();
    pass(1_000);
    expect(look()).toMatchObject({ elapsedMs: 1_000, sleptMs: 0, steppedMs: 0 });
  });

  it("is a sleep where the time since its begin went on and the steady clock did not", () => {
    const { at, pass, look } = machine();
    pass(1_000);
    at.up += 7_200_000;
    at.wall += 7_200_000;
    const seen = look();
    expect(seen).toMatchObject({ sleptMs: 7_200_000, steppedMs: 0 });
    expect(inEnglish(whyLate(seen))).toBe("this machine slept for 2h0m0s");
  });

  it("is a sleep, too, where the steady clock counts it", () => {
    const { pass, look } = machine();
    pass(12_000, { idle: 0.99, own: 0.0001 });
    const seen = look();
    expect(seen).toMatchObject({ sleptMs: 0, steppedMs: 0, elapsedMs: 12_000 });
    expect(inEnglish(whyLate(seen))).toBe("this process was stopped for 12s");
  });

  it.each([3_600_000, -3_600_000, 1_500])(
    "is a step of the wall clock by %d ms, which makes nobody late",
    (ms) => {
      const { at, pass, look } = machine();
      pass(1_000);
      at.wall += ms;
      const seen = look();
      expect(seen).toMatchObject({ sleptMs: 0, steppedMs: ms, elapsedMs: 1_000 });
      expect(whyLate(seen)).toBeUndefined();
    },
  );

  it("says who had the CPU", () => {
    const { pass, look } = machine();
    pass(1_000, { idle: 0.02, steal: 0.4 });
    expect(inEnglish(whyLate(look()))).toBe("the host of this machine took 40 % of its CPU");
    pass(1_000, { idle: 0.02 });
    expect(inEnglish(whyLate(look()))).toMatch(/CPU was 98 % busy, \d+ % with other programs/);
  });
});

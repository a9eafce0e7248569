import { describe, expect, it } from "vitest";
import { look } from "../../../../src/measure/values.ts";
import { BASELINE_S, drillOf, type Measured, type Story, took } from "../causes/story.ts";

/** Looked at every fourth second. */
const seen = (value: (at: number) => number) => (at: number) => (at % 4 === 0 ? look(value(at)) : undefined);
const daemons = (busy: (at: number) => number, idle: (at: number) => number): Measured => ({
  'server_daemons{state="busy"}': seen(busy),
  'server_daemons{state="idle"}': seen(idle),
});
const IDLE = daemons(
  () => 0,
  () => 4,
);
/** Three of four daemons go before the 20th second, and are back before the 60th; builds take four seconds. */
const gone = (at: number) => at >= 20 && at < 60;
const LOST: Measured = {
  ...daemons(
    (at) => (gone(at) ? 1 : 4),
    () => 0,
  ),
  queue: (at) => took(at > 24 ? 24_000 : 6_000, 1)(),
  provision: took(4_000, 1),
};
const lost = (more: Partial<Story> = {}): Story => ({ before: IDLE, load: LOST, loadS: 80, ...more });
const provisionersOf = (story: Story) => drillOf(story, "provisioner_loss");

describe("provisioner daemons that were lost", () => {
  it("leave builds to the others, which takes D/(D − L) times as long", () => {
    const drill = provisionersOf(lost());
    expect(drill?.at).toBe(BASELINE_S + 20);
    expect(drill?.lines["builds at once"]).toEqual({
      promised: ["at most 1, as 1 of 4 daemons are left", 1],
      seen: ["at most 1", 1],
    });
    expect(drill?.lines["wait for a daemon"]).toEqual({
      promised: ["about 4 times as long", 4],
      seen: ["24s on average, 6s before", 4],
    });
    expect(drill?.lines["daemons back"]).toEqual({
      promised: ["4 daemons", 4],
      seen: ["seen at 01:06, after 40 s", 4],
    });
  });

  it("lose what they build: at once, or minutes later when the server gives it up", () => {
    const failures = [
      {
        id: "build_failed",
        text: "build failed: daemon",
        count: 2,
        seconds: [BASELINE_S + 21, BASELINE_S + 21],
      },
      { id: "build_failed", text: "build failed: quota", count: 1, seconds: [BASELINE_S + 2] },
      {
        ...{ id: "build_failed", count: 1, seconds: [BASELINE_S + 75] },
        text: "build failed: Coder: Build has been detected as hung for … minutes and will be terminated",
      },
    ];
    expect(provisionersOf(lost({ failures }))?.lines["builds lost"]).toEqual({
      promised: ["at most 3: a daemon builds one at a time", 3],
      seen: ["3 builds; of these, 1 hung until the server gave them up", 3],
    });
  });

  it("are promised no longer wait where nothing waited before", () => {
    const quick = { ...LOST, queue: took(100, 1) };
    expect(provisionersOf(lost({ load: quick }))?.lines["wait for a daemon"]).toEqual({
      promised: ["longer only where builds wait; before, they did not", null],
      seen: ["100ms on average, 100ms before", null],
    });
  });

  it("are lost when the program of the run began: coderd counts them for a minute and a half more", () => {
    const programs = [
      { name: "early", from: 1, until: 2 },
      { name: "drill", from: BASELINE_S + 5, until: BASELINE_S + 6 },
    ];
    expect(provisionersOf(lost({ programs }))?.at).toBe(BASELINE_S + 5);
  });

  it("are lost each time that there are fewer, and not at all where as many are there", () => {
    const twice = daemons(
      (at) => (gone(at) || at >= 72 ? 2 : 4),
      () => 0,
    );
    const all = drillOf({ before: IDLE, load: twice, loadS: 80 }, "provisioner_loss", 1);
    expect(all?.at).toBe(BASELINE_S + 72);
    expect(all?.lines["daemons back"]?.seen).toEqual(["not while it was looked at", null]);
    // Busy or idle, they are there.
    const steady = daemons(
      (at) => (at % 8 === 0 ? 1 : 3),
      (at) => (at % 8 === 0 ? 3 : 1),
    );
    expect(provisionersOf({ before: IDLE, load: steady, loadS: 40 })).toBeUndefined();
  });
});

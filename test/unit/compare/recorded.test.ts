import path from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import type { RunData } from "../../../src/compare/data.ts";
import { compareData } from "../../../src/compare/judge.ts";
import { readData, readEarlier } from "../../../src/compare/read.ts";
import { testDifferences } from "../../../src/compare/same-test.ts";
import { workloadByName, workloadNamed } from "../../../src/workloads/index.ts";

/** Runs of the real product on the sandbox: see the README there. */
const RECORDED = fileURLToPath(new URL("../../data/baseline", import.meta.url));
const STEPS = [{ name: "workspace-traffic", metrics: workloadNamed("workspace-traffic").metrics }];

const folderOf = (name: string) => path.join(RECORDED, name);
const recorded = async (name: string) => readData(await readEarlier(folderOf(name)), STEPS);

function compared(now: RunData, baseline: RunData) {
  return compareData(now, { baseline, others: [] }, STEPS);
}

function roundTrip(now: RunData, baseline: RunData) {
  return compared(now, baseline).figures.find(
    ({ metric, figure }) => metric === "round_trip" && figure === "p50",
  );
}

describe("recorded runs", () => {
  it("that were equal raise no alarm, whichever was first", async () => {
    const [one, other] = [await recorded("equal-1"), await recorded("equal-2")];
    expect([compared(one, other).state, compared(other, one).state]).toEqual(["same", "same"]);
    expect(roundTrip(one, other)?.state).toBe("same");
    expect(roundTrip(one, other)?.samples).toBe(2_400);
  });

  it("of which one was 20 % slower raise one, and none the other way", async () => {
    const [before, slower] = [await recorded("equal-1"), await recorded("slower")];
    expect(roundTrip(slower, before)).toMatchObject({ state: "worse", unit: "duration" });
    expect(roundTrip(slower, before)?.sure).toBeGreaterThan(0.05);
    expect(roundTrip(before, slower)?.state).toBe("better");
  });

  it("are the same test, and say as much as a result alone", async () => {
    const folder = await readEarlier(folderOf("equal-1"));
    const file = await readEarlier(path.join(folderOf("equal-2"), "result.json"));
    expect(testDifferences(folder.test, file.test, workloadByName)).toEqual([]);
    const alone = await readData({ ...file, folder: undefined }, STEPS);
    expect(compared(await recorded("slower"), alone).state).toBe("worse");
    expect(compared(await recorded("equal-1"), alone).state).toBe("same");
  });

  it.each([
    [folderOf("none"), /none has no result of a run$/],
    [
      path.join(RECORDED, "README.md"),
      /README\.md is no result of a run: that is what --output json writes$/,
    ],
  ])("what is none is refused with one sentence: %s", async (file, sentence) => {
    await expect(readEarlier(file)).rejects.toThrow(sentence);
  });
});

import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findNamed } from "../../../src/app/runs/find.ts";
import { bareResult } from "../../../src/protocol/bare-result.ts";
import type { Outcome } from "../../../src/protocol/snapshot.ts";
import { oneStep } from "../../../src/protocol/step-request.ts";
import { writeResult } from "../../../src/runs/final.ts";
import { Journal } from "../../../src/runs/journal.ts";
import { readTop } from "../../../src/runs/json-top.ts";
import { createRunFolder, RESULT_FILE, SUMMARY_FILE } from "../../../src/runs/run-file.ts";
import { listRuns } from "../../../src/runs/run-list.ts";
import { readSummary } from "../../../src/runs/summary.ts";
import { say } from "../../../src/text/message.ts";
import { inEnglish } from "../../../test/support/in-english.ts";

let runs: string;
beforeEach(async () => {
  runs = await mkdtemp(path.join(tmpdir(), "summaries-"));
});
afterEach(() => rm(runs, { recursive: true, force: true }));

const outcome: Outcome = {
  verdict: "passed",
  summary: say("1 succeeded"),
  succeeded: 1,
  failed: 0,
  orphans: 0,
  kept: 1,
  exitCode: 0,
};
const USER = { kind: "user", name: "scaletest-x-0", id: "u" } as const;

async function ended(): Promise<{ folder: string; id: string }> {
  const workload = "create-workspaces";
  const steps = oneStep(workload, { template: "docker", count: 1 });
  const run = { title: "t", workload, steps, url: "https://c", product: "1.2.3" };
  const { folder, file } = await createRunFolder(runs, run);
  const journal = await Journal.open(folder);
  await journal.write({ ...USER, op: "exists" });
  await journal.close();
  await writeResult(
    folder,
    {
      ...bareResult(file.id, outcome),
      total_runs: 1,
      total_pass: 1,
      elapsed: "3s",
      warnings: ["x".repeat(300_000)],
    },
    outcome,
  );
  return { folder, id: file.id };
}

describe("a run that has ended", () => {
  it("has a summary of what its line in a list shows", async () => {
    const { folder, id } = await ended();
    expect(await readSummary(folder)).toMatchObject({
      version: 2,
      id,
      state: "ended",
      workload: "create-workspaces",
      template: "docker",
      product: "1.2.3",
      elapsed: "3s",
      counts: { total: 1, succeeded: 1, failed: 0 },
      outcome,
      left: { users: 1, workspaces: 0, tokens: 0 },
    });
  });

  it("is listed without a look at its result", async () => {
    const { folder } = await ended();
    await writeFile(path.join(folder, RESULT_FILE), "nobody reads this");
    expect((await listRuns(runs))[0]?.result).toMatchObject({ total_runs: 1, elapsed: "3s", outcome });
  });

  it("has left what its journal says, where another run has added to it since", async () => {
    const { folder, id } = await ended();
    expect((await findNamed(runs, id))?.left.users).toBe(1);
    const journal = await Journal.resume(folder);
    await journal.write({ ...USER, op: "gone" });
    await journal.close();
    expect((await findNamed(runs, id))?.left.users).toBe(0);
  });

  it("without a summary is listed by the beginning of its result alone", async () => {
    const { folder } = await ended();
    await rm(path.join(folder, SUMMARY_FILE));
    const text = await readFile(path.join(folder, RESULT_FILE), "utf8");
    // As if the rest, which may be megabytes, were not there.
    await writeFile(path.join(folder, RESULT_FILE), text.slice(0, text.indexOf('"warnings"')));
    expect(inEnglish((await listRuns(runs))[0]?.result)).toMatchObject({
      total_runs: 1,
      elapsed: "3s",
      outcome: inEnglish(outcome),
    });
  });

  it("without a summary is listed anew where its result has changed", async () => {
    const { folder } = await ended();
    await rm(path.join(folder, SUMMARY_FILE));
    const result = (summary: string) => JSON.stringify({ run_id: "a", outcome: { ...outcome, summary } });
    for (const summary of ["one", "another"]) {
      await writeFile(path.join(folder, RESULT_FILE), result(summary));
      expect(inEnglish((await listRuns(runs))[0]?.result?.outcome.summary)).toBe(summary);
    }
  });
});

describe("the values at the top of a file", () => {
  async function top(text: string, keys = ["a", "b"]): Promise<unknown> {
    const file = path.join(runs, "file.json");
    await writeFile(file, text);
    return readTop(file, keys);
  }

  it("are those of the outermost object, in any order and layout", async () => {
    expect(await top('{"x":{"a":1},"b":[1,{"a":2}],"a":"3"}')).toEqual({ a: "3", b: [1, { a: 2 }] });
    expect(await top(JSON.stringify({ b: { c: 'say "}," \\' }, a: null }, null, 2))).toEqual({
      a: null,
      b: { c: 'say "}," \\' },
    });
    expect(await top("{}")).toEqual({});
  });

  it("are found behind what is larger than a piece of the file, and across its border", async () => {
    const x = "ü".repeat(100_000);
    expect(await top(JSON.stringify({ x, a: `${x}"`, y: [x], b: 4 }))).toEqual({ a: `${x}"`, b: 4 });
  });

  it("are not known where the file has none, or is torn before they end", async () => {
    expect(await top('{"a":{"b":', ["a"])).toEqual({});
    expect(await top('{"a":nonsense,"b":1}')).toBeUndefined();
    expect(await readTop(path.join(runs, "none.json"), ["a"])).toBeUndefined();
  });
});

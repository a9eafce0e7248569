import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { findNamed } from "../../../src/app/runs/find.ts";
import { dismiss } from "../../../src/app/runs/put-away.ts";
import { readReport } from "../../../src/app/runs/result.ts";
import type { Verdict } from "../../../src/protocol/snapshot.ts";
import { writeFinal, writeLast } from "../../../src/runs/final.ts";
import { createRunFolder } from "../../../src/runs/run-file.ts";
import { foreign } from "../../../src/text/message.ts";
import { stepsSnapshot } from "../../webview/steps-fixtures.ts";

let runs: string;
beforeEach(async () => {
  runs = await mkdtemp(path.join(tmpdir(), "runs-"));
});
afterEach(() => rm(runs, { recursive: true, force: true }));

let minute = 0;

/** One minute after the one before; without a verdict, it has not come to its end. */
async function made(verdict: Verdict | undefined, workload = "create-workspaces") {
  const run = { title: "t", workload, url: "https://c", product: "0" };
  const { folder, file } = await createRunFolder(runs, run, new Date(1_700_000_000_000 + minute++ * 60_000));
  const outcome = {
    verdict,
    summary: foreign(""),
    succeeded: 0,
    failed: 0,
    orphans: 0,
    kept: 0,
    exitCode: 0,
  };
  if (verdict)
    await writeFile(path.join(folder, "result.json"), JSON.stringify({ run_id: file.id, outcome }));
  return { id: file.id, folder };
}

const found = async (name: string) => (await findNamed(runs, name))?.entry.file.id;

it("the last run is the newest that is over, and no clean-up", async () => {
  expect(await found("last")).toBeUndefined();
  const passed = await made("passed");
  const failed = await made("failed");
  await made("passed", "cleanup");
  expect(await found("last")).toBe(failed.id);
  expect(await found("last-passed")).toBe(passed.id);
  const interrupted = await made(undefined);
  expect([await found("last"), await found("last-passed")]).toEqual([interrupted.id, passed.id]);
  expect(await found(failed.id)).toBe(failed.id);
});

it("a run that was put away is found by its id alone", async () => {
  const { id, folder } = await made("passed");
  await dismiss({ folder }, false);
  expect([await found("last"), await found("last-passed"), await found(id)]).toEqual([
    undefined,
    undefined,
    id,
  ]);
});

it("of a run of several steps that was killed, each step's figures are reported", async () => {
  const { folder } = await made(undefined);
  expect(await readReport(folder)).toBeUndefined();
  const snapshot = stepsSnapshot();
  await writeLast(folder, { snapshot, rows: [] });
  const { result, json } = (await readReport(folder)) ?? {};
  expect(JSON.parse(json ?? "")).toEqual(result);
  expect(result?.outcome).toMatchObject({ verdict: "failed", orphans: null });
  expect(Object.keys(result?.steps ?? {})).toEqual(snapshot.steps.map(({ name }) => name));
  const [first] = snapshot.steps;
  expect(result?.steps?.[first?.name ?? ""]).toMatchObject({
    workload: first?.workload,
    total_runs: first?.counts.total,
    begun_ms: first?.begunAt,
  });
});

it("a result that is there is reported as it is", async () => {
  const { folder } = await made(undefined);
  const snapshot = stepsSnapshot();
  await writeLast(folder, { snapshot, rows: [] });
  const lost = await readReport(folder);
  await writeFile(path.join(folder, "result.json"), lost?.json ?? "");
  await writeFinal(folder, { snapshot, rows: [], samples: [] });
  expect(await readReport(folder)).toMatchObject({
    json: lost?.json,
    record: { snapshot: { state: snapshot.state } },
  });
});

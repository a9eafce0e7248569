import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findNamed } from "../../../src/app/runs/find.ts";
import { hasLeft, knownRuns } from "../../../src/app/runs/list.ts";
import { deleteRecord, dismiss, StillNames } from "../../../src/app/runs/put-away.ts";
import { isOf, resumeOf } from "../../../src/app/runs/resume.ts";
import { isUnderWay, stateOf } from "../../../src/app/runs/state.ts";
import { oneStep } from "../../../src/protocol/step-request.ts";
import { Journal } from "../../../src/runs/journal.ts";
import { createRunFolder, writeRunFile } from "../../../src/runs/run-file.ts";
import type { RunEntry } from "../../../src/runs/run-list.ts";
import { foreign } from "../../../src/text/message.ts";

let runs: string;
beforeEach(async () => {
  runs = await mkdtemp(path.join(tmpdir(), "runs-"));
});
afterEach(() => rm(runs, { recursive: true, force: true }));

const outcome = {
  verdict: "passed",
  summary: foreign("done"),
  succeeded: 1,
  failed: 0,
  orphans: 0,
  kept: 0,
  exitCode: 0,
};

/** A run's folder, with a result where it has ended, and with a user in its journal where it has left one. */
async function made(ended: boolean, left: boolean): Promise<RunEntry> {
  const run = {
    title: "t",
    workload: "create-workspaces",
    config: { count: 1 },
    url: "https://c",
    product: "0",
  };
  const { folder, file } = await createRunFolder(runs, run);
  if (ended) await writeFile(path.join(folder, "result.json"), JSON.stringify({ run_id: file.id, outcome }));
  if (left) {
    const journal = await Journal.open(folder);
    await journal.write({ kind: "user", op: "exists", name: "scaletest-x-0", id: "u" });
    await journal.close();
  }
  return { folder, file };
}

describe("the state of a run", () => {
  const entry = (createdAt: number, socket?: string): RunEntry => ({
    folder: "/x",
    file: { createdAt, runner: { token: "t", ...(socket ? { socket } : {}) } } as RunEntry["file"],
  });
  const nobody = async () => false;

  it("is that it starts while its runner may be on its way, then that it was interrupted", async () => {
    expect(await stateOf(entry(0), 29_000, nobody)).toBe("starting");
    expect(await stateOf(entry(0), 31_000, nobody)).toBe("interrupted");
    expect([isUnderWay("starting"), isUnderWay("interrupted")]).toEqual([true, false]);
  });

  it("is what its runner says from the moment at which it has listened", async () => {
    expect(await stateOf(entry(0, "/s"), 1_000, async () => true)).toBe("running");
    expect(await stateOf(entry(0, "/s"), 1_000, nobody)).toBe("interrupted");
  });

  it("is that it has ended where there is a result, whoever still listens", async () => {
    const ended = { ...entry(0, "/s"), result: { run_id: "a", outcome } } as RunEntry;
    expect(await stateOf(ended, 1_000, async () => true)).toBe("ended");
  });
});

describe("runs of a folder", () => {
  it("are listed with their state and what they have left", async () => {
    const [ended, lost] = [await made(true, false), await made(false, true)];
    await writeRunFile(lost.folder, { ...lost.file, createdAt: 0 });
    const known = await knownRuns(runs);
    expect(known.map(({ entry, state, left }) => [entry.file.id, state, left.users])).toEqual([
      [ended.file.id, "ended", 0],
      [lost.file.id, "interrupted", 1],
    ]);
    expect(known.map(hasLeft)).toEqual([false, true]);
    expect((await findNamed(runs, lost.file.id))?.state).toBe("interrupted");
    expect(await findNamed(runs, "nonesuch")).toBeUndefined();
  });

  it("are put away only where they have left nothing, unless that is forced", async () => {
    const [free, held] = [await made(true, false), await made(true, true)];
    await dismiss(free, false);
    await expect(dismiss(held, false)).rejects.toThrow(StillNames);
    expect((await knownRuns(runs)).map(({ entry, dismissed }) => [entry.file.id, dismissed]).sort()).toEqual(
      [
        [free.file.id, true],
        [held.file.id, false],
      ].sort(),
    );
    await dismiss(held, true);
    expect((await findNamed(runs, held.file.id))?.dismissed).toBe(true);
  });

  it("are deleted only where they have left nothing, whatever a list has said before", async () => {
    const run = await made(true, false);
    const journal = await Journal.open(run.folder);
    expect((await findNamed(runs, run.file.id))?.left.users).toBe(0);
    await journal.write({ kind: "user", op: "exists", name: "scaletest-x-0", id: "u" });
    await expect(deleteRecord(run)).rejects.toMatchObject({ left: { users: 1, workspaces: 0, tokens: 0 } });
    await journal.write({ kind: "user", op: "gone", name: "scaletest-x-0", id: "u" });
    await journal.close();
    await deleteRecord(run);
    expect(existsSync(run.folder)).toBe(false);
  });

  it("go on as traffic over what they have left, as it was asked for where it was traffic", async () => {
    const { file } = await made(false, true);
    const target = { url: "https://c/", token: "t", network: {} };
    const guard = { tag: "staging", limits: {} } as const;
    expect(resumeOf(file, target, guard)).toMatchObject({
      steps: [{ workload: "workspace-traffic", config: { run: file.id } }],
      guard,
    });
    const steps = oneStep("workspace-traffic", { run: "abcdefgh", ssh: true });
    const traffic = { ...file, workload: "workspace-traffic", steps };
    expect(resumeOf(traffic, target, guard).steps).toEqual(steps);
    expect([isOf(file, "https://c/login"), isOf(file, "http://c")]).toEqual([true, false]);
  });
});

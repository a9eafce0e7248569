import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { findNamed } from "../../../src/app/runs/find.ts";
import { hasLeft, knownRuns } from "../../../src/app/runs/list.ts";
import { deleteRecord, dismiss } from "../../../src/app/runs/put-away.ts";
import { runsList, runsResume } from "../../../src/cli/runs-command.ts";
import { Journal } from "../../../src/runs/journal.ts";
import { makeFolder } from "../../../src/runs/make-folder.ts";
import { NewerRun } from "../../../src/runs/newer.ts";
import { JOURNAL_FILE, readRunFile } from "../../../src/runs/run-file.ts";
import { groupsOf } from "../../../src/vscode/features/runs/tree/groups.ts";
import { RunList } from "../../../src/vscode/model/runs/run-list.ts";
import { runSource } from "../../../src/vscode/model/runs/source.ts";

const ID = "abcdefgh";
const CREATED = 1_700_000_000_000;
const USER = { kind: "user", name: "scaletest-abcdefgh-0", id: "u" } as const;
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

let home: string;
let folder: string;
const runs = () => path.join(home, "runs");
const list = () => new RunList(runSource({ home, runs: runs(), runnerPath: "", product: "0" }), silent);

async function printed(work: () => Promise<void>): Promise<string> {
  const write = vi.spyOn(process.stdout, "write").mockReturnValue(true);
  try {
    await work();
    return write.mock.calls.map(([text]) => String(text)).join("");
  } finally {
    write.mockRestore();
  }
}

/** A folder of the future: what it has besides the frozen head is not what this version knows. */
beforeEach(async () => {
  home = await mkdtemp(path.join(tmpdir(), "newer-"));
  folder = path.join(runs(), `2023-11-14T22-13-20-${ID}`);
  makeFolder(folder);
  const journal = await Journal.open(folder);
  await journal.write({ ...USER, op: "exists" });
  await journal.close();
  await writeFile(
    path.join(folder, "run.json"),
    JSON.stringify({
      version: 3,
      id: ID,
      title: "a run of tomorrow",
      steps: [{ workload: "swarm" }],
      deployment: { url: "https://c", host: "c", version: "", user: "", sandbox: false },
      createdAt: CREATED,
      product: "9.0.0",
      runner: { token: "t" },
    }),
  );
});
afterEach(() => rm(home, { recursive: true, force: true }));

describe("a run that a newer version made", () => {
  it("is listed as that on the command line", async () => {
    expect(await knownRuns(runs())).toMatchObject([{ entry: { file: { id: ID } }, state: "newer" }]);
    const text = await printed(() => runsList(runs(), false, false));
    expect(text).toContain("made by a newer version (9.0.0) of this product; use that one for it");
    expect(text).not.toContain("clean up with");
    const json = JSON.parse(await printed(() => runsList(runs(), true, false)));
    expect(json).toMatchObject([{ id: ID, state: "newer", left: null, verdict: null }]);
  });

  it("is listed as that in the editor, and is nothing that was interrupted", async () => {
    const known = list();
    const interrupted: unknown[] = [];
    known.interrupted.on((run) => interrupted.push(run));
    await known.find();
    expect([known.list(), interrupted]).toEqual([[], []]);
    const [node] = groupsOf(await known.past(), "").flatMap(({ runs }) => runs);
    expect(node).toMatchObject({ label: "a run of tomorrow", context: "newer" });
    expect(node?.tooltip).toContain("was made by a newer version of this extension (9.0.0)");
    await expect(known.open(ID)).rejects.toThrow("newer version");
  });

  it("is neither deleted, dismissed, resumed nor cleaned up after", async () => {
    const before = await readdir(folder);
    await expect(deleteRecord({ folder })).rejects.toThrow(NewerRun);
    await expect(dismiss({ folder }, false)).rejects.toThrow(NewerRun);
    await expect(Journal.resume(folder)).rejects.toThrow(NewerRun);
    await expect(readRunFile(folder)).rejects.toThrow(NewerRun);
    const target = { url: "https://c", token: "t", network: {} };
    const guard = { tag: "staging", limits: {} } as const;
    await expect(runsResume({ runs: runs(), id: ID, target, guard })).rejects.toThrow("newer version");
    const found = await findNamed(runs(), ID);
    expect(found && hasLeft(found)).toBe(false);
    expect(existsSync(folder)).toBe(true);
    expect(await readdir(folder)).toEqual(before);
  });

  it("keeps its journal as it is where another run removes what it names", async () => {
    const journal = path.join(folder, JOURNAL_FILE);
    const before = await readFile(journal, "utf8");
    const other = path.join(runs(), "other");
    makeFolder(other);
    const mine = await Journal.open(other);
    await mine.write({ ...USER, op: "gone" });
    await mine.close();
    expect(await readFile(journal, "utf8")).toBe(before);
  });
});

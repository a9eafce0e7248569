import { linkSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runResultSchema } from "../../src/protocol/result.ts";
import { writeResult } from "../../src/runs/final.ts";
import { makeFolder } from "../../src/runs/make-folder.ts";
import { JOURNAL_FILE, RESULT_FILE, RUN_FILE, SUMMARY_FILE } from "../../src/runs/run-file.ts";
import { foreign } from "../../src/text/message.ts";
import { groupsOf } from "../../src/vscode/features/runs/tree/groups.ts";
import { RunList } from "../../src/vscode/model/runs/run-list.ts";
import { runSource } from "../../src/vscode/model/runs/source.ts";

const RUNS = 200;
const WORKSPACES = 5_000;
/** A keystroke that waits longer than this is felt. */
const FELT_MS = 50;
const sample = fileURLToPath(new URL("../compat/version-1/2026-11-28T06-38-58-ls3asumu", import.meta.url));
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

let home: string;
beforeAll(async () => {
  home = mkdtempSync(path.join(tmpdir(), "many-runs-"));
  const large = path.join(home, "large");
  makeFolder(large);
  const result = runResultSchema.parse(JSON.parse(readFileSync(path.join(sample, RESULT_FILE), "utf8")));
  const [job] = Object.values(result.runs);
  if (!job) throw new Error("the sample has no workspace");
  const jobs = Array.from({ length: WORKSPACES }, (_, index) => [`workspacebuild/${index}`, job] as const);
  const run = JSON.parse(readFileSync(path.join(sample, RUN_FILE), "utf8"));
  writeFileSync(path.join(large, RUN_FILE), JSON.stringify(run));
  writeFileSync(path.join(large, JOURNAL_FILE), journalText());
  const outcome = { ...result.outcome, summary: foreign(result.outcome.summary), refusal: undefined };
  await writeResult(large, { ...result, total_runs: WORKSPACES, runs: Object.fromEntries(jobs) }, outcome);
  for (const version of [1, 2]) {
    for (let index = 0; index < RUNS; index++) {
      const folder = path.join(home, `version-${version}`, "runs", `run-${index}`);
      makeFolder(folder);
      const id = `run${String(index).padStart(5, "0")}`;
      writeFileSync(path.join(folder, RUN_FILE), JSON.stringify({ ...run, version, id }));
      for (const name of [RESULT_FILE, JOURNAL_FILE, ...(version === 2 ? [SUMMARY_FILE] : [])])
        linkSync(path.join(large, name), path.join(folder, name));
    }
  }
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** Everything that such a run made, and removed. */
function journalText(): string {
  const ops = ["asking", "exists", "gone"] as const;
  const lines = Array.from({ length: WORKSPACES }, (_, index) =>
    ops.flatMap((op) =>
      (["user", "workspace"] as const).map((kind) =>
        JSON.stringify({ v: 1, t: 1, kind, op, name: `scaletest-ls3asumu-${index}`, id: `${kind}-${index}` }),
      ),
    ),
  );
  return `${lines.flat().join("\n")}\n`;
}

/** The longest time that nothing else could be done, in milliseconds. */
async function longestBlock(work: () => Promise<unknown>): Promise<{ longest: number; total: number }> {
  let longest = 0;
  let isOver = false;
  const began = performance.now();
  let last = began;
  const look = () => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
    if (!isOver) setImmediate(look);
  };
  setImmediate(look);
  await work();
  isOver = true;
  return { longest, total: performance.now() - began };
}

function listOf(at: string): RunList {
  return new RunList(
    runSource({ home: at, runs: path.join(at, "runs"), runnerPath: "", product: "0" }),
    silent,
  );
}

describe(`${RUNS} results of ${WORKSPACES} workspaces`, () => {
  const listed = async (version: number) => {
    const [warmed, runs] = [listOf(path.join(home, "none")), listOf(path.join(home, `version-${version}`))];
    // What it needs is loaded once for a window.
    await warmed.past();
    return longestBlock(async () =>
      expect(groupsOf(await runs.past(), "").flatMap((group) => group.runs)).toHaveLength(RUNS),
    );
  };
  for (const version of [2, 1]) {
    it(`of version ${version} are listed without being felt`, async () => {
      const { longest, total } = await listed(version);
      console.log(
        `version ${version}: longest block ${longest.toFixed(1)} ms, ${total.toFixed(0)} ms in all`,
      );
      expect(longest).toBeLessThan(FELT_MS);
    });
  }
});

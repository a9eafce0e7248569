import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readKnown } from "../../src/app/compare/known.ts";
import { comparisonMarkdown } from "../../src/app/compare/table.ts";
import { samplesCsv, workspacesCsv } from "../../src/app/report/csv.ts";
import { reportHtml } from "../../src/app/report/html.ts";
import type { EndedRecord } from "../../src/app/runs/ended.ts";
import { knownRuns } from "../../src/app/runs/list.ts";
import { deleteRecord, StillNames } from "../../src/app/runs/put-away.ts";
import { runResultSchema } from "../../src/protocol/result.ts";
import { failuresOf } from "../../src/vscode/features/history/failures.ts";
import { groupsOf } from "../../src/vscode/features/runs/tree/groups.ts";
import { RunList } from "../../src/vscode/model/runs/run-list.ts";
import { runSource } from "../../src/vscode/model/runs/source.ts";
import type { WatchedRun } from "../../src/vscode/model/runs/watched-run.ts";
import { EDITOR } from "../../src/vscode/wording.ts";
import { reportedOf } from "../one-step.ts";

/** Runs that version 0.1.0 made before it wrote summaries: kept workspaces, traffic to them, and a killed runner. */
const [CREATION, TRAFFIC, KILLED] = ["ls3asumu", "swrdj802", "lyr9aolb"] as const;
const A_DAY_LATER = 1_795_934_400_000;
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

let home: string;
let runs: RunList;
beforeAll(() => {
  home = mkdtempSync(path.join(tmpdir(), "version-1-"));
  cpSync(fileURLToPath(new URL("version-1", import.meta.url)), path.join(home, "runs"), { recursive: true });
  const source = runSource({ home, runs: path.join(home, "runs"), runnerPath: "", product: "0" });
  runs = new RunList(source, silent, () => A_DAY_LATER);
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

async function opened(id: string): Promise<WatchedRun> {
  const run = await runs.open(id);
  if (!run) throw new Error(`no run ${id}`);
  return run;
}

async function finalOf(id: string): Promise<EndedRecord> {
  const final = await (await opened(id)).final();
  if (!final) throw new Error(`run ${id} has no record of its end`);
  return final;
}

describe("a run's folder of version 1", () => {
  it("is listed on the command line with its end and what it has left", async () => {
    const known = await knownRuns(path.join(home, "runs"));
    const lines = known.map(({ entry, state, left }) => [entry.file.id, state, left, entry.result?.elapsed]);
    expect(lines).toEqual([
      [KILLED, "interrupted", { users: 3, workspaces: 3, tokens: 0 }, undefined],
      [TRAFFIC, "ended", { users: 0, workspaces: 0, tokens: 0 }, "8.59s"],
      [CREATION, "ended", { users: 4, workspaces: 4, tokens: 0 }, "3.56s"],
    ]);
    expect(known.map(({ entry }) => entry.result?.outcome.verdict)).toEqual([undefined, "passed", "passed"]);
  });

  it("is listed in the editor's history", async () => {
    const nodes = groupsOf(await runs.past(), "", A_DAY_LATER).flatMap((group) => group.runs);
    expect(nodes.map(({ runId, context }) => [runId, context])).toEqual([
      [KILLED, "run.lost"],
      [CREATION, "run.kept"],
      [TRAFFIC, "run.ended"],
    ]);
    expect(nodes[1]).toMatchObject({
      label: "4 workspaces",
      description: expect.stringMatching(/ · 4 passed$/),
    });
    expect(nodes[0]?.description).toMatch(/ · interrupted$/);
  });

  it("opens with its figures, its workspaces and its seconds", async () => {
    const run = await opened(CREATION);
    expect(run.condition).toBe("ended");
    expect(run.snapshot).toMatchObject({ counts: { succeeded: 4 }, outcome: { verdict: "passed", kept: 8 } });
    expect(await run.workspaces({ offset: 0, limit: 10 })).toMatchObject({ total: 4 });
    expect((await run.series()).length).toBeGreaterThan(2);
    const traffic = await opened(TRAFFIC);
    const { figures, part, description } = traffic.snapshot ?? {};
    expect(part).toMatchObject({ over: true });
    expect(figures?.['open_connections{state="planned"}.last']?.value).toBe(4);
    expect(figures?.['ticks{transport="pty"}.sent'] ?? figures?.["ticks.sent"]).toMatchObject({ value: 48 });
    expect(figures?.["round_trip.p95"]?.value).toBeGreaterThan(0);
    const at = description?.series.findIndex(
      ({ metric, figure }) => metric === "round_trip" && figure === "p95",
    );
    const seconds = await traffic.series();
    expect(seconds.filter(({ values }) => (values[at ?? -1] ?? 0) > 0).length).toBeGreaterThan(3);
    expect(seconds.map(({ second }) => second)).toEqual([...new Set(seconds.map(({ second }) => second))]);
  });

  it("of a runner that was killed opens as lost, and is offered for clean-up", async () => {
    const found: string[] = [];
    runs.interrupted.on(({ id }) => found.push(id));
    await runs.find();
    expect(found).toEqual([KILLED]);
    expect(runs.get(KILLED)).toMatchObject({ condition: "lost", remains: { users: 3, workspaces: 3 } });
  });

  it("is compared", async () => {
    const compared = await Promise.all(
      [CREATION, TRAFFIC].map(async (id) => {
        const final = await finalOf(id);
        return { final, known: await readKnown((await opened(id)).folder, final.whole) };
      }),
    );
    const text = comparisonMarkdown(compared, EDITOR);
    expect(text).toMatch(/\| succeeded \| 4 \| 4 \|/);
    expect(text).toContain("different workloads");
  });

  it("is reported", async () => {
    const samples = await (await opened(TRAFFIC)).series();
    const html = reportHtml({ script: "", style: "", ...reportedOf(await finalOf(TRAFFIC)), samples });
    expect(html).toContain(TRAFFIC);
    expect(failuresOf(await finalOf(CREATION)).problems).toEqual([]);
  });

  it("is exported as JSON and CSV", async () => {
    const { folder } = await opened(TRAFFIC);
    const result = runResultSchema.parse(
      JSON.parse(await readFile(path.join(folder, "result.json"), "utf8")),
    );
    expect(result).toMatchObject({ traffic: { total: { ticks: { sent: 48 } } } });
    expect(
      workspacesCsv(await finalOf(CREATION))
        .trim()
        .split("\n"),
    ).toHaveLength(5);
    const seconds = samplesCsv(await (await opened(TRAFFIC)).series(), (await finalOf(TRAFFIC)).whole.steps);
    expect(seconds.trim().split("\n").length).toBeGreaterThan(8);
  });

  it("is not deleted while it names what is left", async () => {
    await expect(deleteRecord(await opened(CREATION))).rejects.toThrow(StillNames);
    await deleteRecord(await opened(TRAFFIC));
    expect(await runs.open(TRAFFIC)).toBeUndefined();
  });
});

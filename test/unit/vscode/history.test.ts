import { describe, expect, it } from "vitest";
import type { Outcome, WorkspaceRow } from "../../../src/protocol/snapshot.ts";
import type { Final } from "../../../src/runs/final.ts";
import type { RunEntry } from "../../../src/runs/run-file.ts";
import { compareRuns, comparisonMarkdown, rankSumZ } from "../../../src/vscode/history/compare.ts";
import { samplesCsv, workspacesCsv } from "../../../src/vscode/history/csv.ts";
import { historyOf } from "../../../src/vscode/history/model.ts";
import { reportHtml } from "../../../src/vscode/history/report.ts";
import { escapeMarkdown } from "../../../src/vscode/status/text.ts";
import { fixtureRows, fixtureSamples, fixtureSnapshot } from "../../webview/fixtures.ts";

const COUNT = 60;
const AT = 90_000;

/** A run whose provisioning took `factor` times as long as the fixture's. */
function finalOf(factor = 1, count = COUNT): Final {
  const rows = fixtureRows(count, AT).map((row): WorkspaceRow => {
    const { provision } = row.phases;
    return provision === undefined
      ? row
      : { ...row, phases: { ...row.phases, provision: provision * factor } };
  });
  return { version: 1, snapshot: fixtureSnapshot(count, AT), rows };
}

const judged = (before: Final, after: Final, label: string) =>
  compareRuns(before, after).find((line) => line.label === label);

describe("comparing two runs", () => {
  it("tells a slower phase from one that did not change", () => {
    const [before, after] = [finalOf(), finalOf(1.5)];
    expect(judged(before, after, "provision, p50")).toMatchObject({ change: "+50 %", judgement: "worse" });
    expect(judged(after, before, "provision, p50")).toMatchObject({ change: "−33 %", judgement: "better" });
    expect(judged(before, after, "command, p50")?.judgement).toBe("within noise");
  });

  it("takes a certain but tiny difference for noise", () => {
    expect(judged(finalOf(), finalOf(1.02), "provision, p50")?.judgement).toBe("within noise");
  });

  it("does not judge by a handful of workspaces", () => {
    expect(judged(finalOf(1, 4), finalOf(3, 4), "provision, p50")?.judgement).toBe("");
  });

  it("does not make markup of titles", () => {
    const evil = finalOf();
    evil.snapshot.run.title = "a|b [x](command:y)";
    expect(comparisonMarkdown(evil, finalOf(), escapeMarkdown)).toContain("a\\|b \\[x\\]\\(command:y\\)");
  });
});

describe("the rank sum", () => {
  const values = (from: number, count: number) => Array.from({ length: count }, (_, i) => from + i);
  it("is 0 for the same values, and for values that are all one", () => {
    expect(rankSumZ(values(0, 20), values(0, 20))).toBeCloseTo(0);
    expect(rankSumZ([5, 5, 5], [5, 5, 5])).toBe(0);
  });
  it("is what the textbook says", () => {
    // n = m = 3, all of the second larger: U = 0, mean 4.5, variance 9·7/12 = 5.25.
    expect(rankSumZ([1, 2, 3], [4, 5, 6])).toBeCloseTo(-4.5 / Math.sqrt(5.25));
    expect(rankSumZ([4, 5, 6], [1, 2, 3])).toBeCloseTo(4.5 / Math.sqrt(5.25));
  });
});

describe("export", () => {
  it("writes a line for each workspace, with its phases", () => {
    const lines = workspacesCsv(finalOf()).trimEnd().split("\r\n");
    expect(lines).toHaveLength(COUNT + 1);
    expect(lines[0]).toBe(
      "index,workspace,state,started_ms,ready_ms,api_calls,prebuilt,api_ms,queue_ms,provision_ms,agent_connect_ms,startup_script_ms,wait_for_ssh_ms,ssh_ms,first_byte_ms,command_ms,delete_ms,cause,error",
    );
    expect(lines[42]).toContain("scaletest-k3x9q2ab-41,failed");
  });

  it("quotes what needs it, and lets no error become a spreadsheet's formula", () => {
    const final = finalOf(1, 1);
    const [row] = final.rows;
    if (!row) throw new Error("no row");
    final.rows = [{ ...row, cause: 'said "no", twice', error: "=HYPERLINK(1)" }];
    expect(workspacesCsv(final)).toContain(`,"said ""no"", twice",'=HYPERLINK(1)\r\n`);
  });

  it("writes a line for each second", () => {
    const lines = samplesCsv(fixtureSamples(10, 5_000)).trimEnd().split("\r\n");
    expect(lines).toHaveLength(6);
    expect(lines[0]?.startsWith("t_ms,host,shard,total,waiting")).toBe(true);
  });
});

it("makes a report that no text of a server can break out of", () => {
  const final = finalOf(1, 1);
  final.snapshot.run.title = "</script><script>alert(1)</script>";
  const html = reportHtml({ script: "let a = '</script>';", style: "b{}", final, samples: [] });
  expect(html.match(/<\/script>/g)).toHaveLength(2);
  expect(html).not.toContain("alert(1)</script>");
  expect(html).not.toMatch(/https?:\/\/(?!coder\.example\.com)/);
});

describe("the history", () => {
  const outcome: Outcome = {
    verdict: "passed",
    summary: "3 succeeded, 0 failed",
    succeeded: 3,
    failed: 0,
    orphans: 0,
    kept: 0,
    exitCode: 0,
  };
  function entry(id: string, result?: Partial<Outcome>): RunEntry {
    const deployment = { url: "https://c", host: `${id}.example.com`, version: "", user: "", sandbox: false };
    const file = {
      version: 1,
      id,
      title: `run ${id}`,
      workload: "w",
      config: {},
      deployment,
      createdAt: 0,
      host: "h",
      product: "0",
      runner: { token: "t" },
    } as const;
    const entry: RunEntry = { folder: `/${id}`, file };
    return result
      ? { ...entry, result: { run_id: id, outcome: { ...outcome, ...result }, elapsed: "19.2s" } }
      : entry;
  }

  it("shows verdict, figures and time of what is over, and leaves out what runs", () => {
    const nodes = historyOf(
      [entry("a", {}), entry("b"), entry("c", { verdict: "refused", refusal: "no such template" })],
      new Set(["b"]),
      "",
    );
    expect(nodes.map(({ icon }) => icon)).toEqual(["pass", "error"]);
    expect(nodes[0]?.description).toMatch(/^3\/3 in 19\.2s · /);
    expect(nodes[1]?.description).toMatch(/^refused · /);
  });

  it("filters by title, deployment and summary", () => {
    const all = [entry("a", {}), entry("b", { summary: "2 failed: agent never connected" })];
    const found = (filter: string) => historyOf(all, new Set(), filter).map(({ runId }) => runId);
    expect(found("AGENT never")).toEqual(["b"]);
    expect(found("a.example")).toEqual(["a"]);
    expect(found("  ")).toEqual(["a", "b"]);
    expect(found("nothing of it")).toEqual([]);
  });

  it("tells of a run that ended without a result", () => {
    expect(historyOf([entry("b")], new Set(), "")[0]).toMatchObject({ icon: "debug-disconnect" });
  });
});

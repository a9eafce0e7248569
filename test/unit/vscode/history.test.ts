import { describe, expect, it } from "vitest";
import { type Compared, changeText, compareRuns } from "../../../src/app/compare/compare.ts";
import { comparisonJson, comparisonMarkdown, comparisonText } from "../../../src/app/compare/table.ts";
import { samplesCsv, workspacesCsv } from "../../../src/app/report/csv.ts";
import { reportHtml } from "../../../src/app/report/html.ts";
import type { EndedRecord } from "../../../src/app/runs/ended.ts";
import { ENGLISH } from "../../../src/app/wording.ts";
import type { StepData } from "../../../src/compare/data.ts";
import { StepWindows } from "../../../src/compare/windows.ts";
import { english, foreign, say } from "../../../src/text/message.ts";
import { EDITOR } from "../../../src/vscode/wording.ts";
import { endedRecord, recordOf, reportedOf } from "../../one-step.ts";
import { figuresOf } from "../../webview/described.ts";
import { fixtureSamples, fixtureSnapshot } from "../../webview/fixtures.ts";
import { stepsSnapshot } from "../../webview/steps-fixtures.ts";
import { TRAFFIC } from "../../webview/traffic-fixtures.ts";
import { COUNT, compared, finalOf, metricOf } from "../compare/compared.ts";
import { Chance, EQUAL, generatedRun } from "../compare/generated.ts";
import { trafficFinal, trafficSeconds } from "./traffic-fixture.ts";

/** The comparison as the editor writes it. */
const written = (runs: readonly Compared[]) =>
  compareRuns(runs).map(({ label, values, unit, differences }) => ({
    label: english(label),
    values: values.map((value) => (value === undefined ? "–" : EDITOR.value(value, unit))),
    differences: differences.map(({ change, judgement }) => ({
      change: change ? changeText(change, EDITOR) : "",
      judgement,
    })),
  }));
const judged = (before: EndedRecord, after: EndedRecord, label: string) =>
  written([compared(before), compared(after)]).find((line) => line.label === label)?.differences[0];

describe("comparing runs", () => {
  it("tells a slower phase from one that did not change", () => {
    const [before, after] = [finalOf(), finalOf(1.5)];
    expect(judged(before, after, "provision, p50")).toEqual({ change: "+50 %", judgement: "worse" });
    expect(judged(after, before, "provision, p50")).toEqual({ change: "−33 %", judgement: "better" });
    expect(judged(before, after, "command, p50")?.judgement).toBe("same");
  });

  it("takes a certain but tiny difference for noise", () => {
    expect(judged(finalOf(), finalOf(1.02), "provision, p50")?.judgement).toBe("same");
  });

  it("writes a difference of ten times and more as that", () => {
    expect(judged(finalOf(), finalOf(1_500), "provision, p50")?.change).toBe("×1,500");
  });

  it("does not judge by a handful of workspaces", () => {
    expect(judged(finalOf(1, 4), finalOf(3, 4), "provision, p50")?.judgement).toBe("not_enough");
  });

  it("judges failures by their share, not by their number", () => {
    const failing = (failed: number) => {
      const final = finalOf();
      final.snapshot.counts = { ...final.snapshot.counts, total: 1_000, failed };
      return final;
    };
    expect(judged(failing(2), failing(5), "failed")).toEqual({ change: "+150 %", judgement: "not_enough" });
    expect(judged(failing(2), failing(40), "failed")?.judgement).toBe("worse");
    expect(judged(failing(40), failing(2), "failed")?.judgement).toBe("better");
  });

  it("holds several against the earliest", () => {
    const runs = [finalOf(), finalOf(1.5), finalOf(0.5)].map((final) => compared(final));
    const line = written(runs).find(({ label }) => label === "provision, p50");
    expect(line?.values).toHaveLength(3);
    expect(line?.differences.map(({ judgement }) => judgement)).toEqual(["worse", "better"]);
    const text = comparisonMarkdown(runs, EDITOR);
    expect(text).toContain("# 3 scale tests compared");
    expect(text).toContain("| | A | B | B against A | C | C against A |\n|:--|--:|--:|:--|--:|:--|\n");
    const widths = text
      .split("\n")
      .filter((one) => one.startsWith("|"))
      .map((one) => one.split("|").length);
    expect(new Set(widths)).toEqual(new Set([8]));
  });

  it("does not make markup of titles", () => {
    const evil = finalOf();
    evil.snapshot.run.title = "a|b [x](command:y)";
    const text = comparisonMarkdown([compared(evil), compared(finalOf())], EDITOR);
    expect(text).toContain("a\\|b \\[x\\]\\(command:y\\)");
  });

  it("warns where the loads are not alike", () => {
    const text = (other: EndedRecord) => comparisonMarkdown([compared(finalOf()), compared(other)], EDITOR);
    expect(text(trafficFinal())).toContain("different workloads");
    expect(text(finalOf(1, 30))).toContain("different numbers of workspaces");
    expect(text(finalOf())).not.toContain("> ");
    const invalid = finalOf();
    const outcome = { summary: foreign(""), succeeded: 1, failed: 0, orphans: 0, kept: 0, exitCode: 4 };
    invalid.snapshot.outcome = { ...outcome, verdict: "invalid" };
    expect(text(invalid)).toContain("> B is invalid: ");
  });
});

describe("comparing runs of several steps", () => {
  const several = (config: Record<string, unknown>): Compared => {
    const final = recordOf({ version: 2, snapshot: stepsSnapshot(), rows: [], samples: [] });
    const { test, data } = compared(finalOf()).known ?? {};
    const steps = [
      { name: "create", workload: "create-workspaces", config: { template: "kubernetes", ...config } },
      { name: "terminals", workload: "workspace-traffic", config: {} },
    ];
    return { final, ...(test && data ? { known: { data, test: { ...test, steps } } } : {}) };
  };

  it("holds each step against the one of its name, and names what differs first", () => {
    const runs = [several({ count: 20 }), several({ count: 40 })];
    const trips = compareRuns(runs).filter(({ label }) => english(label) === "Round trip, p95");
    expect(trips.map(({ step }) => step)).toEqual(["terminals", "ssh", "drill"]);
    const text = comparisonMarkdown(runs, EDITOR);
    expect(text).toContain('> B was another test than A: step "create": count: 40, was 20\n');
    const order = [
      "B was another test",
      "## create",
      "| workspaces | 100 |",
      "## terminals",
      "| Round trip, p95",
      "## ssh",
    ];
    expect(order.map((part) => text.indexOf(part))).toEqual(
      order.map((part) => text.indexOf(part)).sort((a, b) => a - b),
    );
    expect(order.every((part) => text.includes(part))).toBe(true);
    const plain = comparisonText(runs, ENGLISH);
    expect(plain).toMatch(/^Step create\n +A +B +B against A\nworkspaces +100 +100/m);
    expect(comparisonJson(runs, ENGLISH)).toMatchObject({
      warnings: [expect.stringContaining("count: 40, was 20")],
      measures: expect.arrayContaining([
        expect.objectContaining({ step: "ssh", measure: "Round trip, p95" }),
      ]),
    });
  });

  it("leaves out of a step what the other run does not have", () => {
    const [first, second] = [several({}), several({})];
    second.final.whole.steps = second.final.whole.steps.filter(({ name }) => name !== "ssh");
    const [trip] = compareRuns([first, second]).filter(
      ({ step, label }) => step === "ssh" && english(label) === "Round trip, p95",
    );
    expect(trip?.values[1]).toBeUndefined();
    expect(trip?.differences).toEqual([{ change: undefined, judgement: undefined }]);
  });
});

describe("comparing runs of traffic", () => {
  const seconds = trafficSeconds;
  /** Two minutes of traffic whose round trip is so long, more or less. */
  function measured(p50: number): StepData {
    const noise = { run: 0, second: 0.03, correlation: 0.6, message: 0.1 };
    const run = generatedRun("", new Chance(p50), noise, { ...EQUAL, seconds: 120, roundTripMs: p50 });
    return run.steps.get("traffic") ?? { metrics: {} };
  }
  const line = (before: number, after: number, label: string) =>
    written([
      compared(trafficFinal(before), measured(before)),
      compared(trafficFinal(after), measured(after)),
    ]).find((one) => one.label === label);

  it("tells a longer round trip from one that is alike", () => {
    expect(line(40, 80, "Round trip, p95")).toEqual({
      label: "Round trip, p95",
      values: ["120ms", "240ms"],
      differences: [{ change: "+100 %", judgement: "worse" }],
    });
    expect(line(80, 40, "Round trip, p50")?.differences[0]?.judgement).toBe("better");
    expect(line(40, 41, "Round trip, p95")?.differences[0]?.judgement).toBe("same");
  });

  it("shows offered against achieved, with units", () => {
    expect(line(4, 4, "Achieved")?.values).toEqual(["1.98 MB/s", "1.98 MB/s"]);
    expect(line(4, 4, "Achieved of offered")?.values).toEqual(["99 %", "99 %"]);
  });

  it("judges what was dropped by its share of what was opened", () => {
    const dropped = (count: number) => {
      const final = trafficFinal();
      const figures = figuresOf(TRAFFIC, { "connections.opened": 500, "connections.dropped": count });
      const event = (name: string, n: number) => ({ labels: { transport: "pty", event: name }, count: n });
      return compared(endedRecord({ ...final, snapshot: { ...final.snapshot, figures } }), {
        metrics: { connections: metricOf("counter", [event("opened", 500), event("dropped", count)]) },
      });
    };
    const judged = (a: number, b: number) =>
      written([dropped(a), dropped(b)]).find(({ label }) => label === "Connections dropped")?.differences[0]
        ?.judgement;
    expect([judged(2, 3), judged(2, 60), judged(60, 2)]).toEqual(["not_enough", "worse", "better"]);
  });

  it("judges by what was measured and counts", () => {
    const windows = new StepWindows([{ name: "round_trip" }, { name: "connections", whole: true }]);
    const second = { places: ["0"], ms: 1_000, values: {} };
    for (const other of [{ ms: 0 }, { paused: true }, { invalid: say("late") }])
      windows.take({ ...second, ...other });
    expect(windows.of({}).seconds).toBe(0);
    expect(windows.of({ whole: true }).seconds, "what counts over all of a step counts outside, too").toBe(1);
    for (let at = 0; at < 200; at++) windows.take(second);
    expect(windows.of({}).seconds).toBe(200);
    const parts = windows.of({}).inParts(15);
    expect(parts.reduce((sum, { ms }) => sum + ms, 0)).toBe(200_000);
  });

  it("says nothing of a run of which too little is left", () => {
    const [before, after] = [{ final: trafficFinal(4) }, compared(trafficFinal(8), measured(8))];
    expect(written([before, after]).flatMap(({ differences }) => differences[0]?.judgement ?? [])).toEqual(
      [],
    );
  });

  it("writes the run's own columns to both CSV files, and none of other runs", () => {
    expect(workspacesCsv(trafficFinal()).split("\r\n").slice(0, 2)).toEqual([
      "index,workspace,state,started_ms,ready_ms,api_calls,prebuilt,bytes_written,bytes_read,cause,error",
      "0,scaletest-k3x9q2ab-0,succeeded,,,2,false,1001,1000,,",
    ]);
    const [head = "", first = ""] = samplesCsv(seconds(4), trafficFinal().whole.steps).split("\r\n");
    expect(head.split(",")).toEqual(
      expect.arrayContaining([
        "second",
        "measured",
        "invalid",
        "round_trip_p95_ms",
        "ticks_lost",
        "offered_bytes_rate",
        "open_connections_active",
        "generator_cpu_mean_cores",
      ]),
    );
    expect(new Set(head.split(",")).size).toBe(head.split(",").length);
    expect(first.split(",")).toHaveLength(head.split(",").length);
    expect(samplesCsv(fixtureSamples(10, 5_000), fixtureSnapshot(10, 5_000).steps)).not.toContain("offered");
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
    final.rows = [{ ...row, cause: say('said "no", twice'), error: say("=HYPERLINK(1)") }];
    expect(workspacesCsv(final)).toContain(`,"said ""no"", twice",'=HYPERLINK(1)\r\n`);
  });

  it("writes a line for each second", () => {
    const lines = samplesCsv(fixtureSamples(10, 5_000), fixtureSnapshot(10, 5_000).steps)
      .trimEnd()
      .split("\r\n");
    expect(lines).toHaveLength(6);
    expect(lines[0]).toMatch(/^second,measured,invalid,jobs_failed,jobs_succeeded,/);
    expect(lines[5]).toMatch(/^4,true,,/);
  });
});

it("makes a report that no text of a server can break out of", () => {
  const final = finalOf(1, 1);
  final.snapshot.run.title = "</script><script>alert(1)</script>";
  const html = reportHtml({
    script: "let a = '</script>';",
    style: "b{}",
    ...reportedOf(final),
    samples: [],
  });
  expect(html.match(/<\/script>/g)).toHaveLength(2);
  expect(html).not.toContain("alert(1)</script>");
  expect(html).not.toMatch(/https?:\/\/(?!coder\.example\.com)/);
});

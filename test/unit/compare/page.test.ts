import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import type { PageRun } from "../../../src/app/compare/compare.ts";
import { baselineFirst, comparisonPage, usualBaseline } from "../../../src/app/compare/page.ts";
import { comparisonMarkdown } from "../../../src/app/compare/table.ts";
import { readTrend } from "../../../src/app/compare/trend.ts";
import { comparisonSchema } from "../../../src/protocol/compare-page.ts";
import type { RunEntry } from "../../../src/runs/run-list.ts";
import { english, foreign } from "../../../src/text/message.ts";
import { EDITOR } from "../../../src/vscode/wording.ts";
import { creation, traffic } from "./page-runs.ts";

const page = (runs: readonly PageRun[], baseline?: string) => {
  const made = comparisonPage(runs, baseline, EDITOR);
  // As it goes to the page.
  return comparisonSchema.parse(JSON.parse(JSON.stringify(made)));
};

describe("the page that compares runs", () => {
  it("has the runs by time, and holds them against the earliest", () => {
    const { runs, baseline, figures } = page([
      creation(1.5, { id: "later", minute: 10 }),
      creation(1, { id: "first" }),
    ]);
    expect(runs.map(({ id }) => id)).toEqual(["first", "later"]);
    expect(baseline).toBe(0);
    expect(runs[0]?.beside).toBeNull();
    expect(runs[1]?.beside?.state).toBe("worse");
    expect(english(runs[1]?.beside?.text ?? foreign(""))).toMatch(/^worse: .*provision, p50 \+50 %/);
    const row = figures.find(({ label }) => english(label) === "provision, p50");
    expect(row?.differences).toEqual([null, { change: "+50 %", state: "worse" }]);
  });

  it("holds them against another one that was chosen, in the order of time all the same", () => {
    const runs = [creation(1, { id: "first" }), creation(1.5, { id: "later", minute: 10 })];
    const { baseline, runs: shown, figures } = page(runs, "later");
    expect(shown.map(({ id }) => id)).toEqual(["first", "later"]);
    expect(baseline).toBe(1);
    const row = figures.find(({ label }) => english(label) === "provision, p50");
    expect(row?.differences).toEqual([{ change: "−33 %", state: "better" }, null]);
    expect(row?.values[1]).toBeGreaterThan(row?.values[0] ?? 0);
    const text = comparisonMarkdown(baselineFirst(runs, "later"), EDITOR);
    expect(text).toContain("A is the baseline.");
    expect(comparisonMarkdown(runs, EDITOR)).toContain("A is the earliest.");
  });

  it("takes no run that has not passed for a measure where another of the same test has", () => {
    const failed = creation(1, { id: "failed", verdict: "failed" });
    const other = creation(1, { id: "other", minute: 1, config: { count: 10 } });
    const passed = creation(1, { id: "passed", minute: 2 });
    const newest = creation(1, { id: "newest", minute: 3 });
    expect(usualBaseline([newest, passed, failed])).toBe("passed");
    expect(usualBaseline([newest, other, failed]), "another test").toBe("failed");
    expect(usualBaseline([newest, failed]), "never itself").toBe("failed");
    expect(usualBaseline([newest, passed])).toBe("passed");
  });

  it("writes a list as people do, and none as nothing", () => {
    const thresholds = ["ready.p95<2m", "failures.rate<1%"];
    const { configuration } = page([
      creation(1, { id: "a", config: { thresholds } }),
      creation(1, { id: "b", minute: 1, config: { thresholds: [] } }),
    ]);
    const row = configuration.find(({ label }) => english(label) === "threshold");
    expect(row?.values.map((one) => one && english(one))).toEqual(["ready.p95<2m, failures.rate<1%", "–"]);
  });

  it("says what differs in the configuration, with defaults, versions and product", () => {
    const { configuration } = page([
      creation(1, { id: "a", config: { count: 60, concurrency: 2 }, version: "v2.25.0" }),
      creation(1, { id: "b", minute: 1, config: { count: 80, concurrency: 2 }, product: "0.2.0" }),
    ]);
    const differing = configuration.filter(({ differs }) => differs);
    expect(
      differing.map(({ label, values }) => [english(label), ...values.map((one) => one && english(one))]),
    ).toEqual([
      ["Coder", "v2.25.0", "v2.26.0"],
      ["Scale Test", "0.1.0", "0.2.0"],
      ["count", "60", "80"],
    ]);
    const equal = configuration.filter(({ differs }) => !differs).map(({ label }) => english(label));
    expect(equal).toEqual(expect.arrayContaining(["deployment", "template", "concurrency"]));
  });

  it("tells a run that does not say what it was asked from one that has no such step", () => {
    const silent = { ...creation(1, { id: "b", minute: 1 }), known: undefined };
    const { configuration, runs } = page([creation(1, { id: "a" }), silent]);
    const template = configuration.find(({ label }) => english(label) === "template");
    expect(template?.values.map((one) => one && english(one))).toEqual(["kubernetes", "not known"]);
    expect(english(runs[1]?.beside?.text ?? foreign(""))).toBe("nothing that can be judged");
  });

  it("shows no value that may be a secret", () => {
    const of = (id: string, secret: string) =>
      creation(1, { id, minute: id === "a" ? 0 : 1, config: { parameters: { password: secret } } });
    const text = JSON.stringify(page([of("a", "hunter2"), of("b", "hunter3")]).configuration);
    expect(text).not.toContain("hunter");
    expect(text).toContain("not shown");
  });

  it("draws who was ready when as shares of all that were begun", () => {
    const { overlays } = page([creation(1, { id: "a" }), creation(2, { id: "b", minute: 1 })]);
    const ready = overlays.find(({ kind }) => kind === "distribution");
    expect(ready?.curves.map(({ run }) => run)).toEqual([0, 1]);
    for (const { xs, ys } of ready?.curves ?? []) {
      expect(xs).toEqual([...xs].sort((a, b) => a - b));
      // One of the fixture's 60 fails: its curve never gets to the top.
      expect(ys.at(-1)).toBeCloseTo(59 / 60);
    }
  });

  it("draws round trips from the begin of the step on, an hour in few points, none of its peaks lost", () => {
    const runs = [traffic(40, 3_600, { id: "a" }), traffic(80, 3_600, { id: "b", minute: 90 })];
    const place = runs[0]?.final.whole.steps[0]?.description.series.findIndex(
      ({ metric, figure, labels }) => metric === "round_trip" && figure === "p95" && !labels,
    );
    const peak = runs[0]?.final.samples[1_234];
    if (peak && place !== undefined) peak.values[place] = 9_999;
    const { overlays } = page(runs);
    const trip = overlays.find(({ kind, title }) => kind === "course" && /p95/.test(english(title)));
    const [first] = trip?.curves ?? [];
    expect(first?.xs[0]).toBe(0);
    expect(first?.xs.length).toBeLessThanOrEqual(600);
    expect(first?.xs.at(-1)).toBeGreaterThan(3_500);
    expect(Math.max(...(first?.ys ?? []).map((one) => one ?? 0))).toBe(9_999);
  });

  it("leaves a gap where seconds do not count", () => {
    const run = traffic(40, 60, { id: "a" });
    for (const sample of run.final.samples.slice(10, 20)) sample.invalid = foreign("late");
    const { overlays } = page([run, traffic(40, 60, { id: "b", minute: 5 })]);
    const ys = overlays.find(({ kind }) => kind === "course")?.curves[0]?.ys ?? [];
    expect(ys.slice(10, 20).every((one) => one === null)).toBe(true);
    expect(ys[9]).not.toBeNull();
  });

  it("has no difference where one of the two has no such figure", () => {
    const { figures, warnings } = page([creation(1, { id: "a" }), traffic(40, 60, { id: "b", minute: 1 })]);
    const row = figures.find(({ label }) => english(label) === "Round trip, p95");
    expect(row?.values[0]).toBeNull();
    expect(row?.differences).toEqual([null, null]);
    expect(warnings.map(english).join()).toContain("different workloads");
    expect(warnings.map(english).join(), "by its id").toContain("b was another test than a: ");
  });
});

describe("the trend of a test", () => {
  let folder = "";
  afterEach(() => rm(folder, { recursive: true, force: true }));

  async function stored(run: PageRun, at: number, config: Record<string, unknown>): Promise<RunEntry> {
    const { whole } = run.final;
    const own = path.join(folder, `run-${at}`);
    await mkdir(own);
    const series = [{ labels: {}, count: 60, mean: 900, p50: 1_000 + at, p95: 2_000 + at }];
    const metrics = { ready: { kind: "duration", unit: "ms", better: "lower", series } };
    await writeFile(path.join(own, "result.json"), JSON.stringify({ run_id: `r${at}`, metrics, runs: {} }));
    const file = {
      ...{ version: 2, id: `r${at}`, title: "", workload: whole.run.workload, createdAt: at },
      ...{ deployment: whole.run.deployment, host: "", product: "", runner: { token: "" } },
      steps: [{ name: whole.run.workload, workload: whole.run.workload, config }],
    };
    const outcome = whole.outcome;
    return { folder: own, file, ...(outcome ? { result: { run_id: file.id, outcome } } : {}) };
  }

  it("is of the last twenty runs of the same test, the earliest first", async () => {
    folder = await mkdtemp(path.join(tmpdir(), "trend-"));
    const run = creation(1, { id: "a" });
    const test = run.known?.test;
    if (!test) throw new Error("no test");
    const config = { ...test.steps[0]?.config };
    const url = run.final.whole.run.deployment.url;
    const entries = await Promise.all([
      ...Array.from({ length: 25 }, (_, at) => stored(run, at, config)),
      stored(run, 99, { ...config, count: 7 }),
    ]);
    const points = await readTrend({ ...test, url }, run.final.whole, entries);
    expect(points.map(({ id }) => id)).toEqual(Array.from({ length: 20 }, (_, at) => `r${at + 5}`));
    const key = `${run.final.whole.run.workload}/ready.p95`;
    expect(points.map(({ values }) => values[key])).toEqual(points.map((_, at) => 2_005 + at));
    const keys = page([run, creation(1, { id: "b", minute: 1 })]).figures.map(({ trend }) => trend?.key);
    expect(keys).toContain(key);
  });

  it("has no point for a run whose result is gone", async () => {
    folder = await mkdtemp(path.join(tmpdir(), "trend-"));
    const run = creation(1, { id: "a" });
    const test = run.known?.test;
    if (!test) throw new Error("no test");
    const entries = await Promise.all([0, 1].map((at) => stored(run, at, { ...test.steps[0]?.config })));
    await rm(path.join(entries[0]?.folder ?? "", "result.json"));
    const points = await readTrend(
      { ...test, url: run.final.whole.run.deployment.url },
      run.final.whole,
      entries,
    );
    expect(points.map(({ id }) => id)).toEqual(["r1"]);
  });
});

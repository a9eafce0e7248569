import { describe, expect, it } from "vitest";
import { prometheusOfChecks, prometheusOfRun } from "../../../../src/app/report/prometheus.ts";
import { describeRun } from "../../../../src/contract/describe.ts";
import { Exposition } from "../../../../src/engine/record/exposition.ts";
import { workloads } from "../../../../src/workloads/index.ts";
import { failedResult, NASTY, stepsResult } from "./results.ts";

/** The format, line by line, as the collector reads it. Throws where a line is none of it. */
function samplesIn(text: string) {
  const label = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"/g;
  return text
    .split("\n")
    .filter((line) => line !== "" && !/^# (HELP|TYPE) [a-z0-9_]+ ./.test(line))
    .map((line) => {
      const match = /^([a-zA-Z_:][a-zA-Z0-9_:]*)\{(.*)\} (\S+)$/.exec(line);
      if (!match || Number.isNaN(Number(match[3]))) throw new Error(`no sample: ${line}`);
      const [, name = "", inside = "", value] = match;
      const rest = inside.replace(label, "").replaceAll(",", "");
      if (rest !== "") throw new Error(`no labels: ${inside}`);
      const labels = Object.fromEntries([...inside.matchAll(label)].map(([, key, of]) => [key, of]));
      return { name, labels, value: Number(value) };
    });
}

const [described] = workloads.flatMap((one) => (one.name === "workspace-traffic" ? one.described : []));
if (!described) throw new Error("traffic describes itself");
const description = describeRun(described);

describe("a textfile for Prometheus", () => {
  const trip = description.metrics.find(({ name }) => name === "round_trip");
  const series = (labels: Record<string, string>, figures: object) => ({ labels, ...figures });
  const result = {
    ...failedResult("x"),
    metrics: {
      round_trip: {
        kind: "duration",
        unit: "ms",
        better: "lower",
        series: [
          series({}, { count: 30, mean: 20 }),
          series(
            { transport: "ssh", shard: "0" },
            { count: 10, mean: 20, p50: 18, p95: 40, p99: 50, max: 60 },
          ),
          series({ transport: "pty", shard: "0" }, { count: 20, mean: 20, p95: 30 }),
        ],
      },
      connections: {
        kind: "counter",
        unit: "none",
        better: "none",
        series: [
          series({}, { count: 12 }),
          series({ event: "opened" }, { count: 8 }),
          series({ event: "dropped" }, { count: 4 }),
        ],
      },
    },
  };
  const steps = [{ name: "traffic", description }];

  it("has a summary in seconds of each series, with run, step and verdict", () => {
    expect(trip?.kind).toBe("duration");
    const samples = samplesIn(prometheusOfRun(result, { steps }));
    const ssh = samples.filter(({ labels }) => labels.transport === "ssh");
    expect(ssh.map(({ name, labels, value }) => [name, labels.quantile, value])).toEqual([
      ["coderd_scaletest_round_trip_seconds", "0.5", 0.018],
      ["coderd_scaletest_round_trip_seconds", "0.95", 0.04],
      ["coderd_scaletest_round_trip_seconds", "0.99", 0.05],
      ["coderd_scaletest_round_trip_seconds", "1", 0.06],
      ["coderd_scaletest_round_trip_seconds_sum", undefined, 0.2],
      ["coderd_scaletest_round_trip_seconds_count", undefined, 10],
    ]);
    expect(ssh[0]?.labels).toMatchObject({ run: "k3x9q2ab", step: "traffic", verdict: "failed" });
    // All series together are the sum of the others: counted twice, they would be wrong.
    const counts = samples.filter(({ name }) => name === "coderd_scaletest_round_trip_seconds_count");
    expect(counts.map(({ value }) => value)).toEqual([10, 20]);
  });

  it("has the run's names, which are those of the exposition while it goes on", async () => {
    const exposition = new Exposition();
    exposition.add({ description: described });
    const live = new Set([...(await exposition.text()).matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name));
    const own = [...prometheusOfRun(result, { steps }).matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name);
    const ofMetrics = own.filter((name) => !name?.startsWith("coderd_scaletest_run_"));
    expect(ofMetrics).toContain("coderd_scaletest_connection_events_dropped_total");
    expect(ofMetrics.filter((name) => !live.has(name))).toEqual([]);
    const dropped = samplesIn(prometheusOfRun(result, { steps })).find(({ name }) =>
      name.includes("dropped"),
    );
    expect(dropped?.value).toBe(4);
  });

  it("has the figures of each step with that step's verdict", () => {
    const base = stepsResult();
    const { create, terminals } = base.steps ?? {};
    if (!create || !terminals) throw new Error("two steps");
    const of = { create, terminals: { ...terminals, metrics: result.metrics } };
    const several = [...steps, { name: "terminals", description }];
    const samples = samplesIn(prometheusOfRun({ ...base, steps: of }, { steps: several }));
    const trips = samples.filter(({ name }) => name.startsWith("coderd_scaletest_round_trip"));
    expect(trips.length).toBeGreaterThan(0);
    for (const { labels } of trips) expect(labels).toMatchObject({ step: "terminals", verdict: "failed" });
    const met = samples.filter(({ name }) => name === "coderd_scaletest_run_threshold_met");
    expect(met.map(({ labels, value }) => [labels.step, value])).toEqual([
      ["terminals", 0],
      [undefined, 1],
    ]);
  });

  it("has each family once, and each series once", () => {
    const text = prometheusOfRun(
      { ...result, thresholds: stepsResult().thresholds },
      { steps, startedAt: 0 },
    );
    const types = text.split("\n").filter((line) => line.startsWith("# TYPE"));
    expect(new Set(types).size).toBe(types.length);
    const keys = samplesIn(text).map(({ name, labels }) => JSON.stringify([name, labels]));
    expect(new Set(keys).size).toBe(keys.length);
  });

  it("of a run that was refused says so, and leaves out what nobody could ask", () => {
    const outcome = { ...failedResult("x").outcome, verdict: "refused" as const, orphans: null };
    const samples = samplesIn(prometheusOfRun({ ...failedResult("x"), outcome }, { steps: [] }));
    expect(samples[0]).toEqual({
      name: "coderd_scaletest_run_passed",
      labels: { run: "k3x9q2ab", verdict: "refused" },
      value: 0,
    });
    expect(samples.map(({ name }) => name)).not.toContain("coderd_scaletest_run_left_behind");
  });

  it.each(NASTY)("%j makes no line and no label of its own", (text) => {
    const plain = samplesIn(prometheusOfRun(failedResult("plain"), { steps: [] }));
    expect(samplesIn(prometheusOfRun(failedResult(text), { steps: [] }))).toHaveLength(plain.length);
  });

  it("has the checks of a preflight", () => {
    const check = { id: "template", label: "Template", figure: "" };
    expect(samplesIn(prometheusOfChecks([{ ...check, status: "blocks" }]))).toMatchObject([
      { labels: { check: "template", status: "blocks" }, value: 0 },
    ]);
  });
});

import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { annotationsOf, githubSummary } from "../../../src/app/report/github.ts";
import { killedSnapshot } from "../../../src/app/runs/killed.ts";
import { resultText } from "../../../src/cli/result-text.ts";
import type { PrepareContext } from "../../../src/contract/prepare.ts";
import type { Run } from "../../../src/engine/run.ts";
import { parseThreshold } from "../../../src/measure/threshold.ts";
import { counted, look } from "../../../src/measure/values.ts";
import { runResultSchema } from "../../../src/protocol/result.ts";
import { snapshotSchema } from "../../../src/protocol/snapshot.ts";
import { verdictLine } from "../../../src/protocol/verdict-line.ts";
import { readEnd } from "../../../src/runs/summary.ts";
import { english } from "../../../src/text/message.ts";
import { describeTraffic, JUDGED } from "../../../src/workloads/workspace-traffic/describe.ts";
import { fakeJob, fakePlan, fakeRuns, work } from "./fake-run.ts";
import { inTime, pass, virtualTime } from "./virtual-time.ts";

virtualTime();
const { folder, open } = fakeRuns();

const CARRIES = 250;

function said(run: Run): string {
  const { answer } = snapshotSchema.parse(JSON.parse(JSON.stringify(run.snapshot())));
  return answer ? english(verdictLine(answer)) : "";
}

const result = () =>
  runResultSchema.parse(JSON.parse(readFileSync(path.join(folder(), "result.json"), "utf8")));

/** Connections that are opened, two and a half a second, and then held. */
async function ramp({ clock, measure }: PrepareContext) {
  let second = Math.ceil(clock.ms / 1_000);
  let connections = 0;
  const tell = () => {
    connections = Math.min(40, connections + 2.5);
    const due = connections * 10;
    measure({
      ...{ second: second++, place: "0", part: 0, ms: 1_000 },
      values: {
        measured: {
          'ticks{outcome="due",transport="pty"}': counted(due),
          'ticks{outcome="carried",transport="pty"}': counted(Math.min(CARRIES, due)),
          'achieved{transport="pty"}': { kind: "share", n: Math.min(CARRIES, due), of: due },
        },
        always: {
          'open_connections{state="active"}': look(connections),
          'place_busy{place="0"}': look(0.03),
        },
      },
    });
  };
  const job = fakeJob(0, async (context) => {
    const ticker = setInterval(tell, 1_000);
    await work(45_000)(context).finally(() => clearInterval(ticker));
  });
  return fakePlan({ jobs: [job], description: describeTraffic(4_000, 10) });
}

describe("a run's answer", () => {
  it("turns while a ramp goes beyond what the deployment carries, and is in the result", async () => {
    const thresholds = [parseThreshold("achieved.rate>=95%", JUDGED)];
    const run = await open({ prepare: ramp, thresholds });
    const done = run.execute();
    await pass(8_000);
    expect(said(run)).toMatch(
      /^Holds so far: Achieved of offered 100 %, required >= 95 % \(5.3 % to spare\); nothing limits/,
    );
    await pass(18_000);
    expect(said(run)).toMatch(
      /^Does not hold: Achieved of offered is .*; limited by the deployment or the way to it/,
    );
    expect(await inTime(done)).toMatchObject({ verdict: "failed" });
    const { verdict_line: line, answer } = result();
    expect(line).toContain(
      "achieved stopped following offered at 25 connections (250 messages a second); the generator was 3 % busy",
    );
    expect(line).toBe(said(run));
    expect(answer).toMatchObject({ holds: "no", limited_by: "deployment_or_way" });
    expect(resultText(result()).split("\n")[1]).toBe(line);
    // Each second has what it is held to, for its course beside its figure.
    const { series } = run.snapshot().steps[0]?.description ?? { series: [] };
    expect(series.some(({ metric, figure }) => metric === "achieved" && figure === "rate")).toBe(true);
  });

  it("that it does not hold leaves no praise to a run that is held to nothing: scripts read passed, people ended", async () => {
    const run = await open({ prepare: ramp });
    const done = run.execute();
    await pass(50_000);
    expect(await inTime(done)).toMatchObject({ verdict: "passed", exitCode: 0, unjudged: true });
    expect(said(run)).toMatch(/^Does not hold: \d+ % of what was offered came back/);
    const { outcome } = result();
    expect(outcome).toMatchObject({ verdict: "passed", unjudged: true });
    expect((await readEnd(folder()))?.outcome).toMatchObject({ unjudged: true });
    expect(resultText(result())).toMatch(/^Run \w+: ended in /);
    expect(githubSummary(result())).toMatch(/^## Scale test.*: ended\n/);
    expect(annotationsOf(result())[0]).toMatchObject({ level: "warning" });
  });

  it("has the first of its failures, not the most frequent", async () => {
    const fails = (index: number, ms: number, text: string) =>
      fakeJob(index, async (context) => {
        await work(ms)(context);
        throw new Error(text);
      });
    const jobs = [fails(0, 9_000, "many"), fails(1, 9_000, "many"), fails(2, 4_000, "one")];
    const run = await open({ plan: { jobs, description: { states: [], phases: [], becomesReady: true } } });
    await inTime(run.execute());
    expect(result().verdict_line).toMatch(
      /^Does not hold: 3 of 3 failed; whether the load is the cause is unknown: .*; first to fail at 00:04: scaletest-abcdefgh-2, one$/,
    );
  });

  it("cannot tell of one that was refused, stopped, or whose runner died", async () => {
    const run = await open({ plan: { jobs: [fakeJob(0, work(60_000))] } });
    const done = run.execute();
    await pass(10_000);
    const killed = await killedSnapshot(folder(), run.snapshot(), new Map());
    expect(killed.answer).toMatchObject({ holds: "unknown" });
    expect(killed.answer && english(verdictLine(killed.answer))).toMatch(/^Cannot tell: the runner died/);
    run.stop(false);
    await inTime(done);
    expect(result().verdict_line).toMatch(/^Cannot tell: the run was stopped before its end/);
    const refused = await open({ prepare: () => Promise.reject(new Error("no template")) });
    await inTime(refused.execute());
    expect(said(refused)).toMatch(/^Cannot tell: .*no template$/);
  });

  it("says since when a threshold is broken, and takes it back where it is met again", async () => {
    const thresholds = [parseThreshold("ready.max<5s", [...JUDGED])];
    const run = await open({
      thresholds,
      plan: {
        jobs: [
          fakeJob(0, async (context) => {
            await work(9_000)(context);
            context.ready();
            await work(5_000)(context);
          }),
        ],
        description: { states: [], phases: [], becomesReady: true },
      },
    });
    const done = run.execute();
    await pass(4_000);
    expect(run.snapshot().thresholds?.[0]?.since).toBeUndefined();
    await inTime(done);
    const { since = 0, margin = 0 } = run.snapshot().thresholds?.[0] ?? {};
    expect(since).toBeGreaterThanOrEqual(4);
    expect(since).toBeLessThan(12);
    expect(margin).toBeCloseTo(-0.8, 1);
  });
});

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { measuredRun, measuredRuns } from "../../../src/app/measured-run.ts";
import { packed } from "../../../src/measure/packed.ts";
import { createRunFolder } from "../../../src/runs/run-file.ts";
import { foreign } from "../../../src/text/message.ts";

let runs: string;
beforeEach(async () => {
  runs = await mkdtemp(path.join(tmpdir(), "measured-"));
});
afterEach(() => rm(runs, { recursive: true, force: true }));

const OWN = "https://coder.example.com";
let minute = 0;

const gauge = (value: number) => ({
  ...{ kind: "gauge" as const, looks: 1, sum: value, min: value, max: value, last: value },
});

/** A run that looked so many times at coderd, if it was to look at the deployment at all. */
async function made(looks: number, { url = OWN, isOver = true, described = true } = {}): Promise<string> {
  const at = new Date(1_700_000_000_000 + minute++ * 60_000);
  const run = { title: "Nightly", workload: "workspace-traffic", url, product: "0" };
  const { folder, file } = await createRunFolder(runs, run, at);
  const metrics = described ? [{ name: "server_cpu" }] : [{ name: "round_trip" }];
  await writeFile(
    path.join(folder, "descriptions.ndjson"),
    `${JSON.stringify({ description: { metrics } })}\n`,
  );
  const seconds = Array.from({ length: 12 }, (_, second) => {
    const values = second < looks ? { always: { 'server_cpu{source="a"}': gauge(0.5) } } : {};
    return JSON.stringify(packed({ second, steps: { traffic: { values, places: ["0"], ms: 1_000 } } }));
  });
  await writeFile(path.join(folder, "seconds.ndjson"), `${seconds.join("\n")}\n`);
  const outcome = {
    ...{ verdict: "passed", summary: foreign("") },
    ...{ succeeded: 0, failed: 0, orphans: 0, kept: 0, exitCode: 0 },
  };
  if (isOver) await writeFile(path.join(folder, "result.json"), JSON.stringify({ run_id: file.id, outcome }));
  return file.id;
}

it("the runs that can calibrate are those of the deployment that looked at coderd often enough, the newest first", async () => {
  const first = await made(12);
  await made(7);
  await made(12, { described: false });
  await made(12, { url: "https://other.example.com" });
  await made(12, { isOver: false });
  const last = await made(8, { url: `${OWN}/` });
  const found = await measuredRuns(runs, OWN);
  expect(found.map(({ id }) => id)).toEqual([last, first]);
  expect(await measuredRuns(path.join(runs, "none"), OWN)).toEqual([]);
  const { title, moments, times } = await measuredRun(runs, first);
  expect({ title, looks: moments.length, times }).toEqual({ title: "Nightly", looks: 12, times: undefined });
});

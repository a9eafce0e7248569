import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, it } from "vitest";
import { readSeries } from "../../src/app/runs/record.ts";
import { describeRun } from "../../src/contract/describe.ts";
import { Durations } from "../../src/measure/durations.ts";
import { packed } from "../../src/measure/packed.ts";
import { Collector } from "../../src/measure/seconds.ts";
import { counted, look, type Value } from "../../src/measure/values.ts";
import { seriesKey } from "../../src/protocol/series-key.ts";
import type { Sample } from "../../src/protocol/snapshot.ts";
import { NdjsonWriter } from "../../src/runs/ndjson.ts";
import { DESCRIPTIONS_FILE, SECONDS_FILE } from "../../src/runs/run-file.ts";
import { describeTraffic } from "../../src/workloads/workspace-traffic/describe.ts";
import { said } from "../webview/fixtures.ts";
import { type OpenPanel, panelForEach } from "../webview/harness.ts";
import { trafficSnapshot } from "../webview/traffic-fixtures.ts";

const HOURS = 8;
const PLACES = 8;
const SERIES = 50;
const panels = panelForEach();

/** A number that looks like chance, the same each time. */
function chance(seed: number): number {
  const x = Math.sin(seed * 12.9898) * 43_758.5453;
  return x - Math.floor(x);
}

/** What one of eight places measures in a second: 200 round trips of each transport, and counters. */
function measuredBy(place: number, second: number): Record<string, Value> {
  const values: Record<string, Value> = {};
  for (const transport of ["pty", "ssh", "app"]) {
    const trips = new Durations();
    for (let n = 0; n < 200; n++) {
      const wide = chance(second * 7_919 + place * 131 + n);
      trips.record(4 + 3 * wide + (wide > 0.98 ? 200 * chance(n + second) : 0));
    }
    values[seriesKey("round_trip", { transport })] = trips.value();
  }
  for (let n = Object.keys(values).length; n < SERIES - 2; n++)
    values[seriesKey("ticks", { transport: "pty", outcome: `o${n}` })] = counted(200 + n);
  values[seriesKey("place_busy", { place: String(place) })] = look(0.2);
  values.outstanding = look(3);
  return values;
}

/** Gives a panel the seconds of a run. Resolves with the milliseconds until its charts are drawn. */
async function drawn({ page, send }: OpenPanel, samples: Sample[]): Promise<number> {
  const began = performance.now();
  await send(
    { type: "connection", state: "attached" },
    { type: "series", samples },
    said(trafficSnapshot(HOURS * 3_600_000)),
  );
  await page.getByRole("img", { name: /^Round trip, from 00:00 to 8:00:00/ }).waitFor();
  return performance.now() - began;
}

it("eight hours of eight places stay under 300 MB; a panel opens those of a run that did not come to its end in under two seconds", async () => {
  const folder = mkdtempSync(path.join(tmpdir(), "hours-"));
  try {
    const file = await NdjsonWriter.open(path.join(folder, SECONDS_FILE));
    const described = await NdjsonWriter.open(path.join(folder, DESCRIPTIONS_FILE));
    await described.append({
      step: "workspace-traffic",
      description: describeRun(describeTraffic(4_000, 10)),
    });
    await described.close();
    let written = Promise.resolve();
    const collector = new Collector({
      graceS: 0,
      onSecond: (second) => {
        written = file.append(packed(second));
      },
    });
    const seconds = HOURS * 3_600;
    for (let second = 0; second < seconds; second++) {
      for (let place = 0; place < PLACES; place++)
        collector.take({
          second,
          place: String(place),
          step: "workspace-traffic",
          part: 0,
          values: { measured: measuredBy(place, second) },
          ms: 1_000,
        });
      collector.advance(second + 1);
      await written;
    }
    collector.end();
    await written;
    await file.close();
    const bytes = statSync(path.join(folder, SECONDS_FILE)).size;
    const began = performance.now();
    const series = await readSeries(folder);
    const readMs = performance.now() - began;
    const panel = await panels.open();
    const drawnMs = await drawn(panel, series?.samples ?? []);
    console.log(
      `8 h: ${(bytes / 1e6).toFixed(0)} MB on disk, read in ${readMs.toFixed(0)} ms, drawn in ${drawnMs.toFixed(0)} ms`,
    );
    if (process.env.PICTURES)
      await panel.page.screenshot({ path: `${process.env.PICTURES}/eight-hours.png` });
    expect(readMs + drawnMs).toBeLessThan(2_000);
    expect(panel.complaints).toEqual([]);
    expect(series?.samples.at(0)?.second).toBeLessThan(60);
    expect(series?.samples.at(-1)?.second).toBeGreaterThan(seconds - 60);
    expect(series?.samples.length).toBeGreaterThan(400);
    expect(series?.samples.length).toBeLessThan(2_000);
    expect(bytes).toBeLessThan(300e6);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}, 600_000);

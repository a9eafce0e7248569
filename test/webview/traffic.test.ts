import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import type { Outcome, Snapshot } from "../../src/protocol/snapshot.ts";
import type { Traffic } from "../../src/protocol/traffic.ts";
import { seriousViolations } from "./axe.ts";
import { fixtureRows } from "./fixtures.ts";
import { type OpenOptions, type OpenPanel, panelForEach } from "./harness.ts";
import { THEMES } from "./themes.ts";
import { endedTrafficSamples, trafficAt, trafficSamples, trafficSnapshot } from "./traffic-fixtures.ts";

const AT = 40_000;
const panels = panelForEach();

type Options = OpenOptions & {
  at?: number;
  traffic?: Partial<Traffic>;
  changes?: Partial<Snapshot>;
};

async function midRun({ at = AT, traffic, changes, ...options }: Options = {}): Promise<OpenPanel> {
  const panel = await panels.open(options);
  await panel.serveRows(
    fixtureRows(100, 60_000).map((row) => ({ ...row, bytesRead: 1_234_567, bytesWritten: 1_240_000 })),
  );
  await panel.send(
    { type: "connection", state: "attached" },
    { type: "series", samples: trafficSamples(at) },
    { type: "snapshot", snapshot: trafficSnapshot(at, traffic, changes) },
  );
  await panel.page.getByRole("row", { name: /scaletest-k3x9q2ab-0/ }).waitFor();
  return panel;
}

/** One of the large numbers, as it is read. */
async function figure(page: Page, label: string): Promise<string> {
  const text = await page.locator(".figures > div", { has: page.getByText(label) }).innerText();
  return text.replaceAll("\u202f", " ").split("\n").slice(1).join(" | ");
}

const thresholds: Snapshot["thresholds"] = [
  {
    expression: "round_trip.p95<200ms",
    label: "Round trip p95",
    limit: "< 200ms",
    observed: "40ms",
    state: "met",
  },
  {
    expression: "connections.dropped<1",
    label: "Connections dropped",
    limit: "< 1",
    observed: "5",
    state: "broken",
  },
];

describe.each(THEMES)("in the $name theme", (theme) => {
  it("has no serious accessibility violation in the middle of a run that goes badly", async () => {
    const traffic = trafficAt(AT);
    const shards = traffic.shards.map((shard, index) => ({ ...shard, alive: index > 0 }));
    const { page, complaints } = await midRun({
      theme,
      traffic: { shards, invalid: "generator saturated: ticks came late" },
      changes: { thresholds },
    });
    expect(await seriousViolations(page)).toEqual([]);
    await page.getByRole("row", { name: /scaletest-k3x9q2ab-5 / }).click();
    expect(await seriousViolations(page)).toEqual([]);
    expect(complaints).toEqual([]);
  });
});

it("has charts, figures and tables of traffic, and none of a creation", async () => {
  const { page } = await midRun();
  const images = await page
    .getByRole("img")
    .evaluateAll((all) => all.map((node) => node.getAttribute("aria-label")?.split(",")[0] ?? ""));
  expect(images.filter((name) => !/^p\d\d/.test(name))).toEqual([
    "Round trip",
    "Throughput",
    "Connections",
    "Generator",
  ]);
  expect(await page.getByRole("listbox", { name: /^Waterfall/ }).count()).toBe(0);
  expect(await page.getByText("Becoming ready").count()).toBe(0);
  expect(await figure(page, "Part of the run")).toBe("Measuring | 01:40 left");
  expect(await figure(page, "Connections active")).toBe(
    "100 of 100 | 1 failed to open · 5 dropped · 5 reconnected",
  );
  expect(await figure(page, "Achieved now")).toBe(
    "1,000 of 1,000 messages/s | 4.00 MB/s of 4.00 MB/s · 100 %",
  );
  expect(await figure(page, "Round trip p95, measured")).toBe("40ms | p50 12ms · p99 73ms");
  expect(await figure(page, "Messages lost or wrong")).toBe("2 of 19,969 | 2 lost · 0.15 % missed");
  expect(await figure(page, "Generator")).toBe("healthy 0.40 cores | late p99 2.4ms of 10ms");
  expect(await page.getByRole("row", { name: /^1006 ended without a close frame 5 24\.3s$/ }).count()).toBe(
    1,
  );
  expect(await page.getByText("invalid if later than 10ms for 5 s").count()).toBe(1);
});

it("goes through its parts, with the time that is left where it is known", async () => {
  const { page, send } = await midRun({ at: 5_000 });
  expect(await figure(page, "Part of the run")).toBe("Opening | not measured yet");
  expect(await page.getByText("The measured part has not begun.").isVisible()).toBe(true);
  const parts = [
    [15_000, {}, "Warming up | 02:05 left · not measured yet"],
    [140_000, { part: "draining", remainingMs: 0 }, "Draining | waiting for the last echoes"],
    [150_000, { part: "over", remainingMs: 0 }, "Over | figures of the measured part"],
  ] as const;
  for (const [at, traffic, told] of parts) {
    await send({ type: "snapshot", snapshot: trafficSnapshot(at, traffic) });
    expect(await figure(page, "Part of the run")).toBe(told);
  }
  expect(await figure(page, "Connections opened")).toMatch(/^99 of 100/);
});

it("says in the legends what the part that is shown comes to, while nothing is pointed at", async () => {
  const { page, send } = await midRun();
  const chart = (title: string) => page.getByRole("region", { name: title });
  const legend = (title: string) => chart(title).locator(".legend").innerText();
  expect(await legend("Throughput")).toMatch(
    /offered\s*mean 1,000\/s · 4\.00 MB\/s\s*achieved\s*mean 877\/s/,
  );
  expect(await legend("Connections")).toMatch(/active\s*max 100/);
  await page.mouse.move(0, 0);
  const ended = trafficSnapshot(60_000, { part: "over", remainingMs: 0 }, { state: "finished" });
  await send({ type: "series", samples: endedTrafficSamples(60_000) });
  await send({ type: "snapshot", snapshot: ended });
  // The result's own, as the large numbers above have them.
  expect(await legend("Round trip")).toMatch(/p50\s*12ms\s*p95\s*40ms\s*p99\s*73ms/);
  expect(await legend("Throughput")).toMatch(
    /offered\s*1,000\/s · 4\.00 MB\/s\s*achieved\s*997\/s · 3\.99 MB\/s/,
  );
  expect(await page.getByRole("img", { name: /^Round trip, measured: 12ms p50/ }).count()).toBe(1);
  const results = page.getByRole("region", { name: "Results" });
  expect(await results.getByRole("row", { name: /^achieved/ }).textContent()).toContain(
    "997 messages/s · 3.99 MB/s",
  );
  expect(await page.getByText("Measured so far").count()).toBe(0);
  await page.getByRole("button", { name: "Zoom in" }).click();
  await page.getByRole("img", { name: /^Round trip, from 00:15 to 00:46: / }).waitFor();
});

it("says by a banner that the figures are not to be trusted, for as long as that is so", async () => {
  const { page, send } = await midRun();
  const banner = page.getByRole("status").filter({ hasText: "Measurement invalid" });
  expect(await banner.count()).toBe(0);
  const invalid = "generator saturated: ticks were sent up to 44ms late";
  await send({ type: "snapshot", snapshot: trafficSnapshot(AT, { invalid }) });
  expect(await banner.textContent()).toContain(invalid);
  expect(await figure(page, "Generator")).toMatch(/^saturated/);
  const outcome: Outcome = {
    verdict: "invalid",
    summary: `invalid: ${invalid}`,
    succeeded: 100,
    failed: 0,
    orphans: 0,
    kept: 0,
    exitCode: 4,
  };
  await send({
    type: "snapshot",
    snapshot: trafficSnapshot(AT, { invalid }, { state: "finished", outcome }),
  });
  expect(await banner.count()).toBe(0);
  expect(
    await page
      .getByRole("status")
      .filter({ hasText: `Invalid${outcome.summary}` })
      .count(),
  ).toBe(1);
});

it("names the shards that died", async () => {
  const shards = trafficAt(AT).shards.map((shard) => ({ ...shard, alive: shard.shard !== 1 }));
  const { page } = await midRun({ traffic: { shards } });
  const section = page.getByRole("region", { name: "Shards" });
  expect(await section.getByText("1 shard died: 1").isVisible()).toBe(true);
  expect(await section.getByRole("row", { name: "1 died" }).textContent()).toBe("1 died––––");
});

it("has a column for each transport where there are several, and their sum", async () => {
  const { total } = trafficAt(AT);
  const { page } = await midRun({ traffic: { ssh: total } });
  const table = page.getByRole("region", { name: "Measured so far" });
  const heads = table.getByRole("columnheader");
  expect(await heads.allTextContents()).toEqual(["Measured", "web terminal", "SSH", "all"]);
  expect(
    await table
      .getByRole("row", { name: /^echoes lost/ })
      .getByRole("cell")
      .allTextContents(),
  ).toEqual(["2", "2", "2"]);
});

it("has in its table what went through each workspace, the least first", async () => {
  const { page, posted } = await midRun();
  await page.getByRole("row", { name: /scaletest-k3x9q2ab-5 .*1\.24 MB 1\.23 MB$/ }).waitFor();
  expect(await page.getByRole("columnheader", { name: "Phases over time" }).count()).toBe(0);
  await page.getByRole("columnheader", { name: "Read", exact: true }).getByRole("button").click();
  const asked = async () => (await posted()).findLast(({ type }) => type === "page");
  await expect.poll(asked).toMatchObject({ query: { sort: "bytesRead", descending: false } });
});

it("says in a workspace's details how much went through it", async () => {
  const { page } = await midRun();
  await page.getByRole("row", { name: /scaletest-k3x9q2ab-5 / }).click();
  const detail = page.getByRole("complementary", { name: "Workspace" });
  await detail.getByText(/1\.23 MB read · 1\.24 MB written/).waitFor();
});

it("keeps a spike of one second in the picture of an hour", async () => {
  const { page, send } = await midRun();
  const hour = Array.from({ length: 3_600 }, (_, second) => {
    const [sample] = trafficSamples(30_000).slice(-1);
    if (!sample?.traffic) throw new Error("no sample");
    const spike = second === 1_801;
    const roundTrip = { count: 10, p50: 5, p95: 8, p99: spike ? 4_321 : 9, max: 10 };
    return { ...sample, t: (second + 1) * 1_000, traffic: { ...sample.traffic, roundTrip } };
  });
  await send({ type: "series", samples: hour });
  const chart = page.getByRole("img", { name: /^Round trip, / });
  const box = await chart.boundingBox();
  if (!box) throw new Error("no chart");
  const spoken = async () => (await chart.getAttribute("aria-label")) ?? "";
  for (let x = -4; x <= 4 && !(await spoken()).includes("4.32s p99"); x++) {
    await page.mouse.move(box.x + 40 + (box.width - 58) * 0.5 + x, box.y + 60);
  }
  expect(await spoken()).toContain("4.32s p99");
});

it.each([360, 3_840])("does not scroll sideways at %i pixels", async (width) => {
  const { page } = await midRun({ width, height: 900, changes: { thresholds } });
  const widths = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
  expect(widths[0]).toBeLessThanOrEqual(widths[1] ?? 0);
});

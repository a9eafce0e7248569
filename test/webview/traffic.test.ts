import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import type { Outcome, Sample } from "../../src/protocol/snapshot.ts";
import { english, foreign, say } from "../../src/text/message.ts";
import type { OneStep } from "../one-step.ts";
import { seriousViolations } from "./axe.ts";
import type { Numbers } from "./described.ts";
import { fixtureRows, said } from "./fixtures.ts";
import { type OpenOptions, type OpenPanel, panelForEach } from "./harness.ts";
import { THEMES } from "./themes.ts";
import {
  endedTraffic,
  endedTrafficSamples,
  OVER,
  ofTransport,
  trafficNumbers,
  trafficSample,
  trafficSamples,
  trafficSnapshot,
} from "./traffic-fixtures.ts";

const AT = 40_000;
const panels = panelForEach();

type Options = OpenOptions & { at?: number; numbers?: Numbers; changes?: Partial<OneStep> };

async function midRun({ at = AT, numbers, changes, ...options }: Options = {}): Promise<OpenPanel> {
  const panel = await panels.open({ state: { tab: "workspaces" }, ...options });
  await panel.serveRows(
    fixtureRows(100, 60_000).map((row) => ({
      ...row,
      values: { bytes_read: 1_234_567, bytes_written: 1_240_000 },
    })),
  );
  await panel.send(
    { type: "connection", state: "attached" },
    { type: "series", samples: trafficSamples(at) },
    said(trafficSnapshot(at, numbers, changes)),
  );
  await panel.page.getByRole("row", { name: /scaletest-k3x9q2ab-0/ }).waitFor();
  return panel;
}

/** One of the large numbers, as it is read. */
async function figure(page: Page, label: string): Promise<string> {
  const text = await page.locator(".cards > div", { has: page.getByText(label) }).innerText();
  return text.replaceAll("\u202f", " ").split("\n").slice(1).join(" | ");
}

const thresholds: OneStep["thresholds"] = [
  {
    expression: "round_trip.p95<200ms",
    label: say("Round trip p95"),
    limit: say("< 200ms"),
    observed: say("40ms"),
    state: "met",
  },
  {
    expression: "connections.dropped<1",
    label: say("Connections dropped"),
    limit: say("< 1"),
    observed: say("5"),
    state: "broken",
  },
];

const INVALID = {
  measured: 20,
  valid: 12,
  tooFew: true,
  first: { second: 31, reason: say("generator saturated: messages were sent up to 44ms late") },
};

/** Seconds of which the last eight are left out. */
function withLeftOut(until: number): Sample[] {
  return trafficSamples(until).map((sample) =>
    sample.second < 31 ? sample : { ...sample, invalid: INVALID.first.reason },
  );
}

describe.each(THEMES)("in the $name theme", (theme) => {
  it("has no serious accessibility violation in the middle of a run that goes badly", async () => {
    const { page, send, complaints } = await midRun({ theme, changes: { thresholds, validity: INVALID } });
    await send({ type: "series", samples: withLeftOut(AT) });
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
  expect(await page.getByText("Ready rate").count()).toBe(0);
  expect(await figure(page, "Phase")).toBe("Measuring | 01:40 left");
  expect(await figure(page, "Connections active")).toBe(
    "100 of 100 | 1 failed to open · 5 dropped · 5 reconnected",
  );
  expect(await figure(page, "Achieved now")).toBe("1,000/s of 1,000/s | 4.00 MB/s of 4.00 MB/s · 100 %");
  expect(await figure(page, "Round trip p95")).toBe("40ms | p50 12ms · p99 73ms");
  expect(await figure(page, "Messages lost")).toBe("2 of 19,969 | 31 missed");
  expect(await figure(page, "Generator")).toBe("OK 0.40 cores | late p99 1.4ms, limit 10ms");
  await page.getByRole("tab", { name: "Messages" }).click();
  expect(await page.getByRole("row", { name: /^1006 ended without a close frame 5 24\.3s$/ }).count()).toBe(
    1,
  );
  expect(await page.getByRole("row", { name: /^1 50 2\.4ms 21 % 0 B$/ }).count()).toBe(1);
});

it("goes through its parts, with the time that is left where it is known", async () => {
  const { page, send } = await midRun({ at: 5_000 });
  expect(await figure(page, "Phase")).toBe("Opening | not measured yet");
  await page.getByRole("tab", { name: "Messages" }).waitFor();
  const draining = { id: "draining", label: say("draining"), remainingMs: 0, over: false };
  const parts = [
    [15_000, {}, "Warming up | 02:05 left · not measured yet"],
    [140_000, { part: draining }, "Draining | waiting for the last answers"],
    [150_000, { part: OVER }, "Finished | final figures"],
  ] as const;
  for (const [at, changes, told] of parts) {
    await send(said(trafficSnapshot(at, {}, changes)));
    expect(await figure(page, "Phase")).toBe(told);
  }
  await send(said(endedTraffic(150_000)));
  expect(await figure(page, "Connections opened")).toMatch(/^99 of 100/);
  await send(said(trafficSnapshot(150_000, {}, { figures: {} })));
  expect(await page.getByRole("tab", { name: "Messages" }).count()).toBe(0);
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
  const ended = endedTraffic(60_000);
  await send({ type: "series", samples: endedTrafficSamples(60_000) });
  await send(said(ended));
  // The result's own, as the large numbers above have them.
  expect(await legend("Round trip")).toMatch(/p50\s*12ms\s*p95\s*40ms\s*p99\s*73ms/);
  expect(await legend("Throughput")).toMatch(
    /offered\s*1,000\/s · 4\.00 MB\/s\s*achieved\s*997\/s · 3\.99 MB\/s/,
  );
  expect(await page.getByRole("img", { name: /^Round trip, measured: 12ms p50/ }).count()).toBe(1);
  await page.getByRole("tab", { name: "Messages" }).click();
  const results = page.getByRole("region", { name: "Measured part" });
  expect(await results.getByRole("row", { name: /^achieved/ }).textContent()).toContain("997/s · 3.99 MB/s");
  await page.getByRole("button", { name: "Zoom in" }).click();
  await page.getByRole("img", { name: /^Round trip, from 00:15 to 00:46: / }).waitFor();
});

it("says by a banner that the figures are not to be trusted, for as long as that is so", async () => {
  const { page, send } = await midRun();
  const banner = page.getByRole("status").filter({ hasText: "Measurement invalid" });
  expect(await banner.count()).toBe(0);
  const invalid = english(INVALID.first.reason);
  await send(said(trafficSnapshot(AT, {}, { validity: INVALID })));
  expect(await banner.textContent()).toContain(invalid);
  expect(await figure(page, "Generator")).toBe("12 of 20 s valid | 8 s left out");
  const outcome: Outcome = {
    verdict: "invalid",
    summary: foreign(`invalid: ${invalid}`),
    succeeded: 100,
    failed: 0,
    orphans: 0,
    kept: 0,
    exitCode: 4,
  };
  await send(said(trafficSnapshot(AT, {}, { validity: INVALID, state: "finished", outcome })));
  expect(await banner.count()).toBe(0);
  expect(
    await page
      .getByRole("status")
      .filter({ hasText: `Invalid${english(outcome.summary)}` })
      .count(),
  ).toBe(1);
});

it("says which seconds are left out of its figures, and why where one is pointed at", async () => {
  const { page, send } = await midRun();
  const { first } = INVALID;
  const reason = english(first.reason);
  const validity = { measured: 20, valid: 12, tooFew: false, first };
  expect(await page.locator(".validity").isVisible()).toBe(false);
  await send({ type: "series", samples: withLeftOut(AT) });
  await send(said(trafficSnapshot(AT, {}, { validity })));
  const line = page.locator(".validity");
  expect(await line.innerText()).toBe(`12 of 20 s valid; the first left out at 00:31: ${reason}`);
  const chart = page.getByRole("img", { name: /^Round trip, / });
  const box = await chart.boundingBox();
  if (!box) throw new Error("no chart");
  await page.mouse.move(box.x + 40 + (box.width - 88) * (35 / 40), box.y + 60);
  await expect.poll(() => line.innerText()).toBe(`00:34 is left out: ${reason}`);
  expect(await chart.getAttribute("title")).toBe(`left out: ${reason}`);
  expect(await chart.getAttribute("aria-label")).toContain(`left out: ${reason}`);
  await page.mouse.move(box.x + 40 + (box.width - 88) * (20 / 40), box.y + 60);
  await expect.poll(() => line.innerText()).toMatch(/^12 of 20 s valid/);
  expect(await chart.getAttribute("title")).toBeNull();
});

it("tells what is left out from a pause by more than a word, for which there may be no room", async () => {
  const { page, send } = await midRun();
  const pictures: string[] = [];
  const marks = [{}, { paused: true as const }, { invalid: INVALID.first.reason }];
  for (const mark of marks) {
    const samples = trafficSamples(AT).map((sample) =>
      sample.second === 35 ? { ...sample, ...mark } : sample,
    );
    await send({ type: "series", samples });
    const picture = await page.getByRole("img", { name: /^Round trip, / }).screenshot();
    pictures.push(picture.toString("base64"));
  }
  expect(new Set(pictures).size).toBe(3);
});

it("has a column for each transport where there are several, and their sum", async () => {
  const { page } = await midRun({ numbers: ofTransport("ssh", trafficNumbers(AT)) });
  await page.getByRole("tab", { name: "Messages" }).click();
  const table = page.getByRole("region", { name: "Measured part" });
  const heads = table.getByRole("columnheader");
  expect(await heads.allTextContents()).toEqual(["Figure", "web terminal", "SSH", "all"]);
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
  await expect.poll(asked).toMatchObject({ query: { sort: "values.bytes_read", descending: false } });
});

it("says in a workspace's details how much went through it", async () => {
  const { page } = await midRun();
  await page.getByRole("row", { name: /scaletest-k3x9q2ab-5 / }).click();
  const detail = page.getByRole("complementary", { name: "Workspace" });
  await detail.getByText(/Written: 1\.24 MB · Read: 1\.23 MB/).waitFor();
});

it("keeps a spike of one second in the picture of an hour", async () => {
  const { page, send } = await midRun();
  const hour = Array.from({ length: 3_600 }, (_, second) => {
    const trips = {
      "round_trip.p50": 5,
      "round_trip.p95": 8,
      "round_trip.p99": second === 1_801 ? 4_321 : 9,
    };
    return { ...trafficSample(30_000, trips), second };
  });
  await send({ type: "series", samples: hour });
  const chart = page.getByRole("img", { name: /^Round trip, / });
  const box = await chart.boundingBox();
  if (!box) throw new Error("no chart");
  const spoken = async () => (await chart.getAttribute("aria-label")) ?? "";
  for (let x = -4; x <= 4 && !(await spoken()).includes("4.32s p99"); x++) {
    await page.mouse.move(box.x + 40 + (box.width - 88) * 0.5 + x, box.y + 60);
  }
  expect(await spoken()).toContain("4.32s p99");
});

it.each([360, 3_840])("does not scroll sideways at %i pixels", async (width) => {
  const { page } = await midRun({ width, height: 900, changes: { thresholds } });
  const widths = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
  expect(widths[0]).toBeLessThanOrEqual(widths[1] ?? 0);
});

it("updates within 8 ms of script at an hour of traffic, of which no result is known yet", async () => {
  const { page, send } = await midRun();
  const hour = Array.from({ length: 3_600 }, (_, second) => ({
    ...trafficSample(20_000 + (second % 60) * 1_000),
    second,
  }));
  await send({ type: "series", samples: hour });
  const updates = Array.from({ length: 40 }, (_, index) => [
    said(trafficSnapshot(AT + index * 250)),
    { type: "sample", sample: { ...trafficSample(AT), second: 3_600 + index } },
  ]);
  const times = await page.evaluate((all) => {
    return all.map((messages) => {
      const begin = performance.now();
      for (const data of messages) window.dispatchEvent(new MessageEvent("message", { data }));
      return performance.now() - begin;
    });
  }, updates);
  times.sort((a, b) => a - b);
  console.log(`an update takes ${(times[times.length / 2] ?? Number.NaN).toFixed(1)} ms`);
  // What else the machine has to do is in the slower ones; a panel that is slow itself is so in all of them.
  expect(times[3]).toBeLessThan(8);
});

it("marks in every chart when connections dropped, and how many", async () => {
  const { page } = await midRun();
  const names = await page
    .locator(".charts [role=img]")
    .evaluateAll((all) => all.map((chart) => chart.getAttribute("aria-label") ?? ""));
  expect(names).toHaveLength(4);
  for (const name of names) expect(name).toMatch(/5 dropped at 00:3\d$/);
});

it("writes what is marked above the lines of a chart, and hides none of them", async () => {
  const { page, send } = await midRun();
  /** In how many columns the chart shows a pixel of the line of what was achieved. */
  const shown = async () => {
    const chart = page.getByRole("img", { name: /^Throughput, / });
    return chart.locator("canvas").evaluate((canvas: HTMLCanvasElement) => {
      const probe = document.createElement("span");
      probe.style.color = "var(--colour-green)";
      document.body.append(probe);
      const [red, green, blue] = (getComputedStyle(probe).color.match(/[\d.]+/g) ?? []).map(Number);
      probe.remove();
      const data = canvas.getContext("2d")?.getImageData(0, 0, canvas.width, canvas.height).data ?? [];
      const columns = new Set<number>();
      for (let at = 0; at < data.length; at += 4)
        if (data[at] === red && data[at + 1] === green && data[at + 2] === blue)
          columns.add((at / 4) % canvas.width);
      return columns.size;
    });
  };
  const ofDrops = (dropped: number) => ({
    type: "series" as const,
    samples: Array.from({ length: AT / 1_000 }, (_, second) =>
      trafficSample((second + 1) * 1_000, { "connections.dropped": second === 15 ? dropped : 0 }),
    ),
  });
  await send(ofDrops(0));
  const plain = await shown();
  await send(ofDrops(12_345));
  expect(plain).toBeGreaterThan(100);
  expect(Math.abs((await shown()) - plain)).toBeLessThan(4);
});

it.each([860, 620, 420])("has no line for the time alone once the run has ended, at %d px", async (width) => {
  const { page, send } = await midRun({ width });
  const boxes = async () => {
    const [heading, time] = [page.locator("header .heading"), page.locator("header .time")];
    return { heading: await heading.boundingBox(), time: await time.boundingBox() };
  };
  const isBelow = async () => {
    const { heading, time } = await boxes();
    if (!heading || !time) throw new Error("it is not drawn");
    return time.y >= heading.y + heading.height;
  };
  // While it runs, its buttons need the line.
  expect(await isBelow()).toBe(true);
  await send(said(endedTraffic(150_000)));
  await expect.poll(isBelow).toBe(false);
});

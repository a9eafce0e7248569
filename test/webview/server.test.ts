import { describe, expect, it } from "vitest";
import { withServer } from "../../src/contract/server-description.ts";
import { figureKey } from "../../src/protocol/figure-key.ts";
import type { Sample } from "../../src/protocol/snapshot.ts";
import { seriousViolations } from "./axe.ts";
import { fixtureRows, said } from "./fixtures.ts";
import { panelForEach } from "./harness.ts";
import { THEMES } from "./themes.ts";
import { TRAFFIC, trafficSamples, trafficSnapshot } from "./traffic-fixtures.ts";

const panels = panelForEach();
const AT_MS = 60_000;

const DESCRIPTION = withServer(TRAFFIC, {
  pages: ["10.0.0.7:2112"],
  hasProcess: true,
  pagesEvery: 2,
  jobsEvery: 8,
  daemonsEvery: 16,
  statsEvery: 32,
});

/** A deployment that comes to its limit of CPU as the connections open; it is looked at every second second. */
function serverNumbers(second: number): Record<string, number> {
  const load = Math.min(1, Math.max(0, (second - 2) / 12));
  const wave = 1 + 0.06 * Math.sin(second);
  return {
    "server_cpu.mean": 0.1 + 1.85 * load * wave,
    "server_memory.mean": 180e6 + 160e6 * load + second * 5e5,
    "server_latency.p95": 8 + 240 * load ** 3 * wave,
    "server_requests.mean": 3 + 420 * load * wave,
    'server_requests{status="5xx"}.mean': load === 1 && second % 8 === 0 ? 2 : 0,
    'server_requests{status="429"}.mean': 0,
    'server_db_connections{state="in_use"}.mean': Math.round(9 * load * wave),
    "server_db_most.mean": 10,
    "server_query.p95": 3 + 40 * load ** 2 * wave,
    "server_websockets.mean": Math.round(100 * load),
    'server_agents{status="connected"}.mean': 100,
    ...(second % 8 === 0
      ? {
          'server_jobs{state="waiting"}.mean': 0,
          'server_jobs{state="running"}.mean': 0,
          "server_job_wait.mean": 0,
        }
      : {}),
    ...(second % 16 === 0 ? { 'server_daemons{state="idle"}.mean': 3 } : {}),
  };
}

function samples(): Sample[] {
  const keys = DESCRIPTION.series.map(figureKey);
  return trafficSamples(AT_MS).map((sample) => {
    const numbers = sample.second % 2 === 0 ? serverNumbers(sample.second) : {};
    return { ...sample, values: keys.map((key, at) => numbers[key] ?? sample.values[at] ?? null) };
  });
}

/** Names that coderd has. */
const LONG = "GetProvisionerJobsByOrganizationAndStatusWithQueuePositionAndProvisioner";
const QUERIES = Object.fromEntries(
  [LONG, "GetAPIKeyByID"].flatMap((query) =>
    ["p95", "p50", "count"].map((figure) => [
      figureKey({ metric: "server_query", figure, labels: { query } }),
      { value: 20, unit: figure === "count" ? ("count" as const) : ("duration" as const) },
    ]),
  ),
);

async function open(theme: (typeof THEMES)[number]) {
  const panel = await panels.open({ theme, height: 2_000 });
  await panel.serveRows(fixtureRows(100, 60_000));
  const { figures } = trafficSnapshot(AT_MS);
  const shown = trafficSnapshot(AT_MS, {}, { description: DESCRIPTION, figures: { ...figures, ...QUERIES } });
  await panel.send(
    { type: "connection", state: "attached" },
    { type: "series", samples: samples() },
    said(shown),
  );
  await panel.page.getByRole("tab", { selected: true }).waitFor();
  return panel;
}

describe("the deployment's own figures in the panel", () => {
  for (const theme of THEMES)
    it(`are charts beside those of the load, on the same axis (${theme.name})`, async () => {
      const { page, complaints } = await open(theme);
      const titles = await page.locator(".chart h2").allInnerTexts();
      expect(titles.slice(-5)).toEqual([
        "Server: CPU and memory",
        "Server: API",
        "Server: database",
        "Server: provisioners",
        "Server: connections",
      ]);
      expect(titles.length).toBeGreaterThan(5);
      // Every other second has no look: what is pointed at there is what the last one had.
      const cpu = page.getByRole("img", { name: /^Server: CPU and memory/ });
      await expect.poll(() => cpu.getAttribute("aria-label")).toMatch(/cores.*memory/);
      const box = await cpu.boundingBox();
      await page.mouse.move((box?.x ?? 0) + (box?.width ?? 0) * 0.71, (box?.y ?? 0) + 40);
      await expect.poll(() => cpu.getAttribute("aria-label")).toMatch(/at 00:\d\d: (?!–)/);
      const provisioners = page.getByRole("img", { name: /^Server: provisioners/ });
      await expect.poll(() => provisioners.getAttribute("aria-label")).toMatch(/3 daemons idle/);
      await page.getByRole("tab", { name: "Server" }).click();
      await page.getByRole("row", { name: new RegExp(LONG) }).waitFor();
      const room = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      expect(room).toBeLessThanOrEqual(0);
      expect(await seriousViolations(page)).toEqual([]);
      expect(complaints).toEqual([]);
      if (process.env.PICTURES)
        await page.screenshot({ path: `${process.env.PICTURES}/server-${theme.name}.png`, fullPage: true });
    });
});

import { expect, it } from "vitest";
import type { OneStep } from "../one-step.ts";
import { fixtureRows, fixtureSamples, fixtureSnapshot, said } from "./fixtures.ts";
import { type OpenPanel, panelForEach } from "./harness.ts";
import { cutOff, outside, pseudoTexts, textsOf } from "./pseudo.ts";
import { trafficSamples, trafficSnapshot } from "./traffic-fixtures.ts";

const COUNT = 200;
const AT = 22_000;
const TRAFFIC_AT = 45_000;
const texts = pseudoTexts();
const { open } = panelForEach();

/** What the panel is told and does not say of itself: names, addresses, and what a server said. */
const DATA = [
  "create-workspaces 200 × kubernetes",
  "web terminal traffic, 10 messages/s × 4 KB a connection",
  "coder.example.com",
  "v2.26.1",
  /scaletest-k3x9q2ab-\d+/g,
  'pods "main" is forbidden: exceeded quota',
  /terraform apply: exit status 1/g,
  "too much load on relay 3",
  "build_failed",
  "req-7f3a",
  // A threshold as it was typed, which is its tooltip.
  /[a-z_]+\.(p\d\d|rate|max)[<>]=?[\d.]+(ms|s|m|%)/g,
];
/** Figures with their units, percentiles, clocks, and the signs between them. */
const FIGURES =
  /^[KMG]?B\/s$|\d[\d,.:]*\s?(ms|s|m|h|%|B|KB|MB|GB|[kMG])?(\/s)?(?![a-z])|\d+m\d+s|\bp(50|95|99)\b|[·…–—✓✕✗▸▾▴×−+<>=,.:;()|/%\s]/g;

function left(text: string): string {
  let rest = outside(text);
  for (const one of DATA) rest = rest.replaceAll(one, "");
  return rest.replace(FIGURES, "");
}

async function expectTranslated(panel: OpenPanel): Promise<void> {
  const said = await textsOf(panel.page);
  expect(said.filter((text) => text.includes("⟦")).length).not.toBe(0);
  expect(said.filter((text) => left(text) !== "").map((text) => `${left(text)}  ←  ${text}`)).toEqual([]);
}

const thresholds: NonNullable<OneStep["thresholds"]> = [
  {
    expression: "ready.p95<12s",
    label: "Time to ready p95",
    limit: "< 12s",
    observed: "14.2s",
    state: "broken",
  },
  { expression: "queue.p99<60s", label: "Queue p99", limit: "< 60s", observed: "8.1s", state: "met" },
  { expression: "failures.rate<1%", label: "Failure rate", limit: "< 1 %", observed: null, state: "pending" },
];
const warnings = [
  "Rate limit: 512 requests a minute for each path: creating 2000 users waits at least 2m54s; the waiting is counted apart and fails nothing; CODER_API_RATE_LIMIT=-1 on the server turns the limit off",
  "the run's folder cannot be written (too much load on relay 3); its record is incomplete",
];

async function creation(width: number, changes: Partial<OneStep> = {}): Promise<OpenPanel> {
  const panel = await open({ texts, width, height: 1400 });
  await panel.serveRows(fixtureRows(COUNT, AT));
  await panel.send(
    { type: "connection", state: "attached" },
    said(fixtureSnapshot(COUNT, AT, { thresholds, warnings, ...changes })),
    { type: "series", samples: fixtureSamples(COUNT, AT) },
  );
  await panel.page.getByRole("row", { name: /scaletest-k3x9q2ab-0 / }).waitFor();
  return panel;
}

for (const width of [360, 1440]) {
  it(`has every text of a creation from the bundle, and room for it at ${width} pixels`, async () => {
    const panel = await creation(width);
    await expectTranslated(panel);
    expect(await cutOff(panel.page)).toEqual([]);
    expect(panel.complaints).toEqual([]);
  });

  it(`has every text of a workspace's details from the bundle at ${width} pixels`, async () => {
    const panel = await creation(width);
    await panel.page.getByRole("button", { name: "scaletest-k3x9q2ab-41" }).first().click();
    await panel.page.getByRole("complementary").waitFor();
    await expectTranslated(panel);
    expect(await cutOff(panel.page)).toEqual([]);
  });

  it(`has every text of traffic from the bundle, and room for it at ${width} pixels`, async () => {
    const panel = await open({ texts, width, height: 1400 });
    await panel.send({ type: "connection", state: "attached" }, said(trafficSnapshot(TRAFFIC_AT)), {
      type: "series",
      samples: trafficSamples(TRAFFIC_AT),
    });
    await panel.page.getByRole("heading", { name: /⟦Dropped connections/ }).waitFor();
    await expectTranslated(panel);
    expect(await cutOff(panel.page)).toEqual([]);
  });
}

it("tells an end, and a loss, in the editor's language", async () => {
  const panel = await creation(800, {
    state: "finished",
    outcome: {
      verdict: "failed",
      summary: `threshold broken: Time to ready p95 14.2s, wanted < 12s; 198 succeeded, 2 failed: 2 build failed: terraform apply: exit status 1; 3 left behind on the deployment`,
      succeeded: 198,
      failed: 2,
      orphans: 3,
      kept: 0,
      exitCode: 99,
    },
  });
  await expectTranslated(panel);
  await panel.send(said(fixtureSnapshot(COUNT, AT)), { type: "connection", state: "lost" });
  await panel.page.getByText("⟦The connection to the run is lost").filter({ visible: true }).waitFor();
  await expectTranslated(panel);
});

it("is in the editor's language from the first moment", async () => {
  const panel = await open({ texts });
  expect(await panel.page.locator("html").getAttribute("lang")).toBe("en-XA");
  expect(await panel.page.getByText("⟦Connecting to the run…").isVisible()).toBe(true);
  await expect(textsOf(panel.page)).resolves.toHaveLength(1);
});

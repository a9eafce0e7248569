import { expect, it } from "vitest";
import { summarize } from "../../src/engine/answer/causes.ts";
import { verdictOf } from "../../src/engine/answer/verdict.ts";
import { foreign, say } from "../../src/text/message.ts";
import { checkRateLimit } from "../../src/workloads/preflight/deployment-checks.ts";
import { sayCheck } from "../../src/workloads/preflight/preflight.ts";
import type { OneStep } from "../one-step.ts";
import { fixtureRows, fixtureSamples, fixtureSnapshot, said } from "./fixtures.ts";
import { type OpenPanel, panelForEach } from "./harness.ts";
import { cutOff, pseudoTexts, textsOf, untold } from "./pseudo.ts";
import { STEPS_SAMPLES, stepsSnapshot } from "./steps-fixtures.ts";
import { trafficSamples, trafficSnapshot } from "./traffic-fixtures.ts";

const COUNT = 200;
const AT = 22_000;
const TRAFFIC_AT = 45_000;
const texts = pseudoTexts();
const { open } = panelForEach();

/** What a person has called the steps, and their run. */
const STEP_NAMES = ["Tuesday, nine o'clock", "create", "terminals", "ssh", "drill"];

/** Which run it is, of whom, and when it was begun. */
const RUN = [/^k3x9q2ab$/g, "https://coder.example.com", "admin", /Nov 24, 2025, \d+:\d+ [AP]M/g];

async function expectTranslated(panel: OpenPanel, names: readonly string[] = []): Promise<void> {
  const said = await textsOf(panel.page);
  expect(said.filter((text) => text.includes("⟦")).length).not.toBe(0);
  expect(untold(said, [...RUN, ...names])).toEqual([]);
}

const thresholds: NonNullable<OneStep["thresholds"]> = [
  {
    expression: "ready.p95<12s",
    label: say("{0} {1}", say("Time to ready"), "p95"),
    limit: foreign("< 12s"),
    observed: foreign("14.2s"),
    state: "broken",
  },
  {
    expression: "queue.p99<60s",
    label: say("{0} {1}", say("Queue"), "p99"),
    limit: say("{0} over {1}", "< 60s", "30s"),
    observed: say("{0} in the worst of {1} windows", foreign("8.1s"), 51),
    state: "met",
  },
  {
    expression: "failures.rate<1%",
    label: say("Failure rate"),
    limit: foreign("< 1 %"),
    observed: null,
    state: "pending",
  },
];
const intended = { workspaces: 2_000, concurrency: 0, ssh: true, timeoutMs: 0, jobTimeoutMs: 0 };
const warnings = [
  sayCheck(checkRateLimit(512, { ...intended, createsUsers: true })),
  say("the run's folder cannot be written ({0}); its record is incomplete", "too much load on relay 3"),
];

/** Looks at each tab in turn. */
async function inEachTab({ page }: OpenPanel, look: () => Promise<void>): Promise<void> {
  for (const tab of await page.getByRole("tab").all()) {
    await tab.click();
    await look();
  }
}

async function creation(width: number, changes: Partial<OneStep> = {}): Promise<OpenPanel> {
  const panel = await open({ texts, width, height: 1400 });
  await panel.serveRows(fixtureRows(COUNT, AT));
  await panel.send(
    { type: "connection", state: "attached" },
    said(fixtureSnapshot(COUNT, AT, { thresholds, warnings, ...changes })),
    { type: "series", samples: fixtureSamples(COUNT, AT) },
  );
  await panel.page.getByRole("tab", { selected: true }).waitFor();
  return panel;
}

for (const width of [360, 1440]) {
  it(`has every text of a creation from the bundle, and room for it at ${width} pixels`, async () => {
    const panel = await creation(width);
    await panel.page.getByRole("region", { name: "⟦Log" }).waitFor();
    await inEachTab(panel, async () => {
      await expectTranslated(panel);
      expect(await cutOff(panel.page)).toEqual([]);
    });
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
    await panel.page.getByRole("tab", { selected: true }).waitFor();
    await inEachTab(panel, async () => {
      await expectTranslated(panel);
      expect(await cutOff(panel.page)).toEqual([]);
    });
    await panel.page.getByRole("tab", { name: /⟦Messages/ }).click();
    await panel.page.getByRole("heading", { name: /⟦Disconnects by close code/ }).waitFor();
  });
}

it("has every text of several steps from the bundle: the lanes, and each step", async () => {
  const panel = await open({ texts, width: 1000, height: 1400 });
  await panel.send(
    { type: "connection", state: "attached" },
    { type: "snapshot", snapshot: stepsSnapshot() },
    { type: "series", samples: STEPS_SAMPLES },
  );
  await panel.page.getByRole("button", { name: "terminals" }).waitFor();
  await expectTranslated(panel, STEP_NAMES);
});

it("tells an end, and a loss, in the editor's language", async () => {
  const panel = await creation(800, {
    state: "finished",
    outcome: {
      verdict: "failed",
      summary: verdictOf({
        stopped: false,
        invalid: undefined,
        thresholds,
        failed: 2,
        mistake: undefined,
        orphans: 3,
        unknownLeft: undefined,
        left: { users: 1, workspaces: 1, tokens: 1 },
        summary: summarize(198, 2, 0, fixtureSnapshot(COUNT, AT).causes),
      }).summary,
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

import { describe, expect, it } from "vitest";
import type { Outcome } from "../../src/protocol/snapshot.ts";
import { english, foreign, say } from "../../src/text/message.ts";
import type { OneStep } from "../one-step.ts";
import { seriousViolations } from "./axe.ts";
import { fixtureRows, fixtureSample, fixtureSamples, fixtureSnapshot, noCounts, said } from "./fixtures.ts";
import { type OpenOptions, type OpenPanel, panelForEach } from "./harness.ts";
import { THEMES } from "./themes.ts";

const COUNT = 200;
const AT = 22_000;

const panels = panelForEach();

type Options = OpenOptions & { count?: number; changes?: Partial<OneStep> };
const WORKSPACES = { tab: "workspaces" };

/** A panel attached to a run in its middle, with the tab of its workspaces. */
async function midRun({ count = COUNT, changes = {}, ...options }: Options = {}): Promise<OpenPanel> {
  const panel = await panels.open({ state: WORKSPACES, ...options });
  await panel.serveRows(fixtureRows(count, AT));
  await panel.send(
    { type: "connection", state: "attached" },
    { type: "series", samples: fixtureSamples(Math.min(count, 200), AT) },
    said(fixtureSnapshot(count, AT, changes)),
  );
  await panel.page.getByRole("row", { name: /scaletest-k3x9q2ab-0/ }).waitFor();
  return panel;
}

const outcome: Outcome = {
  verdict: "failed",
  summary: say("198 succeeded, 2 failed: 2 builds failed: terraform apply: exit status 1"),
  succeeded: 198,
  failed: 2,
  orphans: 0,
  kept: 0,
  exitCode: 1,
};

describe.each(THEMES)("in the $name theme", (theme) => {
  it("shows a run in its middle without complaint", async () => {
    const { page, complaints } = await midRun({ theme });
    await expect
      .poll(() => page.getByRole("heading", { level: 1 }).textContent())
      .toBe("create-workspaces 200 × kubernetes");
    expect(await page.getByRole("listitem").filter({ hasText: "Create" }).textContent()).toContain(
      "87 of 200",
    );
    expect(await page.getByRole("img", { name: /^Workspaces, at 00:22: .*50 queued/ }).count()).toBe(1);
    expect(await page.getByRole("listbox", { name: /^Waterfall/ }).isVisible()).toBe(true);
    await page.getByRole("tab", { name: "Failures 2" }).click();
    await page.getByRole("button", { name: /2×\s*build failed: terraform apply/ }).waitFor();
    await page.getByRole("tab", { name: "Phases" }).click();
    expect(await page.getByRole("img", { name: /^mean: .*provision/ }).count()).toBe(1);
    for (const other of ["Disconnects by close code", "Places", "Measured part"])
      expect(await page.getByRole("region", { name: other }).count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  it("has no serious accessibility violation, with and without details", async () => {
    const { page } = await midRun({ theme });
    expect(await seriousViolations(page)).toEqual([]);
    await page.getByRole("tab", { name: "Failures" }).click();
    await page.getByRole("region", { name: "Log" }).waitFor();
    expect(await seriousViolations(page)).toEqual([]);
    await page.getByRole("button", { name: "scaletest-k3x9q2ab-41" }).click();
    await page.getByRole("complementary", { name: "Workspace" }).waitFor();
    expect(await seriousViolations(page)).toEqual([]);
  });
});

const sessionExpired = { since: 1_764_000_000_000, until: 1_764_000_600_000, user: "admin" };

describe.each(THEMES)("a session that has expired, in the $name theme", (theme) => {
  it("is told by a banner that has the way out, on a narrow panel too", async () => {
    const { page, posted } = await midRun({ theme, width: 400, changes: { sessionExpired } });
    const banner = page.getByRole("status").filter({ hasText: "The session has expired" });
    expect(await banner.textContent()).toMatch(
      /It was that of admin\. What needs it waits for a sign-in until \d/,
    );
    expect(await page.getByText("Session expired", { exact: true }).isVisible()).toBe(true);
    expect(await seriousViolations(page)).toEqual([]);
    await banner.getByRole("button", { name: "Sign In" }).click();
    expect((await posted()).at(-1)).toEqual({ type: "signIn" });
  });
});

describe("states", () => {
  it("says that it is connecting, and shows nothing else", async () => {
    const panel = await panels.open();
    expect(await panel.page.getByText("Connecting to the run…").isVisible()).toBe(true);
    expect(await panel.page.getByRole("button", { name: "Stop" }).count()).toBe(0);
    expect(await panel.posted()).toEqual([{ type: "ready" }]);
  });

  it("offers both ways to stop, and tells the editor which was taken", async () => {
    const { page, posted } = await midRun();
    await page.getByRole("button", { name: "Stop", exact: true }).click();
    await page.getByRole("button", { name: "Stop and keep" }).click();
    const stops = (await posted()).filter(({ type }) => type === "stop");
    expect(stops).toEqual([
      { type: "stop", keep: false },
      { type: "stop", keep: true },
    ]);
  });

  it("pauses and resumes", async () => {
    const { page, posted, send } = await midRun();
    await page.getByRole("button", { name: "Pause" }).click();
    await send(said(fixtureSnapshot(COUNT, AT, { paused: true })));
    expect(await page.getByText("Paused", { exact: true }).isVisible()).toBe(true);
    await page.getByRole("button", { name: "Resume" }).click();
    const asked = (await posted()).filter(({ type }) => type === "pause");
    expect(asked).toEqual([
      { type: "pause", paused: true },
      { type: "pause", paused: false },
    ]);
  });

  it("cannot be stopped twice, but what is being cleaned up can still be kept", async () => {
    const { page } = await midRun({ changes: { state: "cleaning" } });
    expect(await page.getByRole("button", { name: "Stop", exact: true }).isDisabled()).toBe(true);
    expect(await page.getByRole("button", { name: "Stop and keep" }).isEnabled()).toBe(true);
  });

  it("ends with the verdict, the summary and what is left on the server", async () => {
    const { page } = await midRun({ changes: { state: "finished", outcome } });
    const banner = page.getByRole("status").filter({ hasText: "2 failed" });
    expect(await banner.textContent()).toBe(
      `Failed${english(outcome.summary)} — nothing of this run is left on the server`,
    );
    expect(await page.getByRole("button", { name: "Stop", exact: true }).count()).toBe(0);
  });

  it("keeps what it knew when the runner is lost", async () => {
    const { page, send } = await midRun();
    await send({ type: "connection", state: "lost", message: "The runner ended." });
    expect(
      await page.getByRole("status").filter({ hasText: "The connection to the run is lost" }).isVisible(),
    ).toBe(true);
    expect(await page.getByRole("heading", { level: 1 }).isVisible()).toBe(true);
    expect(await page.getByRole("button", { name: "Stop", exact: true }).count()).toBe(0);
  });
});

describe("the table of workspaces", () => {
  it("draws only what is visible of 5,000, and scrolls to any of them", async () => {
    const { page } = await midRun({ count: 5_000 });
    const grid = page.getByRole("grid", { name: "Workspaces" });
    expect(await grid.getAttribute("aria-rowcount")).toBe("5001");
    expect(await grid.getByRole("row").count()).toBeLessThan(40);
    await grid.focus();
    await page.keyboard.press("End");
    await page.getByRole("row", { name: /scaletest-k3x9q2ab-4999 / }).waitFor();
    await page.getByRole("complementary", { name: "Workspace" }).waitFor();
    expect(await grid.getByRole("row").count()).toBeLessThan(40);
  });

  it("sorts by a column, the other way round at a second click", async () => {
    const { page } = await midRun();
    const head = page.getByRole("columnheader", { name: "Ready in" });
    await head.getByRole("button").click();
    await expect.poll(() => head.getAttribute("aria-sort")).toBe("descending");
    await head.getByRole("button").click();
    await expect.poll(() => head.getAttribute("aria-sort")).toBe("ascending");
    await page.getByRole("row", { name: /scaletest-k3x9q2ab-0 .*3\.6s/ }).waitFor();
  });

  it("filters by text and by state, and remembers both while hidden", async () => {
    const { page, state } = await midRun();
    await page.getByRole("combobox", { name: "Show workspaces in state" }).selectOption("failed");
    await page.getByRole("searchbox", { name: "Filter workspaces" }).fill("exit status");
    const query = { sort: "index", descending: false, filter: "exit status", state: "failed" };
    await expect.poll(state).toMatchObject({ runId: "k3x9q2ab", query });
    const rows = page.getByRole("grid", { name: "Workspaces" }).getByRole("row");
    await expect.poll(() => rows.count()).toBe(3);
  });

  it("comes back as it was left", async () => {
    const panel = await panels.open({
      state: {
        ...WORKSPACES,
        runId: "x",
        query: { sort: "readyMs", descending: true, filter: "-1", state: "active" },
      },
    });
    await panel.serveRows(fixtureRows(COUNT, AT));
    await panel.send({ type: "connection", state: "attached" }, said(fixtureSnapshot(COUNT, AT)));
    expect(await panel.page.getByRole("searchbox").inputValue()).toBe("-1");
    const asked = (await panel.posted()).find(({ type }) => type === "page");
    expect(asked).toMatchObject({
      query: { sort: "readyMs", descending: true, filter: "-1", state: "active" },
    });
  });

  it("leads from an error to its workspace, and from there to the log", async () => {
    const { page, posted } = await midRun();
    await page.getByRole("tab", { name: "Failures" }).click();
    await page.getByRole("button", { name: "scaletest-k3x9q2ab-41" }).click();
    const detail = page.getByRole("complementary", { name: "Workspace" });
    await detail.waitFor();
    expect(await detail.getByLabel("Log").textContent()).toContain("exceeded quota");
    await detail.getByRole("button", { name: "Open Whole Build Log" }).click();
    expect((await posted()).filter(({ type }) => type.startsWith("open"))).toEqual([
      { type: "openBuildLog", step: "create-workspaces", index: 41 },
    ]);
    await detail.getByRole("button", { name: "Open Log in Editor" }).click();
    expect((await posted()).filter(({ type }) => type === "openLog")).toEqual([
      { type: "openLog", step: "create-workspaces", index: 41 },
    ]);
    await page.keyboard.press("Tab");
    await detail.getByRole("button", { name: "Close details" }).click();
    expect(await detail.isVisible()).toBe(false);
  });
});

it("hides nothing of the details under the header, however many lines that has", async () => {
  const { page } = await midRun({ width: 950, height: 600 });
  await page.getByRole("row", { name: /scaletest-k3x9q2ab-5 / }).click();
  await page.mouse.move(400, 300);
  await page
    .getByRole("grid", { name: "Workspaces" })
    .evaluate((node) => node.scrollIntoView({ block: "end" }));
  const edgesOf = async (node: ReturnType<typeof page.locator>) => {
    const box = await node.boundingBox();
    return box ? [box.y, box.y + box.height] : [];
  };
  const details = page.getByRole("complementary", { name: "Workspace" });
  const [, headerBottom = Number.NaN] = await edgesOf(page.locator("header"));
  await expect.poll(async () => (await edgesOf(details))[0]).toBeGreaterThanOrEqual(headerBottom);
});

it("offers no build log of a run that has ended: its runner, which has the sign-in, is gone", async () => {
  const { page } = await midRun({ changes: { state: "finished", outcome } });
  await page.getByRole("tab", { name: "Failures" }).click();
  await page.getByRole("button", { name: "scaletest-k3x9q2ab-41" }).click();
  const detail = page.getByRole("complementary", { name: "Workspace" });
  await detail.getByRole("button", { name: "Open Log in Editor" }).waitFor();
  expect(await detail.getByRole("button", { name: "Open Whole Build Log" }).count()).toBe(0);
});

it("says what could not be done where it is seen, until it is dismissed", async () => {
  const { page, send } = await midRun();
  await page.getByRole("grid", { name: "Workspaces" }).scrollIntoViewIfNeeded();
  await send({ type: "notice", level: "error", text: "No build log: the workspace and its builds are gone" });
  const notice = page.getByRole("alert");
  const box = await notice.boundingBox();
  expect(box && box.y + box.height <= 1_000).toBe(true);
  await notice.getByRole("button", { name: "Dismiss" }).click();
  expect(await notice.isVisible()).toBe(false);
});

it("shows a run beside an earlier one, what is worse first, and none where nothing was compared", async () => {
  const { page, send } = await midRun();
  const comparison = page.getByRole("group").filter({ hasText: "worse than run" });
  expect(await comparison.count()).toBe(0);
  const figure = { step: "create-workspaces", metric: "queue", unit: "duration", margin: 0.1 } as const;
  const counts = { samples: 200, least: 20, before: 10_000 };
  await send(
    said(
      fixtureSnapshot(COUNT, AT, {
        baseline: {
          ...{ run: "k3x9q2ab", asked: "last-passed", state: "worse", confidence: 0.99, earlier: 3 },
          figures: [
            {
              ...figure,
              ...counts,
              figure: "p95",
              label: say("Queue p95"),
              now: 10_100,
              change: 0.01,
              state: "same",
            },
            {
              ...{ ...figure, ...counts, figure: "p50", label: say("Queue p50") },
              ...{ now: 12_500, change: 0.25, sure: 0.12, state: "worse" },
            },
          ],
        },
      }),
    ),
  );
  await page
    .getByText("worse than run k3x9q2ab: Queue p50 12.5s, was 10s (+25 %, 99 % sure of +12 % or more)")
    .click();
  const rows = page.getByRole("table", { name: "Baseline" }).getByRole("row");
  expect(await rows.allTextContents()).toEqual([
    "FigureBeforeNowChangeJudgement",
    "Queue p5010s12.5s+25 %✕ worse",
    "Queue p9510s10.1s+1 %= within noise",
  ]);
  expect(await page.getByText("noise between runs: of 3 earlier runs").isVisible()).toBe(true);
  expect(await seriousViolations(page)).toEqual([]);
});

it("shows what a run is held to, a broken threshold not by its colour alone", async () => {
  const threshold = { expression: "ready.p95<12s", label: say("Time to ready p95"), limit: say("< 12s") };
  const { page, send } = await midRun();
  const list = page.getByRole("list", { name: "Thresholds" });
  expect(await list.isVisible()).toBe(false);
  const held = (observed: string | null, state: "pending" | "met" | "broken") =>
    send(
      said(
        fixtureSnapshot(COUNT, AT, {
          thresholds: [{ ...threshold, observed: observed === null ? null : foreign(observed), state }],
        }),
      ),
    );
  const spoken = () => list.getByRole("listitem").textContent();
  await held(null, "pending");
  expect(await spoken()).toContain("no figure yet");
  await held("11.4s", "met");
  expect(await spoken()).toMatch(/Time to ready p95 < 12s11\.4s, met$/);
  expect(await page.getByText("Threshold broken").count()).toBe(0);
  await held("12.6s", "broken");
  expect(await spoken()).toMatch(/12\.6s, broken$/);
  expect(await page.getByRole("status").filter({ hasText: "Threshold broken" }).textContent()).toBe(
    "1 threshold broken: Time to ready p95 < 12s",
  );
});

it("shows nothing of a run before it has begun, and of a refused one only why", async () => {
  const none = noCounts(0);
  const panel = await panels.open();
  const { page, send } = panel;
  const checking = fixtureSnapshot(1, 0, { counts: none, phases: [], state: "starting" });
  await send({ type: "connection", state: "attached" }, said(checking));
  expect(await page.getByText(/^Nothing has started yet/).isVisible()).toBe(true);
  expect(await page.getByRole("img").count()).toBe(0);
  const refusal = "template x is not there";
  const refused = {
    ...outcome,
    verdict: "refused" as const,
    succeeded: 0,
    failed: 0,
    refusal: foreign(refusal),
  };
  await send(said({ ...checking, state: "finished", outcome: refused }));
  expect(await page.getByText(/^Nothing has started yet/).isVisible()).toBe(false);
  expect(await page.getByRole("status").filter({ hasText: refusal }).isVisible()).toBe(true);
});

it("says when the runner does not answer, and can still be told to stop", async () => {
  const { page, send } = await midRun();
  await send({ type: "connection", state: "silent", message: "Its load may still be under way." });
  expect(await page.getByRole("status").filter({ hasText: "The runner does not answer" }).isVisible()).toBe(
    true,
  );
  expect(await page.getByRole("button", { name: "Stop", exact: true }).isEnabled()).toBe(true);
});

it("comes back with the part of time and the details that were shown", async () => {
  const first = await midRun();
  await first.page.getByRole("button", { name: "Last minute" }).click();
  await first.page.getByRole("row", { name: /scaletest-k3x9q2ab-5 / }).click();
  await expect.poll(first.state).toMatchObject({ zoom: { last: 60 }, chosen: { position: 5 } });
  const state = await first.state();
  await first.page.close();
  const { page } = await midRun({ state });
  expect(await page.getByRole("button", { name: "Last minute" }).getAttribute("aria-pressed")).toBe("true");
  const detail = page.getByRole("complementary", { name: "Workspace" });
  await detail.getByRole("heading", { name: "scaletest-k3x9q2ab-5", exact: true }).waitFor();
});

it("moves nothing where less motion is asked for", async () => {
  const { page } = await midRun();
  const animation = () =>
    page.evaluate(() => {
      const mark = document.querySelector('.stepper li[data-state="active"] .mark');
      return mark ? getComputedStyle(mark).animationName : "";
    });
  expect(await animation()).toBe("none");
  await page.emulateMedia({ reducedMotion: "no-preference" });
  expect(await animation()).toBe("breathe");
});

it("takes whatever a server says as text", async () => {
  const evil = `<img src=x onerror="document.title='owned'"><script>document.title='owned'</script>`;
  const snapshot = fixtureSnapshot(COUNT, AT, {
    causes: [
      { id: "x", cause: foreign(evil), count: 1, example: { workspace: evil, message: foreign(evil) } },
    ],
    events: [{ t: 1, level: "error", text: foreign(evil), workspace: evil }],
    warnings: [foreign(evil)],
  });
  snapshot.run.title = evil;
  const { page, send } = await midRun();
  await send(said(snapshot));
  expect(await page.getByRole("heading", { level: 1 }).textContent()).toBe(evil);
  expect(await page.locator("img[src=x]").count()).toBe(0);
  expect(await page.title()).toBe("Scale test");
});

it("survives messages of a shape that it does not know", async () => {
  const { page, complaints } = await midRun();
  await page.evaluate(() => {
    for (const data of [null, 7, { type: "nonsense" }, { type: "snapshot", snapshot: {} }]) {
      window.dispatchEvent(new MessageEvent("message", { data }));
    }
  });
  expect(complaints).toEqual([]);
  expect(await page.getByRole("heading", { level: 1 }).isVisible()).toBe(true);
});

it.each([360, 800, 3_840])("does not scroll sideways at %i pixels", async (width) => {
  const { page } = await midRun({ width, height: 800 });
  const widths = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
  expect(widths[0]).toBeLessThanOrEqual(widths[1] ?? 0);
});

it("updates within 8 ms of script at 5,000 workspaces and an hour of samples", async () => {
  const { page, send } = await midRun({ count: 5_000 });
  const hour = Array.from({ length: 3_600 }, (_, second) => ({ ...fixtureSample(30, AT), second }));
  await send({ type: "series", samples: hour });
  const updates = Array.from({ length: 40 }, (_, index) => [
    said(fixtureSnapshot(5_000, AT + index * 250)),
    { type: "sample", sample: { ...fixtureSample(30, AT), second: 3_600 + index } },
  ]);
  const times = await page.evaluate((all) => {
    return all.map((messages) => {
      const begin = performance.now();
      for (const data of messages) window.dispatchEvent(new MessageEvent("message", { data }));
      return performance.now() - begin;
    });
  }, updates);
  times.sort((a, b) => a - b);
  const [median, best] = [times[times.length / 2] ?? Number.NaN, times[3] ?? Number.NaN];
  console.log(`an update takes ${median.toFixed(1)} ms, at most ${times.at(-1)?.toFixed(1)} ms`);
  // What else the machine has to do is in the slower ones; a panel that is slow itself is so in all of them.
  expect(best).toBeLessThan(8);
});

describe("the charts", () => {
  const label = (page: OpenPanel["page"], chart: string) =>
    page.getByRole("img", { name: new RegExp(`^${chart}, at `) }).getAttribute("aria-label");

  it("share one cursor", async () => {
    const { page } = await midRun();
    const canvas = page.getByRole("img", { name: /^Workspaces, at / });
    const box = await canvas.boundingBox();
    if (!box) throw new Error("no chart");
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    const times = () =>
      Promise.all(
        ["Workspaces", "Ready rate", "API calls"].map(
          async (chart) => (await label(page, chart))?.match(/00:\d\d/)?.[0],
        ),
      );
    await expect.poll(times).toEqual(["00:11", "00:11", "00:11"]);
  });

  it("zoom and move by keys and buttons alone", async () => {
    const { page } = await midRun();
    const part = page.locator(".zoom-bar").getByRole("status");
    await page.getByRole("button", { name: "Zoom in" }).click();
    expect(await part.textContent()).toBe("00:05 – 00:16");
    await page.keyboard.press("ArrowRight");
    expect(await part.textContent()).toBe("00:08 – 00:19");
    for (let press = 0; press < 3; press++) await page.keyboard.press("ArrowRight");
    expect(await part.textContent()).toBe("00:11 – 00:22");
    await page.getByRole("button", { name: "Zoom out" }).click();
    const all = page.getByRole("button", { name: "All", exact: true });
    expect(await all.getAttribute("aria-pressed")).toBe("true");
  });

  it("zoom into a marked part, and keep it while the run goes on", async () => {
    const { page, send } = await midRun();
    const canvas = page.getByRole("img", { name: /^Workspaces, at / });
    const before = await canvas.screenshot();
    const box = await canvas.boundingBox();
    if (!box) throw new Error("no chart");
    const y = box.y + box.height / 2;
    await page.mouse.move(box.x + box.width * 0.4, y);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.6, y, { steps: 4 });
    await page.mouse.up();
    await page.mouse.move(0, 0);
    const zoomed = await canvas.screenshot();
    expect(zoomed.equals(before)).toBe(false);
    await send({ type: "sample", sample: fixtureSample(COUNT, AT + 1_000) });
    expect((await canvas.screenshot()).equals(zoomed)).toBe(true);
    await canvas.dblclick();
    await page.mouse.move(0, 0);
    expect((await canvas.screenshot()).equals(zoomed)).toBe(false);
  });
});

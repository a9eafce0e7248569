import type { Locator } from "playwright-core";
import { expect, it } from "vitest";
import type { Cause, WorkspaceRow } from "../../src/protocol/snapshot.ts";
import { foreign, say } from "../../src/text/message.ts";
import type { OneStep } from "../one-step.ts";
import { seriousViolations } from "./axe.ts";
import { fixtureRows, fixtureSamples, fixtureSnapshot, said } from "./fixtures.ts";
import { type OpenOptions, type OpenPanel, panelForEach } from "./harness.ts";
import { THEMES } from "./themes.ts";

const COUNT = 200;
const AT = 22_000;
const panels = panelForEach();
const QUOTA = say("build failed: {0}", "local-exec: quota exceeded: no GPU in zone");
const DAEMON = say("build never left the queue");

/** A log of which the line that matters is far below what a box shows at once. */
const LOG = [
  ...Array.from(
    { length: 60 },
    (_, line) => `[Starting workspace] null_resource.step[${line}]: Creation complete`,
  ),
  "[Starting workspace] │ Error: local-exec: quota exceeded: no GPU in zone",
  "[Starting workspace] │   on main.tf line 16, in resource:",
  "[Starting workspace] ╵",
  ...Array.from({ length: 40 }, (_, line) => `[Cleaning up] line ${line}`),
].join("\n");

function cause(workspace: string, text: typeof QUOTA, firstAt: number, count = 1): Cause {
  return { id: "build_failed", cause: text, count, firstAt, example: { workspace, message: text } };
}

function rowsWith(changes: Record<number, Partial<WorkspaceRow>>): WorkspaceRow[] {
  return fixtureRows(COUNT, AT).map((row) => ({ ...row, ...changes[row.index] }));
}

const FAILED = { state: "failed", owner: "tester", workspaceId: "w" } as const;
const ROWS = rowsWith({
  4: { ...FAILED, cause: QUOTA, error: QUOTA, log: LOG, build: 2 },
  41: { ...FAILED, cause: QUOTA, error: QUOTA, log: LOG },
  7: { ...FAILED, cause: DAEMON, error: DAEMON },
});
const CAUSES = [cause("scaletest-k3x9q2ab-4", QUOTA, 9_000, 4)];

async function midRun(
  changes: Partial<OneStep> = {},
  options: OpenOptions = {},
  rows = ROWS,
): Promise<OpenPanel> {
  const panel = await panels.open({ height: 1_200, ...options });
  await panel.serveRows(rows);
  await panel.send(
    { type: "connection", state: "attached" },
    { type: "series", samples: fixtureSamples(COUNT, AT) },
    said(fixtureSnapshot(COUNT, AT, { causes: CAUSES, ...changes })),
  );
  await panel.page.getByRole("tab", { selected: true }).waitFor();
  return panel;
}

/** Whether all of it is within what its box shows. */
async function isInSight(node: Locator): Promise<boolean> {
  return node.evaluate((element) => {
    const box = element.closest("pre")?.getBoundingClientRect();
    const own = element.getBoundingClientRect();
    return box !== undefined && own.top >= box.top && own.bottom <= box.bottom && own.height > 0;
  });
}

it("show the error in the log of the first without a click, far down as it is", async () => {
  const { page, posted } = await midRun();
  const mark = page.getByRole("region", { name: "Log" }).locator("mark");
  await mark.waitFor();
  expect(await mark.innerText()).toBe(
    "[Starting workspace] │ Error: local-exec: quota exceeded: no GPU in zone\n[Starting workspace] │   on main.tf line 16, in resource:\n",
  );
  await expect.poll(() => isInSight(mark)).toBe(true);
  await page.getByRole("button", { name: "Copy" }).click();
  await page.getByRole("button", { name: "Open Log in Editor" }).click();
  const told = (await posted()).filter(({ type }) => type === "copy" || type === "openLog");
  expect(told).toEqual([
    {
      type: "copy",
      text: expect.stringMatching(/^scaletest-k3x9q2ab-4: build failed: .*\n\n.*Error: local-exec/s),
    },
    { type: "openLog", step: "create-workspaces", index: 4 },
  ]);
  const link = page.getByRole("link", { name: "Open in Dashboard" });
  expect(await link.getAttribute("href")).toBe(
    "https://coder.example.com/@tester/scaletest-k3x9q2ab-4/builds/2",
  );
});

it("open the newest cause, until somebody reads in another one", async () => {
  const { page, send } = await midRun();
  const newer = cause("scaletest-k3x9q2ab-7", DAEMON, 15_000);
  await send(said(fixtureSnapshot(COUNT, AT, { causes: [...CAUSES, newer] })));
  await page.getByRole("button", { name: /never left the queue/, expanded: true }).waitFor();
  await page.getByText("No log was kept of scaletest-k3x9q2ab-7.").waitFor();
  await page.getByRole("button", { name: /quota exceeded/, expanded: false }).click();
  await page.getByRole("region", { name: "Log" }).waitFor();
  const newest = cause("scaletest-k3x9q2ab-9", say("agent never connected"), 20_000);
  await send(said(fixtureSnapshot(COUNT, AT, { causes: [...CAUSES, newer, newest] })));
  await page.getByRole("button", { name: /agent never connected/, expanded: false }).waitFor();
  expect(await page.getByRole("region", { name: "Log" }).isVisible()).toBe(true);
});

it("lead to all workspaces of a cause", async () => {
  const { page } = await midRun();
  await page.getByRole("button", { name: "Show All 4 Workspaces" }).click();
  const rows = page.getByRole("grid", { name: "Workspaces" }).getByRole("row");
  await expect.poll(() => rows.count()).toBe(3);
});

it("have no page in the dashboard of a sandbox, nor where nothing is left of them", async () => {
  const { page, send } = await midRun();
  const link = page.getByRole("link", { name: "Open in Dashboard" });
  await link.waitFor();
  const snapshot = fixtureSnapshot(COUNT, AT, { causes: CAUSES });
  const { run } = snapshot;
  await send(said({ ...snapshot, run: { ...run, deployment: { ...run.deployment, sandbox: true } } }));
  await link.waitFor({ state: "hidden" });
});

it.each(THEMES)("can be read in $name, and by everybody", async (theme) => {
  const { page, complaints } = await midRun({}, { theme });
  await page.getByRole("region", { name: "Log" }).waitFor();
  expect(await seriousViolations(page)).toEqual([]);
  expect(complaints).toEqual([]);
});

it("name a job that is slow while it is, and when it is given up, in the table and in its details", async () => {
  const slow = {
    state: "building",
    doing: say("building"),
    startedAt: 1_000,
    since: 3_000,
    limitMs: 300_000,
  };
  const rows = rowsWith({
    3: slow,
    5: { ...slow, since: 24_000 },
    6: { ...slow, doing: foreign("pondering") },
  });
  const usual = [{ doing: say("building"), ms: 4_000 }];
  const { page } = await midRun({ usual, elapsedMs: 30_000 }, { state: { tab: "workspaces" } }, rows);
  const text = "building for 27s, usually 4s; given up at 4m58s";
  await page.getByRole("row", { name: new RegExp(`-3 ${text}`) }).click();
  await page.getByRole("complementary", { name: "Workspace" }).getByText(text).waitFor();
  // One that is not twice as long at it, and one of which nothing is usual.
  for (const row of [5, 6])
    expect(
      await page.getByRole("row", { name: new RegExp(`scaletest-k3x9q2ab-${row} `) }).innerText(),
    ).not.toContain("usually");
});

import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { fixtureRows, fixtureSamples, fixtureSnapshot, said } from "./fixtures.ts";
import { type OpenOptions, type OpenPanel, panelForEach } from "./harness.ts";

const COUNT = 200;
const AT = 22_000;
const panels = panelForEach();

async function midRun(options: OpenOptions = {}, at = AT): Promise<OpenPanel> {
  const panel = await panels.open(options);
  await panel.serveRows(fixtureRows(COUNT, at));
  await panel.send(
    { type: "connection", state: "attached" },
    { type: "series", samples: fixtureSamples(COUNT, at) },
    said(fixtureSnapshot(COUNT, at)),
  );
  await panel.page.getByRole("tab", { selected: true }).waitFor();
  return panel;
}

const chosen = (page: Page) => page.getByRole("tab", { selected: true }).innerText();
const focused = (page: Page) => page.evaluate(() => document.activeElement?.id);

it("are gone through by arrows, Home and End, with one tab stop for all of them", async () => {
  const { page } = await midRun();
  expect(await page.getByRole("tab").allInnerTexts()).toEqual([
    "Failures2",
    "Workspaces200",
    "Phases",
    "Configuration",
    "Log",
  ]);
  await page.getByRole("tab", { selected: true }).focus();
  const went: string[] = [];
  for (const key of ["ArrowRight", "End", "ArrowRight", "ArrowLeft", "Home"]) {
    await page.keyboard.press(key);
    expect(await focused(page)).toBe(await page.getByRole("tab", { selected: true }).getAttribute("id"));
    went.push(await chosen(page));
  }
  expect(went).toEqual(["Workspaces200", "Log", "Failures2", "Log", "Failures2"]);
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Tab");
  expect(await page.evaluate(() => document.activeElement?.closest("[role=tabpanel]")?.id)).toBe(
    "tab-panel-workspaces",
  );
  expect(await page.locator("[role=tab][tabindex='0']").count()).toBe(1);
});

it("show one panel, which has the name of its tab", async () => {
  const { page } = await midRun();
  await page.getByRole("tab", { name: "Log" }).click();
  expect(await page.getByRole("tabpanel").count()).toBe(1);
  await page.getByRole("tabpanel", { name: "Log" }).getByText("build failed").waitFor();
});

it("are absent where they have nothing, and the first failure comes before the workspaces", async () => {
  const { page, send } = await midRun({}, 6_000);
  expect(await page.getByRole("tab", { name: "Failures" }).count()).toBe(0);
  expect(await chosen(page)).toBe("Workspaces200");
  await send(said(fixtureSnapshot(COUNT, AT)));
  expect(await chosen(page)).toBe("Failures2");
});

it("stay as somebody has chosen them, or reads in them, also after a reload", async () => {
  const first = await midRun({}, 6_000);
  await first.page.getByRole("row", { name: /scaletest-k3x9q2ab-3 / }).click();
  await first.send(said(fixtureSnapshot(COUNT, AT)));
  expect(await chosen(first.page)).toBe("Workspaces200");
  await first.page.getByRole("tab", { name: "Phases" }).click();
  await expect.poll(first.state).toMatchObject({ tab: "phases" });
  const { page } = await midRun({ state: await first.state() });
  expect(await chosen(page)).toBe("Phases");
});

it("count on without moving", async () => {
  const { page, send } = await midRun();
  const left = () =>
    page.getByRole("tab").evaluateAll((all) => all.map((tab) => Math.round(tab.getBoundingClientRect().x)));
  const before = await left();
  const [cause] = fixtureSnapshot(COUNT, AT).causes;
  if (!cause) throw new Error("no cause");
  const counts = { ...fixtureSnapshot(COUNT, AT).counts, failed: 104 };
  await send(said(fixtureSnapshot(COUNT, AT, { counts, causes: [{ ...cause, count: 104 }] })));
  await page.getByRole("tab", { name: "Failures 104" }).waitFor();
  expect(await left()).toEqual(before);
});

it("open where the editor asks for a workspace, and for a failure", async () => {
  const { page, send } = await midRun({ state: { tab: "log" } });
  await send({ type: "look", at: { workspace: "scaletest-k3x9q2ab-150" } });
  await page
    .getByRole("complementary", { name: "Workspace" })
    .getByText("scaletest-k3x9q2ab-150")
    .first()
    .waitFor();
  // The others stay: nothing is filtered.
  await page.getByRole("row", { name: /scaletest-k3x9q2ab-150 /, selected: true }).waitFor();
  await page.getByRole("row", { name: /scaletest-k3x9q2ab-149 / }).waitFor();
  expect(await page.getByRole("searchbox").inputValue()).toBe("");
  await send({ type: "look", at: { failure: "build failed: terraform apply: exit status 1" } });
  expect(await chosen(page)).toBe("Failures2");
  await page.getByRole("button", { name: /terraform apply/, expanded: true }).waitFor();
});

it("say what the run was asked to do, as the editor has it", async () => {
  const { page, send } = await midRun({ state: { tab: "config" } });
  const panel = page.getByRole("tabpanel", { name: "Configuration" });
  expect(await panel.innerText()).toMatch(/Deployment\s+https:\/\/coder\.example\.com · v2\.26\.1/);
  await send({ type: "asked", rows: [{ label: { id: "template" }, value: { id: "kubernetes" } }] });
  expect(await panel.innerText()).toMatch(/template\s+kubernetes/);
});

import { describe, expect, it } from "vitest";
import type { ToPlanPage } from "../../src/protocol/plan-page.ts";
import { planOf } from "../../src/scenario/plan.ts";
import { planPicture } from "../../src/scenario/plan-picture.ts";
import { readScenario } from "../../src/scenario/read.ts";
import { workloads } from "../../src/workloads/index.ts";
import { seriousViolations } from "./axe.ts";
import { type OpenOptions, type OpenPanel, panelForEach } from "./harness.ts";
import { THEMES } from "./themes.ts";

const pages = panelForEach();

const NINE = `name: Tuesday, nine o'clock
steps:
  - create:  { count: 200, concurrency: 20, template: kubernetes }
  - traffic: { over: terminal, rate: 40KB/s, share: 60% }
    ramp: 1m
    hold: 10m
    name: terminals
  - traffic: { over: ssh, rate: 10KB/s, share: 40% }
    at: terminals + 2m
    stages: [{ for: 2m, to: 80 }, { for: 2m, to: 20 }]
    name: ssh
  - run: { args: [kubectl, delete, pod, coderd-1] }
    at: terminals + 5m
    name: drill
  - hold: 2m
    after: terminals
`;

function planMessage(text: string): ToPlanPage {
  const { scenario, problems } = readScenario(text, { workloads });
  return {
    type: "plan",
    uri: "file:///load/nine.scaletest.yaml",
    title: scenario.name ?? "",
    picture: planPicture(planOf(scenario)),
    errors: problems.filter(({ severity }) => severity === "error").length,
  };
}

async function opened(text: string, options: OpenOptions = {}): Promise<OpenPanel> {
  const page = await pages.open({ ...options, bundle: "plan" });
  await page.send(planMessage(text));
  await page.page.getByRole("heading", { level: 1 }).waitFor();
  return page;
}

describe("the plan of a scenario", () => {
  it("has a lane for each step, with what the file says of it, and what all ask for together", async () => {
    const { page, state } = await opened(NINE);
    expect(await page.getByRole("heading", { level: 1 }).innerText()).toBe("Tuesday, nine o'clock");
    await page.getByText("5 steps · ends 13m after the end of create").waitFor();
    const lanes = page.getByRole("list", { name: "Steps" }).getByRole("listitem");
    expect((await lanes.allInnerTexts()).map((text) => text.split("\n").filter(Boolean))).toEqual([
      ["create", "begins at once", "200 workspaces"],
      ["terminals", "traffic", "begins when create ends; ramp 1m, hold 10m", "120 connections"],
      ["ssh", "traffic", "begins 2m into the hold of terminals; hold 4m", "80 connections"],
      ["drill", "run", "begins 5m into the hold of terminals"],
      ["hold", "begins 11m after the end of create; hold 2m"],
    ]);
    await page.getByRole("img", { name: /together over time: at most 200 connections/ }).waitFor();
    expect(await state()).toEqual({ uri: "file:///load/nine.scaletest.yaml" });
  });

  it("says at the pointer which time that is, and how many connections there are", async () => {
    const { page } = await opened(NINE);
    const track = await page.locator(".together .track").boundingBox();
    if (!track) throw new Error("no chart");
    const share = (2 / 13) * (1 - 0.15 / 1.15) + 0.15 / 1.15;
    const pointAt = (at: number) => page.mouse.move(track.x + track.width * at, track.y + 40);
    await pointAt(share);
    await page.getByText("2m after the end of create", { exact: true }).waitFor();
    await page.getByText("120 connections", { exact: true }).first().waitFor();
    await pointAt(0.05);
    await page.getByText("while create goes on").waitFor();
    await page.mouse.move(0, 0);
    await page.locator(".together .load").getByText("at most 200 connections").waitFor();
  });

  it("asks the editor to show a step, and what is wrong", async () => {
    const panel = await opened(NINE.replace("rate: 10KB/s", "rates: 10KB/s"));
    const { page } = panel;
    await page.getByText("The file has 1 mistake: what cannot be read is missing here.").waitFor();
    await page.getByRole("button", { name: "drill" }).click();
    await page.getByRole("button", { name: "Show Problems" }).click();
    expect(await panel.posted()).toEqual([
      { type: "ready" },
      { type: "reveal", step: "drill" },
      { type: "showProblems" },
    ]);
  });

  it("goes along with the file, also where there is nothing to show", async () => {
    const { page, send } = await opened(NINE);
    await send(planMessage(NINE.replace("hold: 10m", "hold: 20m").replace("name: drill", "name: outage")));
    await page.getByText("5 steps · ends 23m after the end of create").waitFor();
    await page.getByRole("button", { name: "outage" }).waitFor();
    expect(await page.getByRole("button", { name: "drill" }).count()).toBe(0);
    await send(planMessage("name: x\n"));
    await page.getByText("There is no step to show yet.").waitFor();
    expect(await page.getByRole("list", { name: "Steps" }).count()).toBe(0);
  });

  it("fits into half of a window", async () => {
    const { page } = await opened(NINE, { width: 560, height: 640 });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(560);
    if (process.env.PICTURES) await page.screenshot({ path: `${process.env.PICTURES}/plan-narrow.png` });
  });

  it.each(Object.entries(THEMES))("can be read in %s", async (name, theme) => {
    const { page, complaints } = await opened(NINE, { theme, height: 560 });
    expect(await seriousViolations(page)).toEqual([]);
    expect(complaints).toEqual([]);
    if (process.env.PICTURES) await page.screenshot({ path: `${process.env.PICTURES}/plan-${name}.png` });
  });
});

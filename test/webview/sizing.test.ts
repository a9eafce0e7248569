import { describe, expect, it } from "vitest";
import type { FromSizingPage } from "../../src/protocol/sizing-page.ts";
import { say } from "../../src/text/message.ts";
import { FIRST_INPUT, type Has, sizingOf } from "../../src/vscode/features/sizing/answer.ts";
import { seriousViolations } from "./axe.ts";
import { type OpenPanel, panelForEach } from "./harness.ts";
import { DARK, THEMES } from "./themes.ts";

const pages = panelForEach();
const URL = "https://coder.example.com";

type Asked = Extract<FromSizingPage, { type: "input" }>;

/** The newest question of the page, and the answer that the editor would give. */
async function answer(page: OpenPanel, has?: Has): Promise<Asked> {
  const asked = (await page.posted<FromSizingPage>()).findLast((one) => one.type === "input") as Asked;
  const { request, input } = asked;
  await page.send({ type: "sizing", request, ...sizingOf(input, has) });
  return asked;
}

async function open(theme = DARK, width = 1_280) {
  const page = await pages.open({ bundle: "sizing", theme, width, height: 900 });
  await page.send({
    type: "begin",
    input: FIRST_INPUT,
    deployments: [{ url: URL, host: "coder.example.com" }],
  });
  await page.page.getByRole("textbox", { name: "Active users at the peak" }).waitFor();
  return page;
}

describe("the page that plans a deployment", () => {
  it("is answered anew as somebody types, beside what the deployment has", async () => {
    const opened = await open();
    const { page } = opened;
    await page.getByRole("textbox", { name: "Active users at the peak" }).fill("2000");
    const asked = await answer(opened, { replicas: 2, daemons: 120 });
    expect(asked).toMatchObject({ input: { users: "2000" }, url: URL });
    const row = (name: string) => page.getByRole("row", { name: new RegExp(`^${name}`) });
    await expect(row("coderd").textContent()).resolves.toContain("3 × 4 cores, 12 GB✕ 2 replicas: too few");
    await expect(row("provisioner daemons").textContent()).resolves.toContain("✓ 120 daemons");
    expect(opened.complaints).toEqual([]);
  });

  it("shows no answer to what is not in the boxes any more", async () => {
    const opened = await open();
    const users = opened.page.getByRole("textbox", { name: "Active users at the peak" });
    await answer(opened);
    const table = opened.page.getByRole("table");
    const before = await table.textContent();
    const [old] = (await opened.posted<FromSizingPage>()).filter((one) => one.type === "input") as Asked[];
    await users.fill("10000");
    await opened.send({
      type: "sizing",
      request: old?.request ?? 0,
      ...sizingOf({ ...FIRST_INPUT, users: "3000" }, undefined),
    });
    expect(await table.textContent()).toBe(before);
    await answer(opened);
    expect(await table.textContent()).toContain("10 × 4 cores");
  });

  it("says what is wrong at the box, and marks the answer as one of before", async () => {
    const opened = await open();
    await answer(opened);
    const users = opened.page.getByRole("textbox", { name: "Active users at the peak" });
    await users.fill("many");
    await answer(opened);
    await expect(users.getAttribute("aria-invalid")).resolves.toBe("true");
    await expect(opened.page.getByText("a whole number of 1 or more").isVisible()).resolves.toBe(true);
    await expect(opened.page.locator("table[data-old]").count()).resolves.toBe(1);
  });

  it("says why a deployment could not be compared with", async () => {
    const opened = await open();
    await opened.send({
      ...{ type: "sizing", request: 1, ...sizingOf(FIRST_INPUT, undefined) },
      deployment: say("{0}", "no answer within 15 s"),
    });
    await expect(opened.page.getByText("no answer within 15 s").isVisible()).resolves.toBe(true);
  });

  it.each(THEMES.map((theme) => [theme.name, theme] as const))("can be read in %s", async (name, theme) => {
    const opened = await open(theme);
    await answer(opened, { replicas: 2, daemons: 120 });
    if (process.env.PICTURES)
      await opened.page.screenshot({ path: `${process.env.PICTURES}/sizing-${name}.png`, fullPage: true });
    expect(await seriousViolations(opened.page)).toEqual([]);
  });

  it("fits a narrow page", async () => {
    const { page, ...opened } = await open(DARK, 420);
    await answer({ page, ...opened });
    if (process.env.PICTURES)
      await page.screenshot({ path: `${process.env.PICTURES}/sizing-narrow.png`, fullPage: true });
    expect(await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth)).toBe(false);
  });
});

import { describe, expect, it } from "vitest";
import { calibrate } from "../../src/planner/calibration.ts";
import type { FromSizingPage } from "../../src/protocol/sizing-page.ts";
import type { WeeklyPeak } from "../../src/protocol/weekly-peak.ts";
import { say } from "../../src/text/message.ts";
import { type Beside, FIRST_INPUT, type Has, sizingOf } from "../../src/vscode/features/sizing/answer.ts";
import { seriousViolations } from "./axe.ts";
import { type OpenPanel, panelForEach } from "./harness.ts";
import { DARK, THEMES } from "./themes.ts";

const pages = panelForEach();
const URL = "https://coder.example.com";

const RUNS = [
  { id: "aaaaaaaa", label: "Terminals, Nov 27" },
  { id: "bbbbbbbb", label: "Nightly, Nov 26" },
];
/** Two replicas of which each connection costs 20 millicores and 1.5 MB. */
const MOMENTS = Array.from({ length: 60 }, (_, at) => {
  const [connections, noise] = [4 * at, ((at * 7_919) % 11) / 11 - 0.5];
  return {
    ...{ replicas: 2, coresOf: 8, connections, builds: 0 },
    cores: 0.2 + 0.02 * connections + 0.02 * noise,
    bytes: 4e8 + 1.5e6 * connections + 1e6 * noise,
  };
});
const TIMES = { p50Ms: 45_000, p95Ms: 100_000, meanMs: 50_000, count: 80 };
const MEASURED = { id: "aaaaaaaa", label: "Terminals, Nov 27", calibration: calibrate(MOMENTS, TIMES) };
const at = Date.UTC(2026, 10, 24, 9, 12);
const PEAK: WeeklyPeak = {
  ...{ source: "prometheus.example.com", from: at - 4 * 86_400_000, until: at + 3 * 86_400_000 },
  peaks: [
    { of: "users", value: 612, at, halves: { earlier: 590, later: 612 } },
    { of: "cpu", value: 3.1, at },
  ],
  ...{ replicas: 2, cores: 8 },
  missing: [{ of: "terminals", series: "coderd_agentstats_session_count_reconnecting_pty" }],
};

type Asked = Extract<FromSizingPage, { type: "input" }>;

/** The newest question of the page, and the answer that the editor would give. */
async function answer(page: OpenPanel, has?: Has, beside: Beside = {}, runs = RUNS): Promise<Asked> {
  const asked = (await page.posted<FromSizingPage>()).findLast((one) => one.type === "input") as Asked;
  const { request, input } = asked;
  await page.send({ type: "sizing", request, runs, ...sizingOf(input, has, beside) });
  return asked;
}

async function open(theme = DARK, width = 1_280) {
  const page = await pages.open({ bundle: "sizing", theme, width, height: 900 });
  await page.send({
    type: "begin",
    input: FIRST_INPUT,
    deployments: [
      { url: URL, host: "coder.example.com", hasPeak: true },
      { url: "https://other.example.com", host: "other.example.com", hasPeak: false },
    ],
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
      ...{ request: old?.request ?? 0, runs: [] },
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
      ...{ type: "sizing", request: 1, runs: [], ...sizingOf(FIRST_INPUT, undefined) },
      deployment: say("{0}", "no answer within 15 s"),
    });
    await expect(opened.page.getByText("no answer within 15 s").isVisible()).resolves.toBe(true);
  });

  it("has a column of what a run of this deployment has measured, with its name", async () => {
    const opened = await open();
    const { page } = opened;
    await answer(opened);
    expect(await page.getByRole("columnheader", { name: "By the run" }).isVisible()).toBe(false);
    await page.getByRole("combobox", { name: "Calibrate by" }).selectOption("Terminals, Nov 27");
    await page.getByRole("textbox", { name: "Active users at the peak" }).fill("3000");
    const asked = await answer(opened, { replicas: 4, daemons: 120 }, { measured: MEASURED });
    expect(asked).toMatchObject({ measured: "aaaaaaaa", input: { buildP50: "" } });
    const coderd = page.getByRole("row", { name: /^coderd/ });
    // By the rules, and by the run: (4,800 × 0.02 + 4 × 0.1) / 4 / 0.8.
    await expect(coderd.textContent()).resolves.toMatch(
      /4 × 4 cores, 12 GB4 × 30\.\d cores, \d+(\.\d)? GB✓ 4 replicas/,
    );
    await expect(page.getByRole("row", { name: /^database/ }).textContent()).resolves.toContain(
      "connections–",
    );
    await expect(page.getByText(/^Terminals, Nov 27 had 60 looks/).isVisible()).resolves.toBe(true);
    await expect(page.getByText(/a build waits .* \(p50\)/).isVisible()).resolves.toBe(true);
    expect(await seriousViolations(page)).toEqual([]);
    if (process.env.PICTURES)
      await page.screenshot({ path: `${process.env.PICTURES}/sizing-measured.png`, fullPage: true });
    // Of another deployment, that run says nothing.
    await page.getByRole("combobox", { name: "Compare with" }).selectOption("other.example.com");
    await answer(opened, undefined, { measured: MEASURED }, []);
    const again = await answer(opened, undefined, {}, []);
    expect(again).not.toHaveProperty("measured");
    expect(await page.getByRole("columnheader", { name: "By the run" }).isVisible()).toBe(false);
    expect(opened.complaints).toEqual([]);
  });

  it("begins with the run that a person plans from, whoever is signed in", async () => {
    const opened = await open();
    await opened.send({
      type: "from",
      run: { id: "cccccccc", label: "Of a sandbox, today" },
      url: "http://127.0.0.1:4000",
    });
    await expect.poll(async () => (await answer(opened, undefined, {}, [])).measured).toBe("cccccccc");
    const { page } = opened;
    await expect(page.getByRole("combobox", { name: "Calibrate by" }).inputValue()).resolves.toBe("cccccccc");
    await expect(page.getByRole("combobox", { name: "Compare with" }).inputValue()).resolves.toBe("");
  });

  it("plans for the highest of the week where a Prometheus server has it, and says what is not known", async () => {
    const opened = await open();
    const { page } = opened;
    await answer(opened);
    await page.getByRole("checkbox", { name: /the highest of the last 7 days/ }).check();
    const asked = await answer(opened, { replicas: 2, daemons: 9 }, { peak: PEAK });
    expect(asked).toMatchObject({ peak: true, url: URL });
    const users = page.getByRole("textbox", { name: "Active users at the peak" });
    await expect(users.inputValue()).resolves.toBe("612");
    await expect(users.isDisabled()).resolves.toBe(true);
    const lines = await page.getByRole("list", { name: "The last 7 days" }).textContent();
    expect(lines).toContain("highest in the last 7 days: active users 612, at 2026-11-24 09:12 UTC");
    expect(lines).toContain("not known: web terminals");
    expect(lines).toContain(
      "look again at 700 active users, 70 % of what is planned for 1,000: in about 2 weeks",
    );
    expect(await seriousViolations(page)).toEqual([]);
    if (process.env.PICTURES)
      await page.screenshot({ path: `${process.env.PICTURES}/sizing-peak.png`, fullPage: true });
    await page.getByRole("checkbox", { name: /the highest of the last 7 days/ }).uncheck();
    await answer(opened);
    await expect(users.isDisabled()).resolves.toBe(false);
    await page.getByRole("combobox", { name: "Compare with" }).selectOption("other.example.com");
    await expect(page.getByRole("checkbox").isVisible()).resolves.toBe(false);
    expect(opened.complaints).toEqual([]);
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

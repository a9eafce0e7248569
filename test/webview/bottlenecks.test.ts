import { describe, expect, it } from "vitest";
import { RULES } from "../../src/insight/causes/rules.ts";
import type { Bottlenecks } from "../../src/protocol/bottlenecks.ts";
import { say } from "../../src/text/message.ts";
import { seriousViolations } from "./axe.ts";
import { fixtureRows, said } from "./fixtures.ts";
import { panelForEach } from "./harness.ts";
import { THEMES } from "./themes.ts";
import { trafficSamples, trafficSnapshot } from "./traffic-fixtures.ts";

const panels = panelForEach();
const AT_MS = 60_000;

function rule(id: string) {
  const found = RULES.find((one) => one.id === id);
  if (!found) throw new Error(id);
  const { title, remedy, source } = found;
  return { rule: id, title, remedy, source };
}

const TRIP = { figure: "round_trip.p95", value: 812, text: say("round trips take {0} (p95)", "812ms") };
const NAMED: Bottlenecks = {
  named: [
    {
      ...rule("coderd_cpu"),
      ...{ strength: 0.9, since: 24 },
      because: [
        TRIP,
        { figure: "achieved.rate", value: 0.71, text: say("{0} of what was offered came back", "71 %") },
        { figure: "server_cpu.max", value: 2, text: say("coderd takes {0} of {1} cores", "1.98", "2") },
        {
          ...{ figure: "server_latency.p95", value: 640 },
          text: say("coderd answers in {0} (p95), in {1} before the load", "640ms", "9ms"),
        },
      ],
      counter: [],
    },
    {
      ...rule("database_pool"),
      ...{ strength: 0.53, since: 31 },
      because: [TRIP],
      counter: [{ figure: "server_query.mean", value: 210, text: say("database queries are slow, too") }],
    },
  ],
  cannot_tell: [
    {
      rule: "relay",
      title: rule("relay").title,
      without: say("a web terminal step beside SSH, which does not go by a relay"),
    },
  ],
  felt: [TRIP],
  errors: [
    {
      text: "coderd.workspaceapps: failed to heartbeat ping — use of closed network connection",
      count: 41,
      first: 26,
      last: 58,
    },
    { text: "coderd: acquire job — pool is closed", count: 2, first: 40, last: 44 },
  ],
};

const ENDED = {
  ...{ summary: say("nothing was made"), succeeded: 0, failed: 0, orphans: 0, kept: 0, exitCode: 4 },
};

async function open(
  theme: (typeof THEMES)[number],
  bottlenecks: Bottlenecks,
  changes: Parameters<typeof trafficSnapshot>[2] = {},
) {
  const panel = await panels.open({ theme, height: 1_100 });
  await panel.serveRows(fixtureRows(100, 60_000));
  const shown = { ...trafficSnapshot(AT_MS, {}, changes), bottlenecks };
  await panel.send(
    { type: "connection", state: "attached" },
    { type: "series", samples: trafficSamples(AT_MS) },
    said(shown),
  );
  await panel.page.getByRole("tab", { selected: true }).waitFor();
  return panel;
}

describe("what breaks first, in the panel", () => {
  for (const theme of THEMES)
    it(`is a ranked list with evidence, a remedy and the moment it began (${theme.name})`, async () => {
      const { page, complaints } = await open(theme, NAMED);
      const section = page.getByRole("region", { name: "What breaks first" });
      await section.waitFor();
      expect(await section.locator("summary").allInnerTexts()).toEqual([
        expect.stringMatching(/1\s*coderd has no CPU left\s*very likely/),
        expect.stringMatching(/2\s*coderd's pool of database connections is used up\s*likely/),
      ]);
      // The first one is open, the second is to be opened.
      await expect.poll(() => section.getByText("coderd takes 1.98 of 2 cores").isVisible()).toBe(true);
      expect(await section.getByText("database queries are slow, too").isVisible()).toBe(false);
      await section.getByText(/pool of database connections/).click();
      await expect.poll(() => section.getByText("database queries are slow, too").isVisible()).toBe(true);
      const link = section.getByRole("link", { name: /^read more: give coderd more cores/ });
      expect(await link.getAttribute("href")).toBe(rule("coderd_cpu").source);
      await section.getByText("Cannot tell without a web terminal step").waitFor();
      const logged = section.getByRole("list", { name: "Errors in coderd's log" }).getByRole("listitem");
      expect(await logged.allInnerTexts()).toEqual([
        expect.stringMatching(/coderd logged 41 ×\s*coderd\.workspaceapps: failed .*\s*first at 00:26/),
        expect.stringMatching(/coderd logged 2 ×\s*coderd: acquire job — pool is closed\s*first at 00:40/),
      ]);
      await section.getByRole("button", { name: "since 00:24" }).click();
      const chart = page.getByRole("img", { name: /^Round trip/ }).first();
      await expect.poll(() => chart.getAttribute("aria-label")).toMatch(/at 00:24/);
      const room = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      expect(room).toBeLessThanOrEqual(0);
      expect(await seriousViolations(page)).toEqual([]);
      expect(complaints).toEqual([]);
      if (process.env.PICTURES) {
        await page.evaluate(() => window.scrollTo({ top: 0, behavior: "instant" }));
        await page.screenshot({ path: `${process.env.PICTURES}/bottlenecks-${theme.name}.png` });
      }
    });

  it("has drills as tables of what was promised and seen, and leads to their moment", async () => {
    const [theme] = THEMES;
    if (!theme) throw new Error("no theme");
    const drills = [
      {
        ...{ drill: "replica_loss", title: say("A replica of coderd was lost"), at: 24 },
        lines: [
          {
            what: say("users who lost a connection"),
            promised: { text: say("{0}, with {1} connections each on average", "56 %", "2"), value: 0.56 },
            seen: { text: say("{0}, which is {1} of {2}", "55 %", 11, 20), value: 0.55 },
          },
        ],
      },
    ];
    const { page } = await open(theme, { named: [], cannot_tell: [], felt: [], drills });
    await page.getByRole("tab", { name: "What breaks first" }).click();
    const section = page.getByRole("region", { name: "What breaks first" });
    const table = section.getByRole("table", { name: /A replica of coderd was lost/ });
    expect(await table.getByRole("columnheader").allInnerTexts()).toEqual(["promised", "seen"]);
    const row = table.getByRole("row", { name: /users who lost a connection/ });
    expect(await row.getByRole("cell").allInnerTexts()).toEqual([
      "56 %, with 2 connections each on average",
      "55 %, which is 11 of 20",
    ]);
    if (process.env.PICTURES) await section.screenshot({ path: `${process.env.PICTURES}/drills.png` });
    await page.setViewportSize({ width: 360, height: 900 });
    // Charts follow the window in the frames after.
    const room = () => page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    await expect.poll(room).toBeLessThanOrEqual(0);
    if (process.env.PICTURES) await section.screenshot({ path: `${process.env.PICTURES}/drills-narrow.png` });
    await table.getByRole("button", { name: "at 00:24" }).click();
    const chart = page.getByRole("img", { name: /^Round trip/ }).first();
    await expect.poll(() => chart.getAttribute("aria-label")).toMatch(/at 00:\d\d/);
    expect(await seriousViolations(page)).toEqual([]);
  });

  it("is that none was seen, and of what", async () => {
    const [theme] = THEMES;
    if (!theme) throw new Error("no theme");
    const { page } = await open(theme, { named: [], cannot_tell: [], felt: [] });
    // Nothing that breaks is no news: what the workspaces do comes first.
    await page.getByRole("tab", { name: "What breaks first" }).click();
    const section = page.getByRole("region", { name: "What breaks first" });
    await section.getByText("No bottleneck seen: users feel nothing of the load.").waitFor();
    expect(await section.getByRole("list").count()).toBe(0);
  });

  it("cannot be told of a run in which too few seconds count, as in its text", async () => {
    const [theme] = THEMES;
    if (!theme) throw new Error("no theme");
    const outcome = { ...ENDED, verdict: "invalid" as const };
    const { page } = await open(theme, { named: [], cannot_tell: [], felt: [TRIP] }, { outcome });
    await page.getByRole("tab", { name: "What breaks first" }).click();
    const section = page.getByRole("region", { name: "What breaks first" });
    await section.getByText("Cannot tell: too few seconds count.").waitFor();
  });
});

import { describe, expect, it } from "vitest";
import * as z from "zod";
import { grafanaDashboard } from "../../../src/app/dashboard.ts";
import { Exposition } from "../../../src/engine/record/exposition.ts";
import { wantedNames } from "../../../src/insight/names.ts";
import { workloads } from "../../../src/workloads/index.ts";

const gridPos = z.strictObject({
  x: z.int().min(0).max(23),
  y: z.int().min(0),
  w: z.int().min(1).max(24),
  h: z.int().min(1),
});
const datasource = z.strictObject({ type: z.literal("prometheus"), uid: z.literal("$" + "{datasource}") });
const row = z.strictObject({
  id: z.int().positive(),
  type: z.literal("row"),
  title: z.string().min(1),
  collapsed: z.boolean(),
  gridPos,
  panels: z.array(z.never()),
});
const timeseries = z.strictObject({
  id: z.int().positive(),
  type: z.literal("timeseries"),
  title: z.string().min(1),
  gridPos,
  datasource,
  fieldConfig: z.strictObject({
    defaults: z.strictObject({
      unit: z.enum(["s", "ms", "bytes", "Bps", "percentunit", "none"]),
      min: z.number(),
    }),
    overrides: z.array(z.never()),
  }),
  options: z.looseObject({}),
  targets: z
    .array(
      z.strictObject({
        refId: z.string().regex(/^[A-Z]+$/),
        datasource,
        expr: z.string().min(1),
        legendFormat: z.string().optional(),
      }),
    )
    .min(1),
});
/** What of Grafana's model of a dashboard ours consists of. */
const dashboard = z.strictObject({
  title: z.string(),
  uid: z.string().max(40),
  tags: z.array(z.string()),
  schemaVersion: z.int().min(36),
  editable: z.boolean(),
  refresh: z.string(),
  time: z.strictObject({ from: z.string(), to: z.string() }),
  templating: z.strictObject({ list: z.array(z.looseObject({ name: z.string(), type: z.string() })) }),
  annotations: z.strictObject({ list: z.array(z.never()) }),
  panels: z.array(z.discriminatedUnion("type", [row, timeseries])),
});

const made = dashboard.parse(grafanaDashboard());
const drawn = made.panels.filter((panel) => panel.type === "timeseries");
const expressions = drawn.flatMap(({ targets }) => targets.map(({ expr }) => expr));
/** Names of series in all expressions. */
const asked = new Set(expressions.flatMap((expr) => expr.match(/\b[a-z][\w:]*(?=[[{)]|$| or )/g) ?? []));

describe("the dashboard for Grafana", () => {
  it("has no two panels with one id or in one place, and no two queries with one name", () => {
    expect(new Set(made.panels.map(({ id }) => id)).size).toBe(made.panels.length);
    expect(new Set(made.panels.map(({ gridPos: { x, y } }) => `${x} ${y}`)).size).toBe(made.panels.length);
    for (const { targets } of drawn)
      expect(new Set(targets.map(({ refId }) => refId)).size).toBe(targets.length);
  });

  it.each(workloads.flatMap(({ name, described }) => described.map((own) => ({ name, own }))))(
    "draws every series that a run of $name exposes",
    async ({ own }) => {
      const exposition = new Exposition();
      exposition.add({ description: own });
      const types = (await exposition.text()).matchAll(/^# TYPE (\S+) (\S+)$/gm);
      const names = new Set(
        [...types].map(([, name, type]) => (type === "histogram" ? `${name}_bucket` : name)),
      );
      expect(names.size).toBeGreaterThan(0);
      expect([...names].filter((name = "") => !asked.has(name))).toEqual([]);
    },
  );

  it("draws all of Coder's series that a run reads", () => {
    const missing = wantedNames().filter((name) => !asked.has(name) && name !== "process_start_time_seconds");
    expect(missing).toEqual([]);
  });
});

import { describe, expect, it } from "vitest";
import { figuresOf as namesOf } from "../../../src/measure/metric.ts";
import type { FigureTable, SeriesTable } from "../../../src/protocol/description.ts";
import { figureUnit, unitOf } from "../../../src/protocol/figure-unit.ts";
import { closeMeaning } from "../../../src/webview/tables/close-codes.ts";
import { parseFigureKey } from "../../../src/webview/tables/figure-keys.ts";
import { columnsIn } from "../../../src/webview/tables/figure-table.ts";
import { seriesIn } from "../../../src/webview/tables/series-table.ts";
import { figuresOf } from "../../webview/described.ts";
import { CREATION_DESCRIPTION } from "../../webview/fixtures.ts";
import { ofTransport, TRAFFIC, trafficNumbers } from "../../webview/traffic-fixtures.ts";

function tableOf<K extends "figures" | "series">(kind: K, id: string) {
  const table = TRAFFIC.tables.find((one) => one.id === id);
  if (table?.kind !== kind) throw new Error(`no table ${id}`);
  return table as K extends "figures" ? FigureTable : SeriesTable;
}

describe("the key of a figure", () => {
  it("is taken apart, whatever a label holds", () => {
    const key = 'drops{code="1006",reason="dial {\\"a\\"}.b"}.p99.9';
    expect(parseFigureKey(key)).toEqual({
      metric: "drops",
      labels: { code: "1006", reason: 'dial {"a"}.b' },
      figure: "p99.9",
    });
    expect(parseFigureKey("round_trip.p99.9")).toEqual({ metric: "round_trip", labels: {}, figure: "p99.9" });
  });

  it("of the last second, or of nothing, is none", () => {
    expect(parseFigureKey('open_connections{state="active"}.last@second')).toBeUndefined();
    expect(parseFigureKey("round_trip")).toBeUndefined();
    expect(parseFigureKey("")).toBeUndefined();
  });
});

describe("a table of figures", () => {
  const columns = (numbers: Parameters<typeof figuresOf>[1]) =>
    columnsIn(tableOf("figures", "measured"), figuresOf(TRAFFIC, numbers)).map(({ label }) => label);

  it("has a column for each value that has been seen, and their sum where there are several", () => {
    const numbers = trafficNumbers(40_000);
    expect(columns(numbers)).toEqual(["web terminal"]);
    expect(columns({ ...numbers, ...ofTransport("ssh", { "ticks.lost": 2 }) })).toEqual([
      "web terminal",
      "SSH",
      "all",
    ]);
    expect(columns({ "ticks.lost": 2 })).toEqual(["all"]);
    expect(columns({})).toEqual([]);
  });
});

describe("a table of series", () => {
  const rows = (id: string, numbers: Parameters<typeof figuresOf>[1]) =>
    seriesIn(tableOf("series", id), figuresOf(TRAFFIC, numbers));
  const drop = (code: string, count: number) => ({ [`drops{code="${code}",reason=""}.count`]: count });

  it("has the largest first, or is in order of its names", () => {
    const drops = rows("drops", { ...drop("1001", 1), ...drop("1006", 5), ...drop("1011", 1) });
    expect(drops.map(({ code }) => code)).toEqual(["1006", "1001", "1011"]);
    const places = rows(
      "places",
      Object.fromEntries([10, 2, 0].map((place) => [`place_connections{place="${place}"}.max`, place])),
    );
    expect(places.map(({ place }) => place)).toEqual(["0", "2", "10"]);
  });

  it("has no row for what other tables and cards are about", () => {
    expect(rows("drops", trafficNumbers(40_000))).toEqual([{ code: "1006", reason: "" }]);
    expect(rows("places", { 'lateness{place="1"}.p99': 3, "lateness.p99": 3 })).toEqual([]);
  });

  it("explains a close code where the other side gave no reason", () => {
    expect(closeMeaning("reason", { code: "1006", reason: "" })).toBe("ended without a close frame");
    expect(closeMeaning("reason", { code: "4999", reason: "" })).toBe("");
    expect(closeMeaning("place", { code: "1006" })).toBe("");
  });
});

it("a figure has the unit of what it is of, and an alias that is a share of another is one", () => {
  const metrics = [...CREATION_DESCRIPTION.metrics, ...TRAFFIC.metrics];
  let seen = 0;
  for (const metric of metrics)
    for (const figure of namesOf(metric)) {
      const alias = metric.aliases?.[figure];
      const expected = alias?.per ? "share" : figureUnit(metric, alias?.figure ?? figure);
      expect.soft(unitOf(metric, figure), figure).toBe(expected);
      seen++;
    }
  expect(seen).toBeGreaterThan(100);
});

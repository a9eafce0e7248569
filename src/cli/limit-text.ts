import type { FigureUnit } from "../protocol/description.ts";
import { formatClock } from "../protocol/duration.ts";
import { formatFigure } from "../protocol/format-figure.ts";
import type { LimitGrid, LimitLevel, LimitLook, LimitResult } from "../protocol/limit.ts";
import { nameOf, sayRises, sayRow, sayValue } from "../protocol/limit-words.ts";
import { english } from "../text/message.ts";

/** The levels of a search for the largest load, each look a line. */
export function limitLines(limit: LimitResult | undefined): string[] {
  if (!limit) return [];
  const { grid, step, vary } = limit;
  if (!grid) return searchLines(limit, `Levels of ${step} (${vary})`);
  return [
    ...gridLines(limit, grid),
    ...grid.rows.flatMap((row) =>
      searchLines(row, `Levels of ${step} (${vary}), at ${english(sayValue(grid.vary, row.value))}`),
    ),
  ];
}

/** What each search came to, and which were not begun. */
function gridLines({ step, vary, to }: LimitResult, grid: LimitGrid): string[] {
  const width = Math.max(...[...grid.rows.map(({ value }) => value), ...grid.not_reached].map(lengthOf));
  return [
    `Limits of ${step} (${english(nameOf(vary))}) by ${english(nameOf(grid.vary))}`,
    ...grid.rows.map(({ value, end }) => `  ${String(value).padStart(width)}  ${english(sayRow(end, to))}`),
    ...grid.not_reached.map((value) => `  ${String(value).padStart(width)}  not searched`),
    ...sayRises(grid).map((said) => `  ${english(said)}`),
    "",
  ];
}

function lengthOf(value: number): number {
  return String(value).length;
}

function searchLines(limit: Pick<LimitResult, "levels" | "bottleneck">, title: string): string[] {
  if (limit.levels.length === 0) return [];
  const expressions = limit.levels[0]?.looks[0]?.objectives.map(({ expression }) => expression) ?? [];
  const head = ["Level", "from", "seconds", "achieved", ...expressions, "verdict"];
  const rows = limit.levels.flatMap((level) => level.looks.map((look) => rowOf(level, look)));
  const widths = head.map((name, at) => Math.max(name.length, ...rows.map((row) => row[at]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    `  ${cells.map((cell, at) => (at === cells.length - 1 ? cell : cell.padStart(widths[at] ?? 0))).join("  ")}`;
  return [title, line(head), ...rows.map(line), ...bottleneckLine(limit.bottleneck), ""];
}

/** What breaks first at the smallest level that breaks. */
function bottleneckLine(bottleneck: LimitResult["bottleneck"]): string[] {
  if (!bottleneck) return [];
  const { level, title, because, cannot_tell } = bottleneck;
  if (title !== undefined) return [`  At ${level}, what breaks first: ${title} (${because.join("; ")})`];
  const without = [...new Set(cannot_tell.map((one) => one.without))];
  const why = without.length > 0 ? `; cannot tell without ${without.join(", ")}` : "";
  return [`  At ${level}, no bottleneck was seen${why}`];
}

function rowOf({ level }: LimitLevel, look: LimitLook): string[] {
  const { from, until, verdict, because, achieved, objectives } = look;
  return [
    String(level),
    formatClock(from * 1_000),
    String(until - from),
    achieved === null ? "–" : formatFigure(achieved, "share"),
    ...objectives.map(({ value, unit }) => (value === null ? "–" : formatFigure(value, unit as FigureUnit))),
    because === "drifts" ? "breaks (never settles)" : verdict,
  ];
}

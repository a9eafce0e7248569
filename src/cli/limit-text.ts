import type { FigureUnit } from "../protocol/description.ts";
import { formatClock } from "../protocol/duration.ts";
import { formatFigure } from "../protocol/format-figure.ts";
import type { LimitLevel, LimitLook, LimitResult } from "../protocol/limit.ts";

/** The levels of a search for the largest load, each look a line. */
export function limitLines(limit: LimitResult | undefined): string[] {
  if (!limit || limit.levels.length === 0) return [];
  const expressions = limit.levels[0]?.looks[0]?.objectives.map(({ expression }) => expression) ?? [];
  const head = ["Level", "from", "seconds", "achieved", ...expressions, "verdict"];
  const rows = limit.levels.flatMap((level) => level.looks.map((look) => rowOf(level, look)));
  const widths = head.map((name, at) => Math.max(name.length, ...rows.map((row) => row[at]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    `  ${cells.map((cell, at) => (at === cells.length - 1 ? cell : cell.padStart(widths[at] ?? 0))).join("  ")}`;
  return [
    `Levels of ${limit.step} (${limit.vary})`,
    line(head),
    ...rows.map(line),
    ...bottleneckLine(limit.bottleneck),
    "",
  ];
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

import { formatFigure } from "../protocol/format-figure.ts";
import type { LimitResult } from "../protocol/limit.ts";
import { frontierOf, type LimitPlot, plotsOf } from "../protocol/limit-plots.ts";
import { nameOf, sayShape, sayValue } from "../protocol/limit-words.ts";
import { english } from "../text/message.ts";

const BAR = 28;
const PARTS = [..." ▏▎▍▌▋▊▉█"];
const MARKS = { passes: "✓", breaks: "✗", invalid: "?" };
/** A figure that is further past its limit is cut off, or nothing below the limit could be told apart. */
const MOST_OF_LIMIT = 2;

/** The levels of a search as bars: load against each objective and against the throughput, with limit and knee. */
export function limitPicture(limit: LimitResult | undefined): string[] {
  if (!limit) return [];
  const { grid } = limit;
  if (!grid) return searchPicture(limit);
  const by = english(nameOf(grid.vary));
  return [
    ...frontierBars(limit, by),
    ...grid.rows.flatMap((row) => {
      const step = `${limit.step} at ${english(sayValue(grid.vary, row.value))}`;
      return searchPicture({ ...limit, knee: undefined, curves: undefined, ...row, step });
    }),
  ];
}

/** The largest level that passes, over the second number. */
function frontierBars(limit: LimitResult, by: string): string[] {
  const passing = (frontierOf(limit)?.points ?? []).filter(({ verdict }) => verdict === "passes");
  if (passing.length < 2) return [];
  const most = Math.max(...passing.map(({ value }) => value));
  const widths = [
    Math.max(...passing.map(({ level }) => String(level).length)),
    Math.max(...passing.map(({ value }) => String(value).length)),
  ];
  return [
    `${english(nameOf(limit.vary))} of ${limit.step} that pass, by ${by}`,
    ...passing.map(({ level, value }) =>
      `  ${String(level).padStart(widths[0] ?? 0)}  ${String(value).padStart(widths[1] ?? 0)}  ${barOf(value / most, undefined)}`.trimEnd(),
    ),
    "",
  ];
}

function searchPicture(limit: LimitResult): string[] {
  if (limit.levels.length < 2) return [];
  const pictures = plotsOf(limit).flatMap((plot) => barsOf(plot, limit));
  const said = sayShape(limit).map((one) => `  ${english(one)}`);
  return [...pictures, ...said, ...(said.length > 0 ? [""] : [])];
}

function barsOf(plot: LimitPlot, { step, vary, knee, levels }: LimitResult): string[] {
  const { limit, expression, unit } = plot;
  const rows = levels.flatMap(({ level, verdict }) => {
    const values = plot.points.filter((point) => point.level === level).map(({ value }) => value);
    return values.length === 0 ? [] : [{ level, verdict, value: medianOf(values) }];
  });
  if (rows.length < 2) return [];
  const largest = Math.max(...rows.map(({ value }) => value));
  const most = limit === undefined ? largest : Math.min(largest, MOST_OF_LIMIT * limit);
  const scale = Math.max(most, limit ?? 0, Number.MIN_VALUE);
  const texts = rows.map(({ value }) => formatFigure(value, unit));
  const [levelWidth, textWidth] = [
    Math.max(...rows.map(({ level }) => String(level).length)),
    Math.max(...texts.map(({ length }) => length)),
  ];
  const title = expression ?? "throughput";
  return [
    `${vary} of ${step} against ${title}`,
    ...rows.map(({ level, verdict, value }, at) => {
      const bar = barOf(value / scale, limit === undefined ? undefined : limit / scale);
      const mark = level === knee ? " ◆ knee" : "";
      const head = `${String(level).padStart(levelWidth)} ${MARKS[verdict]} ${(texts[at] ?? "").padStart(textWidth)}`;
      return `  ${head}  ${bar}${mark}`.trimEnd();
    }),
    "",
  ];
}

/** `share` of the bar's width; the limit is a line across it. */
function barOf(share: number, limit: number | undefined): string {
  const isCut = share > 1 + 1e-9;
  const eighths = Math.round(Math.min(1, Math.max(0, share)) * BAR * 8);
  const cells = Array.from(
    { length: BAR },
    (_, at) => PARTS[Math.min(8, Math.max(0, eighths - at * 8))] ?? " ",
  );
  const line = limit === undefined ? undefined : Math.min(BAR - 1, Math.round(limit * BAR));
  if (line !== undefined) cells[line] = eighths > line * 8 ? "┃" : "│";
  return `${cells.join("")}${isCut ? "▶" : " "}`;
}

function medianOf(values: readonly number[]): number {
  const order = values.toSorted((one, other) => one - other);
  return order[Math.floor((order.length - 1) / 2)] ?? 0;
}

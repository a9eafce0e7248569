import type uPlot from "uplot";
import { t } from "../../l10n/text.ts";
import type { Span } from "../time/time-axis.ts";
import type { Flag } from "./flags.ts";
import type { Mark } from "./groups.ts";
import type { Palette } from "./palette.ts";

/** Between the lines that strike out what is left out of the figures. */
const HATCH_PX = 7;

/** Shades the time in which the run was paused, and what is left out of its figures; the latter is hatched, too. */
export function shade(plot: uPlot, palette: Palette, marks: readonly Mark[], overAreas: boolean): void {
  const { ctx, bbox } = plot;
  ctx.save();
  for (const mark of marks) {
    const { left, width } = placeOf(plot, mark);
    if (width <= 0) continue;
    ctx.globalAlpha = overAreas ? 0.6 : 1;
    ctx.fillStyle = overAreas ? palette.background : palette.line;
    ctx.fillRect(left, bbox.top, width, bbox.height);
    if (mark.reason !== undefined) hatch(plot, palette, left, width);
  }
  ctx.restore();
}

function hatch({ ctx, bbox }: uPlot, palette: Palette, left: number, width: number): void {
  const apart = HATCH_PX * devicePixelRatio;
  ctx.save();
  ctx.beginPath();
  ctx.rect(left, bbox.top, width, bbox.height);
  ctx.clip();
  ctx.globalAlpha = 0.5;
  ctx.strokeStyle = palette.text;
  ctx.lineWidth = devicePixelRatio;
  ctx.beginPath();
  // On one grid for the whole chart, so that the lines of neighbours meet.
  const first = Math.floor((left - bbox.height) / apart) * apart;
  for (let x = first; x < left + width; x += apart) {
    ctx.moveTo(x, bbox.top + bbox.height);
    ctx.lineTo(x + bbox.height, bbox.top);
  }
  ctx.stroke();
  ctx.restore();
}

/** Lines across the chart at the moments that are marked. */
export function drawFlags(plot: uPlot, palette: Palette, flags: readonly Flag[]): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.lineWidth = devicePixelRatio;
  ctx.strokeStyle = palette.of("--foreground");
  ctx.setLineDash([3 * devicePixelRatio, 3 * devicePixelRatio]);
  for (const { at } of flags) {
    const x = Math.round(plot.valToPos(at, "x", true));
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
  }
  ctx.restore();
}

/** A word above the chart, with where it would stand. */
interface Word {
  text: string;
  left: number;
  width: number;
}

/**
 * Writes what is shaded, and what is marked, above the chart: inside, the words would hide the lines. Where two have no
 * room beside each other, the earlier one stands.
 */
export function writeAbove(
  plot: uPlot,
  palette: Palette,
  marks: readonly Mark[],
  flags: readonly Flag[],
): void {
  const { ctx, bbox } = plot;
  const size = Math.round(10 * devicePixelRatio);
  ctx.save();
  ctx.font = palette.font.replace(/\d+px/, `${size}px`);
  ctx.textAlign = "left";
  ctx.textBaseline = "bottom";
  ctx.fillStyle = palette.of("--foreground");
  const widthOf = (text: string) => ctx.measureText(text).width;
  const words = [
    ...marks.flatMap((mark) => markWord(plot, mark, widthOf)),
    ...flagWords(plot, flags, widthOf),
  ];
  let free = bbox.left;
  for (const { text, left, width } of words.sort((one, other) => one.left - other.left)) {
    if (left < free) continue;
    ctx.fillText(text, left, bbox.top - devicePixelRatio);
    free = left + width + size;
  }
  ctx.restore();
}

/** In the middle of what is shaded, where that is wide enough: a single second has its shade only. */
function markWord(plot: uPlot, mark: Mark, widthOf: (text: string) => number): Word[] {
  const text = mark.reason === undefined ? t("paused") : t("left out");
  const { left, width: room } = placeOf(plot, mark);
  const width = widthOf(text);
  return width > room ? [] : [{ text, left: left + (room - width) / 2, width }];
}

/** From its line on; at the right edge, up to it. */
function flagWords(plot: uPlot, flags: readonly Flag[], widthOf: (text: string) => number): Word[] {
  const { left: first, width: all } = plot.bbox;
  return flags.flatMap(({ at, text }) => {
    const x = Math.round(plot.valToPos(at, "x", true));
    if (x < first || x > first + all) return [];
    const width = widthOf(text);
    return [{ text, left: x + width > first + all ? x - width : x, width }];
  });
}

/** Of the canvas, cut to the chart's own part of it. */
function placeOf(plot: uPlot, { min, max }: Span): { left: number; width: number } {
  const { left: from, width: all } = plot.bbox;
  const left = Math.max(from, plot.valToPos(min, "x", true));
  const right = Math.min(from + all, plot.valToPos(max, "x", true));
  return { left, width: right - left };
}

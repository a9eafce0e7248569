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

/** Writes above all lines what is marked, where there is room for it. */
export function nameMarks(plot: uPlot, palette: Palette, marks: readonly Mark[]): void {
  const { ctx, bbox } = plot;
  const size = Math.round(11 * devicePixelRatio);
  ctx.save();
  ctx.font = palette.font.replace(/\d+px/, `${size}px`);
  ctx.textAlign = "center";
  ctx.textBaseline = "middle";
  for (const mark of marks) {
    const word = mark.reason === undefined ? t("paused") : t("left out");
    const room = ctx.measureText(word).width + size;
    const { left, width } = placeOf(plot, mark);
    if (width < room) continue;
    const [x, y] = [left + width / 2, bbox.top + bbox.height / 2];
    ctx.fillStyle = palette.background;
    ctx.fillRect(x - room / 2, y - size, room, 2 * size);
    ctx.fillStyle = palette.text;
    ctx.fillText(word, x, y);
  }
  ctx.restore();
}

/** Lines across the chart at the moments that are marked, each with its words where the one before leaves room. */
export function drawFlags(plot: uPlot, palette: Palette, flags: readonly Flag[]): void {
  const { ctx, bbox } = plot;
  const size = Math.round(10 * devicePixelRatio);
  const pad = 3 * devicePixelRatio;
  ctx.save();
  ctx.font = palette.font.replace(/\d+px/, `${size}px`);
  ctx.textAlign = "left";
  ctx.textBaseline = "top";
  ctx.lineWidth = devicePixelRatio;
  ctx.setLineDash([3 * devicePixelRatio, 3 * devicePixelRatio]);
  let free = bbox.left;
  for (const { at, text } of flags) {
    const x = Math.round(plot.valToPos(at, "x", true));
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    ctx.strokeStyle = palette.of("--foreground");
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    const width = ctx.measureText(text).width + 2 * pad;
    // At the right edge, the words are before the line.
    const left = x + width > bbox.left + bbox.width ? x - width : x;
    if (left < free) continue;
    ctx.fillStyle = palette.background;
    ctx.fillRect(left, bbox.top, width, size + 2 * pad);
    ctx.fillStyle = palette.of("--foreground");
    ctx.fillText(text, left + pad, bbox.top + pad);
    free = left + width;
  }
  ctx.restore();
}

/** Of the canvas, cut to the chart's own part of it. */
function placeOf(plot: uPlot, { min, max }: Span): { left: number; width: number } {
  const { left: from, width: all } = plot.bbox;
  const left = Math.max(from, plot.valToPos(min, "x", true));
  const right = Math.min(from + all, plot.valToPos(max, "x", true));
  return { left, width: right - left };
}

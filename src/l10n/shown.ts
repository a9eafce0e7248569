import type { Figures, Line, ShownFigure } from "../protocol/description.ts";
import { figureKey } from "../protocol/figure-key.ts";
import {
  formatCount,
  formatDecimal,
  formatDuration,
  formatPerSecond,
  formatRate,
  localFigure,
} from "./figures.ts";
import { lookedUp, t } from "./text.ts";

/** Figures as a run describes them, written for people: one way for all who show a run. */

/** Stands for what was not measured. */
export const NO_FIGURE = "–";

/** `40ms`, `> 60s` where the true value is at least that, `–` where nothing was measured. */
export function formatShown(figure: ShownFigure | undefined): string {
  if (!figure) return NO_FIGURE;
  const text = formatValue(figure.value, figure.unit);
  return figure.atLeast ? `> ${text}` : text;
}

/** Why no more is known of a figure than that it is at least so much. */
export function atLeastText({ unfinished, of }: NonNullable<ShownFigure["atLeast"]>): string {
  return t("{0} of {1} have not ended", formatCount(unfinished), formatCount(of));
}

/** One value in its unit: `1.5s`, `0.15 %`, `12,480`, `495/s`, `1.24 MB`, `1.98 MB/s`, `0.40`. */
export function formatValue(value: number, unit: ShownFigure["unit"]): string {
  switch (unit) {
    case "duration":
      return formatDuration(value);
    case "share":
      return formatShare(value);
    case "count":
      return formatNumber(value);
    case "per_second":
      return `${formatPerSecond(value)}/s`;
    case "bytes":
      return formatBytes(value);
    case "bytes_per_second":
      return formatRate(value);
    case "cores":
      return formatDecimal(value, 2);
  }
}

/** The text of a line with its figures in it; undefined where it is not to be shown. */
export function lineText(line: Line, figures: Figures): string | undefined {
  const args = argsOf(line, figures);
  const isShown = line.some ? args.some(isSome) : args.every((figure) => figure !== undefined);
  return isShown ? lookedUp(line.text, ...args.map(formatShown)) : undefined;
}

/** How a line is to be taken: its own tone where one of its figures is not 0. */
export function lineTone(line: Line, figures: Figures): Line["tone"] {
  return argsOf(line, figures).some(isSome) ? line.tone : undefined;
}

function argsOf({ args }: Line, figures: Figures): (ShownFigure | undefined)[] {
  return args.map((ref) => figures[figureKey(ref)]);
}

function isSome(figure: ShownFigure | undefined): boolean {
  return figure !== undefined && figure.value !== 0;
}

/** Whole numbers as they are; others with two digits below one, and with one below ten. */
function formatNumber(value: number): string {
  if (Number.isInteger(value) || Math.abs(value) >= 10) return formatCount(value);
  return formatDecimal(value, Math.abs(value) < 1 ? 2 : 1);
}

/** A share of 1 as a percentage; neither rounded up to 100 nor down to 0. */
export function formatShare(share: number): string {
  const percent = share * 100;
  if (percent > 99.9 && percent < 100) return localFigure("99.9 %");
  if (percent > 0 && percent < 0.01) return localFigure("0.01 %");
  return localFigure(`${Number(percent.toFixed(percent < 1 ? 2 : 1))} %`);
}

/** Bytes with three digits: `850 B`, `1.23 MB` (MB = 1,000,000). */
export function formatBytes(bytes: number): string {
  return formatRate(bytes).replace("/s", "");
}

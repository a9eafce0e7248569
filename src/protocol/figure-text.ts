import type { FigureRef, Figures, FigureUnit, Line } from "./description.ts";
import { figureKey } from "./figure-key.ts";
import { formatFigure } from "./format-figure.ts";

/** "312ms", "> 60s"; a dash where nothing was measured. */
export function figureText(
  ref: FigureRef,
  figures: Figures,
  format: (value: number, unit: FigureUnit) => string = formatFigure,
): string {
  const figure = figures[figureKey(ref)];
  if (!figure) return "–";
  const text = format(figure.value, figure.unit);
  return figure.atLeast ? `> ${text}` : text;
}

/** Whether a line is to be shown: one that is only for faults where there is one, others where all of it is known. */
export function isShown({ args, some }: Line, figures: Figures): boolean {
  const found = args.map((ref) => figures[figureKey(ref)]?.value);
  return some ? found.some((value) => value !== undefined && value !== 0) : !found.includes(undefined);
}

/** A line with its figures in their places; undefined where it is not to be shown. */
export function lineText(
  line: Line,
  figures: Figures,
  { format, translate }: { format?: typeof formatFigure; translate?: (text: string) => string } = {},
): string | undefined {
  if (!isShown(line, figures)) return undefined;
  const text = translate?.(line.text) ?? line.text;
  return text.replace(/\{(\d+)\}/g, (whole, index: string) => {
    const ref = line.args[Number(index)];
    return ref ? figureText(ref, figures, format) : whole;
  });
}

import type { FigureRef, Figures, ShownFigure } from "../../protocol/description.ts";
import { figureKey } from "../../protocol/figure-key.ts";
import { type Labels, parseSeriesKey } from "../../protocol/series-key.ts";

/** The parts of a figure's key that says something of the measured part. */
export interface ParsedKey {
  metric: string;
  labels: Labels;
  figure: string;
}

/** Keys come again with every update: each is taken apart once. */
const parsed = new Map<string, ParsedKey | undefined>();
const MOST_PARSED = 5_000;

/** undefined for figures of the last second, and where the text is no key. */
export function parseFigureKey(key: string): ParsedKey | undefined {
  if (parsed.has(key)) return parsed.get(key);
  if (parsed.size >= MOST_PARSED) parsed.clear();
  const found = partsOf(key);
  parsed.set(key, found);
  return found;
}

function partsOf(key: string): ParsedKey | undefined {
  // A value of a label may hold anything; a figure may hold a point (p99.9), but no brace.
  const [, series = "", figure = ""] =
    /^([a-z][a-z0-9_]*\{.*\})\.([^{}@]+)$/s.exec(key) ?? /^([a-z][a-z0-9_]*)\.([^{}@]+)$/.exec(key) ?? [];
  const found = parseSeriesKey(series);
  return found && { ...found, figure };
}

/** A figure of those with some labels. */
export function figureWith(figures: Figures, ref: FigureRef, labels: Labels): ShownFigure | undefined {
  return figures[figureKey({ ...ref, labels: { ...ref.labels, ...labels } })];
}

import type { Description, FigureRef, Figures } from "../../src/protocol/description.ts";
import { figureKey } from "../../src/protocol/figure-key.ts";
import { unitOf } from "../../src/protocol/figure-unit.ts";
import { parseFigureKey } from "../../src/webview/tables/figure-keys.ts";

/** Numbers by the key of their figure. */
export type Numbers = Readonly<Record<string, number | null>>;

/** Figures as a run tells them: each with the unit of its metric. */
export function figuresOf(description: Description, numbers: Numbers): Figures {
  return Object.fromEntries(
    Object.entries(numbers).flatMap(([key, value]) => {
      const [series = ""] = key.split("@");
      const { metric: name = "", figure = "" } = parseFigureKey(series) ?? {};
      const metric = description.metrics.find((one) => one.name === name);
      const unit = metric && unitOf(metric, figure);
      if (!unit) throw new Error(`the description has no figure ${key}`);
      return value === null ? [] : [[key, { value, unit }]];
    }),
  );
}

/** The values of a sample, in the order in which the run describes them. */
export function valuesOf(description: Description, numbers: Numbers): (number | null)[] {
  return description.series.map((figure) => numbers[figureKey(figure)] ?? null);
}

/** Where in a sample a figure is. */
export function placeOf(description: Description, figure: FigureRef): number {
  const place = description.series.findIndex((one) => figureKey(one) === figureKey(figure));
  if (place === -1) throw new Error(`no second has ${figureKey(figure)}`);
  return place;
}

/** A sample's values with some of them changed. */
export function changed(
  description: Description,
  values: readonly (number | null)[],
  numbers: Numbers,
): (number | null)[] {
  return values.map((value, place) => {
    const figure = description.series[place];
    const next = figure && numbers[figureKey(figure)];
    return next === undefined ? value : next;
  });
}

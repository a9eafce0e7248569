import type { FigureRef } from "../protocol/description.ts";
import type { Sample } from "../protocol/snapshot.ts";
import type { Described } from "./model/described.ts";

const NAMESPACE = "http://www.w3.org/2000/svg";
const WIDTH = 72;
const HEIGHT = 18;
/** Steps in it: of more seconds, each is the worst of several. */
const MOST = 48;

/** A figure's seconds so far, small enough to stand beside its number, with the limit as a line. */
export function createSpark() {
  const limit = svg("line", { x1: "0", x2: String(WIDTH), class: "limit" });
  const path = svg("path", { class: "course" });
  const node = svg("svg", {
    width: String(WIDTH),
    height: String(HEIGHT),
    class: "spark",
    "aria-hidden": "true",
  });
  node.append(limit, path);
  let drawn = "";

  /** Hidden where the seconds do not have the figure. `isUpper`: what is above the limit is bad. */
  function update(values: readonly number[], bound: number, isUpper: boolean): void {
    const points = thinned(values, isUpper);
    node.toggleAttribute("hidden", points.length < 2);
    if (points.length < 2) return;
    const top = Math.max(bound, ...points) * 1.05 || 1;
    const y = (value: number) => (HEIGHT - 1 - (value / top) * (HEIGHT - 2)).toFixed(1);
    const wide = WIDTH / points.length;
    // Steps: a second has one value, and nothing between two is known.
    const [first = 0, ...others] = points;
    const steps = others.map((value, at) => `H${((at + 1) * wide).toFixed(1)}V${y(value)}`);
    const next = `M0 ${y(first)}${steps.join("")}H${WIDTH}`;
    if (next === drawn) return;
    drawn = next;
    path.setAttribute("d", next);
    limit.setAttribute("y1", y(bound));
    limit.setAttribute("y2", y(bound));
  }

  return { node, update };
}

function svg(name: string, attributes: Record<string, string>): SVGElement {
  const node = document.createElementNS(NAMESPACE, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  return node;
}

/** A second that was bad must not be thinned away. */
function thinned(values: readonly number[], isUpper: boolean): number[] {
  const size = Math.ceil(values.length / MOST);
  if (size <= 1) return [...values];
  const points: number[] = [];
  for (let at = 0; at < values.length; at += size)
    points.push((isUpper ? Math.max : Math.min)(...values.slice(at, at + size)));
  return points;
}

/** The figure's seconds that count; empty where they do not have it. */
export function courseOf(figure: FigureRef, described: Described, samples: readonly Sample[]): number[] {
  const place = described.placeOf(figure);
  if (place === undefined) return [];
  return samples.flatMap(({ values, invalid, paused }) => {
    const value = values[place];
    return value === null || value === undefined || invalid !== undefined || paused ? [] : [value];
  });
}

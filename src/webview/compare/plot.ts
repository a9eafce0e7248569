import { formatValue } from "../../l10n/shown.ts";
import type { Curve, Overlay } from "../../protocol/compare-page.ts";
import { formatClock } from "../../protocol/duration.ts";
import type { Scale } from "../limit/scale.ts";
import { svg } from "../plan/svg.ts";
import { durationScale, shareScale, timeScale, valueScale } from "./scales.ts";

export const HEIGHT = 230;
const ROOM = { left: 54, right: 12, top: 8, bottom: 26 };

/** A drawing of curves, with the scales that it is drawn by. */
export interface Plot {
  node: SVGSVGElement;
  x: Scale;
  /** Of a place from the left, in pixels. */
  valueAt(left: number): number;
  /** Puts the line of the pointer there; undefined takes it away. */
  point(left: number | undefined): void;
}

/** Draws the curves of all runs, each with its colour and its dashes, into so many pixels. */
export function drawPlot(overlay: Overlay, width: number, label: string): Plot {
  const inner = { left: ROOM.left, right: Math.max(ROOM.left + 40, width - ROOM.right) };
  const x = xScale(overlay, { from: inner.left, to: inner.right });
  const y = yScale(overlay, { from: HEIGHT - ROOM.bottom, to: ROOM.top });
  const cross = svg("line", { class: "cross", y1: text(ROOM.top), y2: text(HEIGHT - ROOM.bottom) });
  cross.setAttribute("visibility", "hidden");
  const node = svg(
    "svg",
    {
      ...{ width: text(width), height: text(HEIGHT), viewBox: `0 0 ${text(width)} ${HEIGHT}` },
      ...{ role: "img", "aria-label": label },
    },
    ...y.ticks.map((value) => gridLine(formatValue(value, overlay.unit), y.at(value), inner)),
    ...x.ticks.map((value) => xTick(xText(overlay, value), x.at(value), inner)),
    ...overlay.curves.map((curve) =>
      svg("path", {
        ...{ class: "curve", "data-run": String(curve.run) },
        d: overlay.kind === "distribution" ? stairsOf(curve, x, y) : lineOf(curve, x, y),
      }),
    ),
    cross,
  );
  return {
    node,
    x,
    valueAt: (left) => inverse(x, left, inner),
    point(left) {
      const isIn = left !== undefined && left >= inner.left && left <= inner.right;
      cross.setAttribute("visibility", isIn ? "visible" : "hidden");
      if (isIn) for (const end of ["x1", "x2"]) cross.setAttribute(end, text(left));
    },
  };
}

/** What stands under the drawing at this place. */
export function xText({ kind }: Overlay, value: number): string {
  return kind === "distribution" ? formatValue(value, "duration") : formatClock(value * 1_000);
}

interface Inner {
  left: number;
  right: number;
}

function xScale({ kind, curves }: Overlay, pixels: { from: number; to: number }): Scale {
  const xs = curves.flatMap((curve) => curve.xs);
  return kind === "distribution" ? durationScale(xs, pixels) : timeScale(Math.max(...xs), pixels);
}

function yScale({ kind, unit, curves }: Overlay, pixels: { from: number; to: number }): Scale {
  if (kind === "distribution") return shareScale(pixels);
  return valueScale(
    unit,
    curves.flatMap(({ ys }) => ys.flatMap((value) => value ?? [])),
    pixels,
  );
}

/** Scales only go one way; by halves it is near enough for a pointer. */
function inverse(x: Scale, left: number, { left: from, right: to }: Inner): number {
  let [low, high] = [0, 1];
  while (x.at(high) < Math.min(left, to) && high < Number.MAX_SAFE_INTEGER) high *= 2;
  for (let step = 0; step < 50; step++) {
    const middle = (low + high) / 2;
    if (x.at(middle) < Math.max(left, from)) low = middle;
    else high = middle;
  }
  return high;
}

function gridLine(words: string, at: number, { left, right }: Inner): SVGElement {
  const label = svg("text", { class: "tick value", x: text(left - 7), y: text(at) });
  label.textContent = words;
  return svg(
    "g",
    {},
    svg("line", { class: "grid", x1: text(left), x2: text(right), y1: text(at), y2: text(at) }),
    label,
  );
}

function xTick(words: string, at: number, { left, right }: Inner): SVGElement {
  const isAtEdge = at > right - 18 ? "end" : at < left + 12 ? "start" : "middle";
  const label = svg("text", { class: "tick", x: text(at), y: text(HEIGHT - 8), "text-anchor": isAtEdge });
  label.textContent = words;
  return label;
}

/** The share stays until the next one was ready. */
function stairsOf({ xs, ys }: Curve, x: Scale, y: Scale): string {
  const first = xs[0] ?? 0;
  const corners = xs.map((value, at) => `H${text(x.at(value))}V${text(y.at(ys[at] ?? 0))}`);
  return `M${text(x.at(first))} ${text(y.at(0))}${corners.join("")}`;
}

/** What was not measured is a gap. */
function lineOf({ xs, ys }: Curve, x: Scale, y: Scale): string {
  let isDown = false;
  return xs
    .map((at, index) => {
      const value = ys[index];
      if (value === null || value === undefined) {
        isDown = false;
        return "";
      }
      const command = isDown ? "L" : "M";
      isDown = true;
      return `${command}${text(x.at(at))} ${text(y.at(value))}`;
    })
    .join("");
}

function text(value: number): string {
  return String(Number(value.toFixed(1)));
}

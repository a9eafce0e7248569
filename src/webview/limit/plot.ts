import { localFigure } from "../../l10n/figures.ts";
import { t } from "../../l10n/text.ts";
import { formatClock } from "../../protocol/duration.ts";
import { formatFigure } from "../../protocol/format-figure.ts";
import type { LimitEnd, LimitResult } from "../../protocol/limit.ts";
import type { LimitPlot, PlotPoint } from "../../protocol/limit-plots.ts";
import { errorOf } from "../../protocol/limit-words.ts";
import type { PanelPlace } from "../../protocol/panel.ts";
import { h } from "../dom.ts";
import { svg } from "../plan/svg.ts";
import { linearScale, type Scale, scaleFor } from "./scale.ts";

const [WIDTH, HEIGHT] = [520, 230];
const INNER = { left: 62, right: WIDTH - 14, top: 24, bottom: HEIGHT - 30 };
/** Room for a label under the axis. */
const LABEL = 56;
const RADIUS = 4.5;
/** A finger needs more than an eye. */
const HIT = 12;

/** What is shown with all plots of a search. */
export interface Shown extends Pick<LimitResult, "knee" | "end" | "step"> {
  /** Of a frontier: what is searched, and the second number. */
  axes?: { vary: string; by: string };
}

const SPOKEN: Record<PlotPoint["verdict"], string> = {
  passes: t("passes"),
  breaks: t("breaks"),
  invalid: t("says nothing of the deployment"),
};

/** Load against one figure: a point for each look, which leads to its seconds. */
export function createPlot(plot: LimitPlot, shown: Shown, look: (at: PanelPlace) => void): HTMLElement {
  const title = titleOf(plot, shown);
  const x = linearScale(
    plot.points.map(({ level }) => level),
    { from: INNER.left, to: INNER.right },
  );
  const values = [
    ...plot.points.map(({ value }) => value),
    ...(plot.limit === undefined ? [] : [plot.limit]),
  ];
  const y = scaleFor(plot.of === "objective" ? plot.unit : "from_zero", values, {
    from: INNER.bottom,
    to: INNER.top,
  });
  const image = svg(
    "svg",
    {
      ...{ viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "group" },
      "aria-label": plot.of === "frontier" ? title : t("Load against {0}", title),
    },
    ...betweenOf(shown.end, x),
    ...axes(plot, x, y, shown.end),
    ...throughOf(plot, x, y),
    ...limitLine(plot, y),
    ...kneeLine(shown.knee, x),
    ...curveOf(plot, x, y),
    ...plot.points.map((point) => pointOf(point, plot, { x, y, shown }, () => look(placeOf(point, shown)))),
  );
  const caption = h("figcaption", {}, title);
  if (plot.curve)
    caption.append(h("span", { class: "curve-name" }, t("fitted, {0} off", errorOf(plot.curve))));
  return h("figure", {}, caption, image);
}

function titleOf({ of, expression }: Pick<LimitPlot, "of" | "expression">, { axes }: Shown): string {
  if (of === "frontier" && axes) return t("Limit of {0} by {1}", axes.vary, axes.by);
  return expression ?? t("Throughput");
}

function placeOf({ from, until }: PlotPoint, { step }: Shown): PanelPlace {
  return { step, from, until };
}

/** Between the largest passing level and the smallest failing one is the limit. */
function betweenOf(end: LimitEnd, x: Scale): Node[] {
  const sides = sidesOf(end);
  if (!sides) return [];
  const [from, to] = [x.at(sides.passing), x.at(sides.failing)];
  const { top, bottom } = INNER;
  return [
    svg("rect", {
      ...{ class: "between", x: text(from), width: text(Math.max(2, to - from)) },
      ...{ y: text(top), height: text(bottom - top) },
    }),
  ];
}

function sidesOf(end: LimitEnd): { passing: number; failing: number } | undefined {
  if (!("passing" in end) || !("failing" in end) || !end.passing || !end.failing) return undefined;
  return { passing: end.passing.level, failing: end.failing.level };
}

/** Under the axis, round levels; where the limit is, its two sides instead. */
function levelLabels(end: LimitEnd, x: Scale): Node[] {
  const sides = sidesOf(end);
  const middle = sides && (x.at(sides.passing) + x.at(sides.failing)) / 2;
  const label = (at: number, kind: string, words: string) => {
    const node = svg("text", { x: text(at), y: text(INNER.bottom + 16), class: `tick level ${kind}` });
    node.textContent = words;
    return node;
  };
  const round = x.ticks.filter((level) => middle === undefined || Math.abs(x.at(level) - middle) > LABEL);
  return [
    ...round.map((level) => label(x.at(level), "round", String(level))),
    ...(sides && middle !== undefined
      ? [label(Math.min(middle, INNER.right - LABEL / 2), "sides", `${sides.passing}–${sides.failing}`)]
      : []),
  ];
}

/** Through the middle of each level's looks; a fitted curve says more, and stands alone. */
function throughOf({ points, curve }: LimitPlot, x: Scale, y: Scale): Node[] {
  const levels = [...new Set(points.map(({ level }) => level))].sort((one, other) => one - other);
  if (curve || levels.length < 2) return [];
  const corners = levels.map((level) => {
    const values = points.filter((point) => point.level === level).map(({ value }) => value);
    const middle = values.sort((one, other) => one - other)[Math.floor((values.length - 1) / 2)] ?? 0;
    return `${text(x.at(level))} ${text(y.at(middle))}`;
  });
  return [svg("path", { class: "through", d: `M${corners.join("L")}` })];
}

function axes({ unit }: LimitPlot, x: Scale, y: Scale, end: LimitEnd): Node[] {
  const { left, right, bottom } = INNER;
  return [
    ...y.ticks.map((value) => {
      const at = text(y.at(value));
      const label = svg("text", { x: text(left - 7), y: at, class: "tick value" });
      label.textContent = localFigure(formatFigure(value, unit));
      return svg("g", {}, line("grid", text(left), at, text(right), at), label);
    }),
    line("axis", text(left), text(bottom), text(right), text(bottom)),
    ...levelLabels(end, x),
  ];
}

function limitLine({ limit, unit }: LimitPlot, y: Scale): Node[] {
  if (limit === undefined) return [];
  const at = text(y.at(limit));
  const label = svg("text", { x: text(INNER.left + 4), y: text(y.at(limit) - 5), class: "limit-label" });
  label.textContent = t("limit {0}", localFigure(formatFigure(limit, unit)));
  return [line("limit", text(INNER.left), at, text(INNER.right), at), label];
}

function kneeLine(knee: number | undefined, x: Scale): Node[] {
  if (knee === undefined) return [];
  const at = x.at(knee);
  const isRight = at > (INNER.left + INNER.right) / 2;
  const label = svg("text", {
    ...{ x: text(at + (isRight ? -5 : 5)), y: text(INNER.top - 8), class: "knee-label" },
    "text-anchor": isRight ? "end" : "start",
  });
  label.textContent = t("knee {0}", String(knee));
  return [line("knee", text(at), text(INNER.top - 16), text(at), text(INNER.bottom)), label];
}

function curveOf({ curve }: LimitPlot, x: Scale, y: Scale): Node[] {
  if (!curve) return [];
  const corners = curve.points
    .filter(([, value]) => y.holds(value))
    .map(([level, value]) => `${text(x.at(level))} ${text(y.at(value))}`);
  return corners.length < 2 ? [] : [svg("path", { class: "curve", d: `M${corners.join("L")}` })];
}

function pointOf(
  point: PlotPoint,
  { of, unit, expression }: LimitPlot,
  { x, y, shown: { axes } }: { x: Scale; y: Scale; shown: Shown },
  open: () => void,
): SVGElement {
  const { level, value, verdict, from } = point;
  const [cx, cy] = [x.at(level), y.at(value)];
  const at = formatClock(from * 1_000);
  const said =
    of === "frontier"
      ? t("At {0} {1}, level {2} {3}, at {4}", String(level), axes?.by ?? "", value, SPOKEN[verdict], at)
      : t(
          "Level {0} {1}: {2} {3}, at {4}",
          ...[String(level), SPOKEN[verdict], expression ?? t("Throughput")],
          ...[localFigure(formatFigure(value, unit)), at],
        );
  const title = svg("title");
  title.textContent = said;
  const node = svg(
    "g",
    {
      ...{ class: "point", "data-verdict": verdict, "data-key": `${level} ${from}` },
      ...{ role: "button", tabindex: "0", "aria-label": said },
    },
    title,
    svg("circle", { class: "hit", cx: text(cx), cy: text(cy), r: String(HIT) }),
    markOf(verdict, cx, cy),
  );
  node.addEventListener("click", open);
  node.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    open();
  });
  return node;
}

/** Not by colour alone: a level that breaks is a cross, one that says nothing a ring. */
function markOf(verdict: PlotPoint["verdict"], cx: number, cy: number): SVGElement {
  if (verdict !== "breaks")
    return svg("circle", { class: "mark", cx: text(cx), cy: text(cy), r: String(RADIUS) });
  const [left, right, top, bottom] = [cx - RADIUS, cx + RADIUS, cy - RADIUS, cy + RADIUS].map(text);
  return svg("path", {
    class: "mark",
    d: `M${left} ${top}L${right} ${bottom}M${left} ${bottom}L${right} ${top}`,
  });
}

function line(kind: string, x1: string, y1: string, x2: string, y2: string): SVGElement {
  return svg("line", { class: kind, x1, y1, x2, y2 });
}

function text(value: number): string {
  return String(Number(value.toFixed(1)));
}

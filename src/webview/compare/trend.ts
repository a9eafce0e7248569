import { formatDateTime } from "../../l10n/figures.ts";
import { formatValue } from "../../l10n/shown.ts";
import { plural, t, wordsOf } from "../../l10n/text.ts";
import type { Comparison, FigureRow, TrendPoint } from "../../protocol/compare-page.ts";
import type { FigureUnit } from "../../protocol/description.ts";
import { h, setHidden, setText } from "../dom.ts";
import { linearScale } from "../limit/scale.ts";
import { svg } from "../plan/svg.ts";
import { createSection } from "../section.ts";
import { outcomeOf } from "./run-name.ts";

const HEIGHT = 190;
const ROOM = { left: 54, right: 16, top: 12, bottom: 28 };
const RADIUS = 4;
/** A finger needs more than an eye. */
const HIT = 12;

interface Actions {
  open(run: string): void;
  /** A person has chosen this figure. */
  chosen(trend: string): void;
}

interface Choice {
  key: string;
  unit: FigureUnit;
  label: string;
}

interface Value {
  point: TrendPoint;
  value: number;
}

/** One figure of the last runs of the same test; those that are compared have their colours. */
export function createTrend({ open, chosen }: Actions) {
  const select = h("select", { id: "trend-figure" });
  const label = h("label", { for: "trend-figure" }, t("Figure"));
  const canvas = h("div", { class: "canvas" });
  const empty = h("p", { class: "dim" }, t("No run of this test has this figure."));
  const section = createSection(t("Trend"), "", h("div", { class: "choice" }, label, select), canvas, empty);
  let runs: readonly string[] = [];
  let rows: readonly FigureRow[] = [];
  let points: readonly TrendPoint[] = [];
  let wanted: string | undefined;
  let width = 0;
  select.addEventListener("change", () => {
    wanted = select.value;
    chosen(wanted);
    draw();
  });
  new ResizeObserver(() => {
    if (canvas.clientWidth !== width) draw();
  }).observe(canvas);
  section.node.hidden = true;

  /** Which figures there are, and which runs are compared; `kept`: the figure that was looked at before. */
  function describe({ figures, runs: compared, trend }: Comparison, kept: string | undefined): void {
    rows = figures;
    runs = compared.map(({ id }) => id);
    wanted ??= kept ?? trend;
    offer();
  }

  function update(all: readonly TrendPoint[]): void {
    points = all;
    offer();
  }

  function offer(): void {
    const choices = choicesOf(rows, points);
    setHidden(section.node, choices.length === 0 || points.length < 2);
    setText(
      section.note,
      plural(points.length, {
        one: "the last {0} run of the newest one's test",
        other: "the last {0} runs of the newest one's test",
      }),
    );
    select.replaceChildren(...choices.map((one) => h("option", { value: one.key }, one.label)));
    select.value = choices.find(({ key }) => key === wanted)?.key ?? choices[0]?.key ?? "";
    draw();
  }

  function draw(): void {
    width = canvas.clientWidth;
    const choice = choicesOf(rows, points).find(({ key }) => key === select.value);
    const values = choice ? valuesOf(points, choice.key) : [];
    setHidden(empty, values.length > 0);
    if (choice && values.length > 0 && width > 0)
      canvas.replaceChildren(drawTrend({ choice, values, width, runs, open }));
    else canvas.replaceChildren();
  }

  return { node: section.node, describe, update };
}

/** Those that the results of the test have. Several rows may be judged by one figure. */
function choicesOf(rows: readonly FigureRow[], points: readonly TrendPoint[]): Choice[] {
  const choices = rows.flatMap(({ step, label, trend }) => {
    if (!trend || !points.some(({ values }) => trend.key in values)) return [];
    const words = step === undefined ? wordsOf(label) : `${step}: ${wordsOf(label)}`;
    return [{ ...trend, label: words }];
  });
  return [...new Map(choices.map((one) => [one.key, one])).values()];
}

function valuesOf(points: readonly TrendPoint[], key: string): Value[] {
  return points.flatMap((point) => {
    const value = point.values[key];
    return value === undefined ? [] : [{ point, value }];
  });
}

interface TrendParts {
  choice: Choice;
  values: readonly Value[];
  width: number;
  /** Those that are compared. */
  runs: readonly string[];
  open(run: string): void;
}

function drawTrend({ choice, values, width, runs, open }: TrendParts): SVGElement {
  const inner = { left: ROOM.left, right: width - ROOM.right, bottom: HEIGHT - ROOM.bottom };
  const xAt = (place: number) =>
    values.length < 2
      ? (inner.left + inner.right) / 2
      : inner.left + 12 + (place / (values.length - 1)) * (inner.right - inner.left - 24);
  const y = linearScale(
    values.map(({ value }) => value),
    { from: inner.bottom, to: ROOM.top },
  );
  const corners = values.map(({ value }, place) => `${text(xAt(place))} ${text(y.at(value))}`);
  return svg(
    "svg",
    {
      ...{ width: text(width), height: text(HEIGHT), viewBox: `0 0 ${text(width)} ${HEIGHT}` },
      ...{ role: "group", "aria-label": t("{0} by run", choice.label) },
    },
    ...y.ticks.map((value) => gridLine(formatValue(value, choice.unit), y.at(value), inner)),
    svg("path", { class: "through", d: `M${corners.join("L")}` }),
    ...values.map(({ point, value }, place) =>
      pointOf(point, `${formatValue(value, choice.unit)}`, {
        at: { x: xAt(place), y: y.at(value) },
        run: runs.indexOf(point.id),
        open,
      }),
    ),
    ...endLabels(values, inner),
  );
}

function endLabels(values: readonly Value[], { left, right }: { left: number; right: number }): SVGElement[] {
  const label = (value: Value | undefined, x: number, anchor: string) => {
    const node = svg("text", { class: "tick", x: text(x), y: text(HEIGHT - 8), "text-anchor": anchor });
    node.textContent = value ? formatDateTime(value.point.createdAt) : "";
    return node;
  };
  const first = label(values[0], left, "start");
  return values.length < 2 ? [first] : [first, label(values.at(-1), right, "end")];
}

interface PointParts {
  at: { x: number; y: number };
  /** Its place among those that are compared; -1: it is none of them. */
  run: number;
  open(run: string): void;
}

function pointOf(
  { id, createdAt, ending }: TrendPoint,
  shown: string,
  { at, run, open }: PointParts,
): SVGElement {
  const said = t("{0}, {1}, {2}: {3}", formatDateTime(createdAt), id, outcomeOf(ending), shown);
  const title = svg("title");
  title.textContent = said;
  const [cx, cy] = [text(at.x), text(at.y)];
  const node = svg(
    "g",
    { class: "point", role: "button", tabindex: "0", "aria-label": said },
    title,
    svg("circle", { class: "hit", cx, cy, r: String(HIT) }),
    markOf(ending === "failed", at, run),
  );
  if (run >= 0) node.setAttribute("data-run", String(run));
  node.addEventListener("click", () => open(id));
  node.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    open(id);
  });
  return node;
}

/** Not by colour alone: what is compared is larger, a run that failed is a cross. */
function markOf(isFailed: boolean, { x, y }: { x: number; y: number }, run: number): SVGElement {
  const size = run >= 0 ? RADIUS * 1.5 : RADIUS;
  if (!isFailed) return svg("circle", { class: "mark", cx: text(x), cy: text(y), r: String(size) });
  const [left, right, top, bottom] = [x - size, x + size, y - size, y + size].map(text);
  return svg("path", {
    class: "mark cross",
    d: `M${left} ${top}L${right} ${bottom}M${left} ${bottom}L${right} ${top}`,
  });
}

function gridLine(words: string, at: number, { left, right }: { left: number; right: number }): SVGElement {
  const label = svg("text", { class: "tick value", x: text(left - 7), y: text(at) });
  label.textContent = words;
  return svg(
    "g",
    {},
    svg("line", { class: "grid", x1: text(left), x2: text(right), y1: text(at), y2: text(at) }),
    label,
  );
}

function text(value: number): string {
  return String(Number(value.toFixed(1)));
}

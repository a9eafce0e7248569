import { formatShare, formatValue } from "../../l10n/shown.ts";
import { listed, t, wordsOf } from "../../l10n/text.ts";
import type { Comparison, Curve, Overlay } from "../../protocol/compare-page.ts";
import { h, setHidden, setText } from "../dom.ts";
import { createSection } from "../section.ts";
import { drawPlot, type Plot, xText } from "./plot.ts";
import { type RunName, spokenName, swatch } from "./run-name.ts";

/** The runs' curves over each other, step by step. */
export function createOverlays() {
  const plots = h("div", { class: "plots" });
  const { node } = createSection(t("Curves"), t("times count from the begin of the step"), plots);
  const drawn = new Map<Element, () => void>();
  const resized = new ResizeObserver((entries) => {
    for (const { target } of entries) drawn.get(target)?.();
  });

  function update({ overlays }: Comparison, names: readonly RunName[]): void {
    resized.disconnect();
    drawn.clear();
    const figures = overlays.map((overlay) => createOverlay(overlay, names));
    plots.replaceChildren(...figures.map((figure) => figure.node));
    setHidden(node, overlays.length === 0);
    for (const { canvas, draw } of figures) {
      drawn.set(canvas, draw);
      resized.observe(canvas);
    }
  }

  return { node, update };
}

function createOverlay(overlay: Overlay, names: readonly RunName[]) {
  const { step, title, note, curves } = overlay;
  const canvas = h("div", { class: "canvas" });
  const at = h("span", { class: "at dim" });
  const values = curves.map(() => h("span", { class: "number" }));
  const legend = h("ul", { class: "legend" });
  curves.forEach(({ run }, place) => {
    const name = names[run];
    const value = values[place];
    if (name && value) legend.append(h("li", {}, swatch(run), h("span", {}, spokenName(name)), value));
  });
  const words = step === undefined ? wordsOf(title) : `${step}: ${wordsOf(title)}`;
  const caption = h("figcaption", {}, h("strong", {}, words), h("span", { class: "dim" }, wordsOf(note)));
  const node = h("figure", { "data-kind": overlay.kind }, caption, canvas, legend, at);
  let plot: Plot | undefined;
  let width = 0;

  function draw(): void {
    const room = canvas.clientWidth;
    if (room === 0 || room === width) return;
    width = room;
    plot = drawPlot(overlay, room, `${words}: ${spoken(overlay, names)}`);
    canvas.replaceChildren(plot.node);
  }

  function show(left: number | undefined): void {
    plot?.point(left);
    const x = left === undefined ? undefined : plot?.valueAt(left);
    curves.forEach((curve, place) => {
      const value = values[place];
      if (value) setText(value, x === undefined ? summaryOf(overlay, curve) : valueText(overlay, curve, x));
    });
    setText(at, x === undefined ? "" : t("at {0}", xText(overlay, x)));
  }

  canvas.addEventListener("pointermove", ({ clientX }) =>
    show(clientX - canvas.getBoundingClientRect().left),
  );
  canvas.addEventListener("pointerleave", () => show(undefined));
  show(undefined);
  return { node, canvas, draw };
}

/** For those who do not see the curves. */
function spoken(overlay: Overlay, names: readonly RunName[]): string {
  return listed(
    overlay.curves.map((curve) => {
      const name = names[curve.run];
      return `${name ? spokenName(name) : ""} ${summaryOf(overlay, curve)}`;
    }),
  );
}

/** What a whole curve comes to. */
function summaryOf({ kind, unit }: Overlay, { xs, ys }: Curve): string {
  if (kind === "course") {
    const all = ys.flatMap((value) => value ?? []);
    return t("at most {0}", formatValue(Math.max(...all), unit));
  }
  const at = ys.findIndex((share) => share !== null && share >= 0.95);
  const x = xs[at];
  return x === undefined
    ? t("{0} in all", formatShare(ys.at(-1) ?? 0))
    : t("95 % by {0}", formatValue(x, "duration"));
}

/** The last value up to there. */
function valueText({ unit }: Overlay, { xs, ys }: Curve, x: number): string {
  const at = xs.findLastIndex((one) => one <= x);
  // Beyond its end, a course has no value.
  const value = at < 0 ? (unit === "share" ? 0 : null) : ys[at];
  const isOver = unit !== "share" && x > (xs.at(-1) ?? 0) + 1;
  return value === null || value === undefined || isOver ? "–" : formatValue(value, unit);
}

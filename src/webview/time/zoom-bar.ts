import { t } from "../../l10n/text.ts";
import { formatClock } from "../../protocol/duration.ts";
import { h, setAttribute, setText } from "../dom.ts";
import type { TimeAxis, Zoom } from "./time-axis.ts";

const CHOICES: { label: string; zoom: Zoom }[] = [
  { label: t("All"), zoom: undefined },
  { label: t("Last 5 minutes"), zoom: { last: 300 } },
  { label: t("Last minute"), zoom: { last: 60 } },
];

const ZOOMS = [
  ["-", t("Zoom out"), "−"],
  ["+", t("Zoom in"), "+"],
] as const;

/** Which part of the run's time is shown: the ways to zoom that need no pointer, and the way back. */
export function createZoomBar(axis: TimeAxis) {
  const part = h("span", { class: "part", role: "status" });
  const buttons = CHOICES.map(({ label, zoom }) => {
    const button = h("button", { type: "button", class: "choice" }, label);
    button.addEventListener("click", () => axis.zoomTo(zoom));
    return { button, zoom };
  });
  const choices = h("div", { class: "choices", role: "group", "aria-label": t("Time shown") });
  choices.append(...buttons.map(({ button }) => button));
  const zooms = h("div", { class: "choices", role: "group", "aria-label": t("Zoom, arrow keys move") });
  for (const [key, label, sign] of ZOOMS) {
    const button = h("button", { type: "button", class: "choice", "aria-label": label, title: label }, sign);
    button.addEventListener("click", () => axis.press(key));
    zooms.append(button);
  }
  zooms.addEventListener("keydown", (event) => {
    if (/^(Arrow(Left|Right)|[-+=0])$/.test(event.key) && axis.press(event.key)) event.preventDefault();
  });
  const node = h("div", { class: "zoom-bar" }, h("span", { class: "dim" }, t("Time")), choices, zooms, part);

  function draw(): void {
    for (const { button, zoom } of buttons)
      setAttribute(button, "aria-pressed", String(same(zoom, axis.zoom)));
    const { zoom } = axis;
    const marked = zoom && "min" in zoom ? zoom : undefined;
    setText(
      part,
      marked
        ? `${formatClock(marked.min * 1_000)} – ${formatClock(marked.max * 1_000)}`
        : t("drag in a chart to zoom in, double-click for all"),
    );
    setAttribute(part, "data-marked", marked ? "" : undefined);
  }

  axis.onZoom(draw);
  draw();
  return { node };
}

function same(a: Zoom, b: Zoom): boolean {
  if (!a || !b) return a === b;
  return "last" in a && "last" in b && a.last === b.last;
}

import { localFigure } from "../../l10n/figures.ts";
import { t, wordsOf } from "../../l10n/text.ts";
import type { LimitEnd, LimitResult } from "../../protocol/limit.ts";
import { frontierOf, plotsOf } from "../../protocol/limit-plots.ts";
import { nameOf, sayLimit, sayShape, sayValue } from "../../protocol/limit-words.ts";
import type { PanelPlace } from "../../protocol/panel.ts";
import { h, setHidden, setText } from "../dom.ts";
import { createSection } from "../section.ts";
import { createPlot } from "./plot.ts";

/** A search for the largest load: how it stands, and its levels in pictures. `look`: show these seconds. */
export function createLimit(look: (at: PanelPlace) => void) {
  const sentence = h("p", { class: "limit-sentence", role: "status" });
  const searches = h("div", { class: "searches" });
  const section = createSection(t("The limit"), "", sentence, searches);
  section.node.classList.add("limit");
  section.node.hidden = true;
  let drawn = "";

  function update({ limit }: { limit?: LimitResult | undefined }): void {
    setHidden(section.node, limit === undefined);
    if (!limit) return;
    const { vary, step, parts, from, to } = limit;
    const steps = parts?.map((part) => part.step).join(", ") ?? step;
    setText(section.note, t("{0} of {1}, from {2} to {3}", wordsOf(nameOf(vary)), steps, from, to));
    setText(sentence, localFigure(wordsOf(sayLimit(limit))));
    // A search has something new to say when a look ends, not with each second.
    const state = JSON.stringify([limit.levels, limit.end, limit.knee, limit.grid]);
    if (state === drawn) return;
    drawn = state;
    const focused = keyOf(document.activeElement);
    searches.replaceChildren(...(limit.grid ? createGrid(limit, look) : createSearch(limit, look)));
    if (focused !== undefined) searches.querySelector<SVGElement>(`[data-key="${focused}"]`)?.focus();
  }

  return { node: section.node, update };
}

/** Load against each figure, and what the levels come to together. */
function createSearch(limit: LimitResult, look: (at: PanelPlace) => void): HTMLElement[] {
  const plots = plotsOf(limit).map((plot) => createPlot(plot, limit, look));
  const notes = sayShape(limit).map((said) => h("li", {}, localFigure(wordsOf(said))));
  return [h("div", { class: "plots" }, ...plots), h("ul", { class: "notes" }, ...notes)];
}

/** The frontier over the second number, and below it each search. */
function createGrid(limit: LimitResult, look: (at: PanelPlace) => void): HTMLElement[] {
  const { grid, step, vary } = limit;
  if (!grid) return [];
  const by = wordsOf(nameOf(grid.vary));
  const frontier = frontierOf(limit);
  const shown = { step, end: NO_SIDES, axes: { vary: wordsOf(nameOf(vary)), by } };
  return [
    ...(frontier ? [h("div", { class: "plots" }, createPlot(frontier, shown, look))] : []),
    ...grid.rows.flatMap((row) => [
      h("h3", {}, wordsOf(sayValue(grid.vary, row.value))),
      ...createSearch({ ...limit, knee: undefined, curves: undefined, ...row }, look),
    ]),
  ];
}

/** Each point of a frontier has its own. */
const NO_SIDES: LimitEnd = { kind: "so_far", why: "running" };

function keyOf(node: Element | null): string | undefined {
  return node instanceof SVGElement ? node.dataset.key : undefined;
}

import { localFigure } from "../../l10n/figures.ts";
import { t, wordsOf } from "../../l10n/text.ts";
import type { LimitResult } from "../../protocol/limit.ts";
import { plotsOf } from "../../protocol/limit-plots.ts";
import { nameOf, sayLimit, sayShape } from "../../protocol/limit-words.ts";
import type { PanelPlace } from "../../protocol/panel.ts";
import { h, setHidden, setText } from "../dom.ts";
import { createSection } from "../section.ts";
import { createPlot } from "./plot.ts";

/** A search for the largest load: how it stands, and its levels in pictures. `look`: show these seconds. */
export function createLimit(look: (at: PanelPlace) => void) {
  const sentence = h("p", { class: "limit-sentence", role: "status" });
  const plots = h("div", { class: "plots" });
  const notes = h("ul", { class: "notes" });
  const section = createSection(t("The limit"), "", sentence, plots, notes);
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
    const state = JSON.stringify([limit.levels, limit.end, limit.knee]);
    if (state === drawn) return;
    drawn = state;
    const focused = keyOf(document.activeElement);
    plots.replaceChildren(...plotsOf(limit).map((plot) => createPlot(plot, limit, look)));
    notes.replaceChildren(...sayShape(limit).map((said) => h("li", {}, localFigure(wordsOf(said)))));
    if (focused !== undefined) plots.querySelector<SVGElement>(`[data-key="${focused}"]`)?.focus();
  }

  return { node: section.node, update };
}

function keyOf(node: Element | null): string | undefined {
  return node instanceof SVGElement ? node.dataset.key : undefined;
}

import { t } from "../l10n/text.ts";
import { type Drawn, h, KeyedList, setAttribute, setText } from "./dom.ts";
import type { Figure } from "./model/figure.ts";

/** The row of large numbers. */
export function createFigures() {
  const node = h("dl", { class: "figures", "aria-label": t("Figures") });
  const list = new KeyedList<Figure>(node, (figure) => figure.id, createFigure);
  return { node, update: (figures: readonly Figure[]) => list.update(figures) };
}

function createFigure(): Drawn<Figure> {
  const label = h("dt");
  const value = h("strong");
  const unit = h("span", { class: "unit" });
  const detail = h("span", { class: "figure-detail" });
  const node = h("div", {}, label, h("dd", {}, h("span", { class: "value" }, value, " ", unit), detail));
  return {
    node,
    update(figure) {
      setText(label, figure.label);
      setText(value, figure.value);
      setAttribute(value, "data-tone", figure.tone);
      setText(unit, figure.unit);
      setText(detail, figure.detail);
      setAttribute(detail, "data-tone", figure.detailTone);
    },
  };
}

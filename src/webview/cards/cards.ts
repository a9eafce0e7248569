import { t } from "../../l10n/text.ts";
import { type Drawn, h, KeyedList, setAttribute, setText } from "../dom.ts";
import type { ShownCard } from "./card.ts";

/** The row of large numbers. */
export function createCards() {
  const node = h("dl", { class: "cards", "aria-label": t("Figures") });
  const list = new KeyedList<ShownCard>(node, (card) => card.id, createCard);

  function update(cards: readonly ShownCard[]): void {
    // The style sheet says how many are beside each other at most.
    const count = String(Math.max(1, cards.length));
    if (node.style.getPropertyValue("--cards") !== count) node.style.setProperty("--cards", count);
    list.update(cards);
  }

  return { node, update };
}

function createCard(): Drawn<ShownCard> {
  const label = h("dt");
  const value = h("strong");
  const unit = h("span", { class: "unit" });
  const detail = h("span", { class: "card-detail" });
  const node = h("div", {}, label, h("dd", {}, h("span", { class: "value" }, value, " ", unit), detail));
  return {
    node,
    update(card) {
      setText(label, card.label);
      setText(value, card.value);
      setAttribute(value, "data-tone", card.tone);
      setAttribute(value, "title", card.hint);
      setText(unit, card.unit);
      setText(detail, card.detail);
      setAttribute(detail, "data-tone", card.detailTone);
    },
  };
}

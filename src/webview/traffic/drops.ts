import { formatCount, formatDuration } from "../../l10n/figures.ts";
import { t } from "../../l10n/text.ts";
import type { Traffic } from "../../protocol/traffic.ts";
import { type Drawn, h, KeyedList, setHidden, setText } from "../dom.ts";
import { dropMeaning } from "../model/traffic.ts";
import { createSection } from "../section.ts";

type Drop = Traffic["drops"][number];

/** Connections that ended before their time, by what they ended with. */
export function createDrops() {
  const body = h("tbody");
  const list = new KeyedList<Drop>(body, ({ code, reason }) => `${code} ${reason}`, createDrop);
  const columns = [t("Count"), t("Open for")].map((name) => h("th", { scope: "col", class: "number" }, name));
  const head = h(
    "thead",
    {},
    h("tr", {}, h("th", { scope: "col" }, t("Code")), h("th", { scope: "col" }, t("Reason")), ...columns),
  );
  const table = h("table", { class: "plain drops" }, head, body);
  const empty = h("p", { class: "empty" }, t("None dropped."));
  const section = createSection(t("Drops"), t("by close code, time in the median"), table, empty);

  function update({ drops }: Traffic): void {
    setHidden(table, drops.length === 0);
    setHidden(empty, drops.length > 0);
    list.update(drops);
  }

  return { node: section.node, update };
}

function createDrop(): Drawn<Drop> {
  const mark = h("span", { class: "dot", "data-tone": "bad", "aria-hidden": "true" });
  const code = h("span");
  const reason = h("td", { class: "wrap" });
  const count = h("td", { class: "number" });
  const after = h("td", { class: "number" });
  const name = h("th", { scope: "row", class: "name" }, mark, code);
  return {
    node: h("tr", {}, name, reason, count, after),
    update(drop) {
      setText(code, drop.code);
      setText(reason, dropMeaning(drop));
      setText(count, formatCount(drop.count));
      setText(after, formatDuration(drop.afterMs));
    },
  };
}

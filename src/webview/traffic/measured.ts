import { formatDuration } from "../../l10n/figures.ts";
import { t } from "../../l10n/text.ts";
import type { Traffic } from "../../protocol/traffic.ts";
import { type Drawn, h, KeyedList, setAttribute, setHidden, setText } from "../dom.ts";
import { type MeasuredLine, measuredLines, type Transport, transports } from "../model/traffic.ts";
import { createSection } from "../section.ts";

/** The measured part so far in figures, a column for each transport. */
export function createMeasured() {
  const first = h("th", { scope: "col" }, t("Measured"));
  const row = h("tr", {}, first);
  const head = h("thead", {}, row);
  const body = h("tbody");
  const heads = new KeyedList<Transport>(row, ({ label }) => label, createHead);
  const lines = new KeyedList<MeasuredLine>(body, ({ id }) => id, createLine);
  const table = h("table", { class: "plain measured" }, head, body);
  const empty = h("p", { class: "empty" }, t("The measured part has not begun."));
  const section = createSection("", t("after ramp and warm-up"), table, empty);

  function update(traffic: Traffic): void {
    const begun = traffic.part !== "opening" && traffic.part !== "warm_up";
    setHidden(table, !begun);
    setHidden(empty, begun);
    setText(section.title, traffic.part === "over" ? t("Results") : t("Measured so far"));
    if (!begun) return;
    const all = transports(traffic);
    heads.update(all, 1);
    lines.update(
      measuredLines(
        all.map(({ part }) => part),
        traffic.message,
      ),
    );
    const { count, p50, p95 } = traffic.reconnect;
    setText(
      section.aside,
      count > 0 ? t("reconnected in {0}, p95 {1}", formatDuration(p50), formatDuration(p95)) : "",
    );
  }

  return { node: section.node, update };
}

function createHead(): Drawn<Transport> {
  const node = h("th", { scope: "col", class: "number" });
  return { node, update: ({ label }) => setText(node, label) };
}

function createLine(): Drawn<MeasuredLine> {
  const label = h("th", { scope: "row" });
  const node = h("tr", {}, label);
  const cells: HTMLElement[] = [];
  return {
    node,
    update(line) {
      setText(label, line.label);
      line.values.forEach((value, index) => {
        const cell = cells[index] ?? h("td", { class: "number" });
        if (!cells[index]) {
          cells.push(cell);
          node.append(cell);
        }
        setText(cell, value);
        setAttribute(cell, "data-tone", line.tone === "bad" ? "bad" : undefined);
      });
      for (const cell of cells.splice(line.values.length)) cell.remove();
    },
  };
}

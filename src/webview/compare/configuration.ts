import { plural, t, wordsOf } from "../../l10n/text.ts";
import type { Comparison, ConfigurationRow } from "../../protocol/compare-page.ts";
import { h, setAttribute, setText } from "../dom.ts";
import { createSection } from "../section.ts";
import { createFold } from "./fold.ts";
import { columnHead, type RunName } from "./run-name.ts";

/** What the runs were asked to do: what differs, and the rest folded. */
export function createConfiguration() {
  const table = h("table", { class: "values", "aria-label": t("Configuration") });
  const scroll = h("div", { class: "scroll" }, table);
  const section = createSection(t("Configuration"), "", scroll);
  let isOpen = false;

  function update({ configuration, runs, baseline }: Comparison, names: readonly RunName[]): void {
    const differing = configuration.filter(({ differs }) => differs);
    const equal = configuration.filter(({ differs }) => !differs);
    const heads = names.map((name, run) => columnHead(run, name, run === baseline));
    const fold = createFold(runs.length + 1);
    fold.open(isOpen);
    fold.nodes[0]?.addEventListener("click", () => {
      isOpen = !isOpen;
    });
    fold.update(
      equal.map((row) => rowOf(row, baseline)),
      plural(equal.length, { one: "{0} equal field", other: "{0} equal fields" }),
    );
    setText(
      section.note,
      differing.length === 0
        ? t("the same in all runs")
        : plural(differing.length, { one: "{0} difference", other: "{0} differences" }),
    );
    table.replaceChildren(
      h("thead", {}, h("tr", {}, h("th", { scope: "col" }, t("Field")), ...heads)),
      h("tbody", {}, ...differing.map((row) => rowOf(row, baseline))),
      ...fold.nodes,
    );
  }

  return { node: section.node, update };
}

function rowOf({ step, label, values, differs }: ConfigurationRow, baseline: number): HTMLElement {
  const head = h("th", { scope: "row" }, wordsOf(label));
  if (step !== undefined) head.prepend(h("span", { class: "dim" }, `${step}: `));
  const texts = values.map((value) => (value ? wordsOf(value) : t("no such step")));
  const cells = texts.map((text) => {
    const cell = h("td", {}, text);
    if (differs && text !== texts[baseline]) setAttribute(cell, "data-differs", "");
    return cell;
  });
  return h("tr", {}, head, ...cells);
}

import { formatValue } from "../../l10n/shown.ts";
import { plural, t, wordsOf } from "../../l10n/text.ts";
import type { Comparison, FigureDifference, FigureRow } from "../../protocol/compare-page.ts";
import { h, setAttribute } from "../dom.ts";
import { createSection } from "../section.ts";
import { createFold } from "./fold.ts";
import { columnHead, type RunName } from "./run-name.ts";
import { STATE_MARKS, STATE_WORDS } from "./runs.ts";

type Kind = "shown" | "few" | "unchanged";

/** All figures, step by step: those that moved first, those that did not folded. */
export function createFigures() {
  const tables = h("div", { class: "tables" });
  const { node } = createSection(
    t("Figures"),
    t(
      "worse and better: beyond noise, 99 % sure of all figures together, and beyond a margin of 10 % (of shares 0.25 points)",
    ),
    tables,
  );
  /** Folds that a person has opened, or closed. */
  const opened = new Map<string, boolean>();

  function update(comparison: Comparison, names: readonly RunName[]): void {
    const steps = new Map<string | undefined, FigureRow[]>();
    for (const row of comparison.figures) steps.set(row.step, [...(steps.get(row.step) ?? []), row]);
    tables.replaceChildren(
      ...[...steps].map(([step, rows]) =>
        stepTable({ step, rows, names, opened, baseline: comparison.baseline }),
      ),
    );
  }

  return { node, update };
}

interface StepRows {
  step: string | undefined;
  rows: readonly FigureRow[];
  names: readonly RunName[];
  opened: Map<string, boolean>;
  baseline: number;
}

function stepTable({ step, rows, names, opened, baseline }: StepRows): HTMLElement {
  const of = (kind: Kind) => rows.filter((row) => kindOf(row, baseline) === kind);
  const [shown, few, unchanged] = [of("shown"), of("few"), of("unchanged")];
  const draw = (row: FigureRow) => rowOf(row, baseline);
  const fold = (kind: Kind, some: readonly FigureRow[], text: string, isOpen: boolean) => {
    const key = `${kind} ${step ?? ""}`;
    const { nodes, open, update } = createFold(names.length + 1);
    open(opened.get(key) ?? isOpen);
    nodes[0]?.addEventListener("click", () => opened.set(key, !(opened.get(key) ?? isOpen)));
    update(some.map(draw), text);
    return nodes;
  };
  const heads = names.map((name, run) => columnHead(run, name, run === baseline));
  const table = h(
    "table",
    { class: "values figures", "aria-label": step === undefined ? t("Figures") : t("Figures of {0}", step) },
    h("thead", {}, h("tr", {}, h("th", { scope: "col" }, step ?? t("Figure")), ...heads)),
    h("tbody", {}, ...byState(shown).map(draw)),
    ...fold(
      "few",
      few,
      plural(few.length, { one: "{0} figure: not enough data", other: "{0} figures: not enough data" }),
      shown.length === 0,
    ),
    ...fold(
      "unchanged",
      unchanged,
      plural(unchanged.length, { one: "{0} figure unchanged", other: "{0} figures unchanged" }),
      false,
    ),
  );
  return h("div", { class: "scroll" }, table);
}

/** A figure that not all runs have is no unchanged one. */
function kindOf({ values, differences }: FigureRow, baseline: number): Kind {
  const others = differences.filter((_, run) => run !== baseline);
  if (values.some((value) => value === null)) return "shown";
  if (others.some((one) => one?.state === "worse" || one?.state === "better")) return "shown";
  if (others.some((one) => one?.state === null && one.change !== "")) return "shown";
  return others.some((one) => one?.state === "not_enough") ? "few" : "unchanged";
}

/** Worse ones first, then better ones; otherwise as they come. */
function byState(rows: readonly FigureRow[]): FigureRow[] {
  const has = (row: FigureRow, state: string) => row.differences.some((one) => one?.state === state);
  const rank = (row: FigureRow) => (has(row, "worse") ? 0 : has(row, "better") ? 1 : 2);
  return [...rows].sort((a, b) => rank(a) - rank(b));
}

function rowOf({ label, unit, values, differences }: FigureRow, baseline: number): HTMLElement {
  return h(
    "tr",
    {},
    h("th", { scope: "row" }, wordsOf(label)),
    ...values.map((value, run) => {
      if (value === null) return h("td", { class: "number dim" }, t("not measured"));
      const cell = h("td", { class: "number" }, h("span", { class: "value" }, formatValue(value, unit)));
      const difference = run === baseline ? null : differences[run];
      if (difference) cell.append(differenceOf(difference));
      else if (run !== baseline)
        cell.append(h("span", { class: "difference" }, t("the baseline has no such figure")));
      return cell;
    }),
  );
}

function differenceOf({ change, state }: FigureDifference): HTMLElement {
  const words =
    state === null ? (change === "" ? "" : t("not judged")) : `${STATE_MARKS[state]} ${STATE_WORDS[state]}`;
  const node = h("span", { class: "difference" }, [change, words].filter(Boolean).join(" · "));
  setAttribute(node, "data-state", state ?? undefined);
  return node;
}

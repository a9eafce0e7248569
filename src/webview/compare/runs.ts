import { t, wordsOf } from "../../l10n/text.ts";
import type { BaselineState } from "../../protocol/baseline.ts";
import type { ComparedRun, Comparison } from "../../protocol/compare-page.ts";
import { type Drawn, h, KeyedList, setAttribute, setText } from "../dom.ts";
import { createSection } from "../section.ts";
import { namesOf, outcomeOf, type RunName, spokenName, swatch, toneOf } from "./run-name.ts";

interface Actions {
  /** Hold the others against this run. */
  choose(run: string): void;
  open(run: string): void;
}

interface Shown {
  run: ComparedRun;
  place: number;
  name: RunName;
  isBaseline: boolean;
}

export const STATE_MARKS: Record<BaselineState, string> = {
  worse: "✕",
  better: "✓",
  same: "=",
  not_enough: "?",
};
export const STATE_WORDS: Record<BaselineState, string> = {
  worse: t("worse"),
  better: t("better"),
  same: t("within noise"),
  not_enough: t("not enough data"),
};

/** Each run in a line: how it ended, what it comes to beside the baseline, and the choice of the baseline. */
export function createRuns(actions: Actions) {
  const body = h("tbody");
  const list = new KeyedList<Shown>(
    body,
    ({ run }) => run.id,
    (shown) => createRow(shown, actions),
  );
  const head = [t("Baseline"), t("Run"), t("Outcome"), t("Beside the baseline")].map((text) =>
    h("th", { scope: "col" }, text),
  );
  const table = h(
    "table",
    { class: "runs", "aria-label": t("Runs") },
    h("thead", {}, h("tr", {}, ...head)),
    body,
  );
  const { node } = createSection(t("Runs"), "", table);

  function update({ runs, baseline }: Comparison): void {
    const names = namesOf(runs);
    list.update(
      runs.flatMap((run, place) => {
        const name = names[place];
        return name ? [{ run, place, name, isBaseline: place === baseline }] : [];
      }),
    );
  }

  return { node, update };
}

function createRow({ run: { id }, place }: Shown, { choose, open }: Actions): Drawn<Shown> {
  const radio = h("input", { type: "radio", name: "baseline" });
  radio.addEventListener("change", () => choose(id));
  const link = h("button", { type: "button", class: "link", title: t("Open the run") });
  link.addEventListener("click", () => open(id));
  const title = h("span", { class: "title dim" });
  const ending = h("span");
  const summary = h("span", { class: "summary dim" });
  const outcome = h("td", { class: "outcome" }, ending, summary);
  const beside = h("td", { class: "beside" });
  const node = h(
    "tr",
    {},
    h("td", { class: "choice" }, radio),
    h("th", { scope: "row" }, h("span", { class: "line" }, swatch(place), link), title),
    outcome,
    beside,
  );
  return {
    node,
    update({ run, name, isBaseline }) {
      radio.checked = isBaseline;
      setAttribute(radio, "aria-label", spokenName(name));
      setText(link, spokenName(name));
      setText(title, `${run.title}, ${run.host}`);
      setText(ending, outcomeOf(run.ending));
      setAttribute(ending, "data-tone", toneOf(run.ending));
      setText(summary, run.summary ? wordsOf(run.summary) : "");
      setText(beside, isBaseline ? `★ ${t("the others are held against it")}` : "");
      setAttribute(beside, "data-state", run.beside?.state);
      if (run.beside)
        beside.replaceChildren(
          h("span", { class: "mark", "aria-hidden": "true" }, STATE_MARKS[run.beside.state]),
          h("span", {}, wordsOf(run.beside.text)),
        );
    },
  };
}

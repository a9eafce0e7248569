import { localFigure } from "../l10n/figures.ts";
import { t, wordsOf } from "../l10n/text.ts";
import {
  type Baseline,
  type BaselineFigure,
  type BaselineState,
  changeText,
  labelOf,
  sayBaseline,
  sayNoise,
} from "../protocol/baseline.ts";
import { formatFigure } from "../protocol/format-figure.ts";
import { type Drawn, h, KeyedList, setAttribute, setHidden, setText } from "./dom.ts";

const SPOKEN: Record<BaselineState, string> = {
  worse: t("worse"),
  better: t("better"),
  same: t("within noise"),
  not_enough: t("not enough data"),
};
const MARKS: Record<BaselineState, string> = { worse: "✕", better: "✓", same: "=", not_enough: "?" };

/** The run beside an earlier one: what it comes to, and figure by figure, those that moved first. */
export function createBaseline() {
  const sentence = h("summary", {});
  const noise = h("p", { class: "note" });
  const rows = h("tbody", {});
  const items = new KeyedList<Shown>(rows, ({ key }) => key, createRow);
  const head = h(
    "tr",
    {},
    ...[t("Figure"), t("Before"), t("Now"), t("Change"), t("Judgement")].map((text) =>
      h("th", { scope: "col" }, text),
    ),
  );
  const table = h("table", { "aria-label": t("Baseline") }, h("thead", {}, head), rows);
  const node = h("details", { class: "baseline" }, sentence, table, noise);
  node.hidden = true;

  function update({ baseline }: { baseline?: Baseline | undefined }): void {
    setHidden(node, baseline === undefined);
    if (!baseline) return;
    setAttribute(node, "data-state", baseline.state);
    setText(sentence, localFigure(wordsOf(sayBaseline(baseline))));
    setText(noise, wordsOf(sayNoise(baseline)));
    items.update(
      [...baseline.figures]
        .sort((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state))
        .map((figure) => ({
          key: `${figure.step} ${figure.metric}.${figure.figure}`,
          figure,
          label: wordsOf(labelOf(figure, baseline.figures)),
        })),
    );
  }

  return { node, update };
}

const ORDER: BaselineState[] = ["worse", "better", "same", "not_enough"];

interface Shown {
  key: string;
  figure: BaselineFigure;
  label: string;
}

function createRow(): Drawn<Shown> {
  const label = h("th", { scope: "row" });
  const [before, now, change, state] = [h("td", {}), h("td", {}), h("td", {}), h("td", {})];
  const node = h("tr", {}, label, before, now, change, state);
  return {
    node,
    update({ figure, label: text }) {
      const { unit, state: is } = figure;
      const shown = (value: number) => localFigure(formatFigure(Number(value.toPrecision(3)), unit));
      setAttribute(node, "data-state", is);
      setText(label, text);
      setText(before, shown(figure.before));
      setText(now, shown(figure.now));
      setText(change, localFigure(wordsOf(changeText(figure.change, unit))));
      setText(state, `${MARKS[is]} ${SPOKEN[is]}`);
    },
  };
}

import { localFigure } from "../l10n/figures.ts";
import { t, wordsOf } from "../l10n/text.ts";
import type { Drilled, DrillLine } from "../protocol/drill.ts";
import { formatClock } from "../protocol/duration.ts";
import type { PanelPlace } from "../protocol/panel.ts";
import { type Drawn, h, KeyedList, setHidden, setText } from "./dom.ts";

/** Before the moment, so that what was usual is seen beside it; and after it. */
const SHOWN_S = { before: 5, after: 30 };

/** What was taken from the deployment: what was promised for that beside what was seen, line by line. */
export function createDrills(look: (at: PanelPlace) => void) {
  const node = h("div", { class: "drills" });
  node.hidden = true;
  const items = new KeyedList<Drilled>(
    node,
    ({ drill, at }) => `${drill} ${at}`,
    () => createDrill(look),
  );
  return {
    node,
    update(drills: readonly Drilled[] = []) {
      setHidden(node, drills.length === 0);
      items.update(drills);
    },
  };
}

function createDrill(look: (at: PanelPlace) => void): Drawn<Drilled> {
  const title = h("strong", {});
  const at = h("button", { type: "button", class: "link" });
  const head = h(
    "tr",
    {},
    h("td", {}),
    ...[t("promised"), t("seen")].map((text) => h("th", { scope: "col" }, text)),
  );
  const rows = h("tbody", {});
  const lines = new KeyedList<DrillLine>(rows, ({ what }) => wordsOf(what), createLine);
  const table = h("table", {}, h("caption", {}, title, " ", at), h("thead", {}, head), rows);
  let second = 0;
  at.addEventListener("click", () =>
    look({ from: Math.max(0, second - SHOWN_S.before), until: second + SHOWN_S.after }),
  );
  return {
    node: table,
    update(drill) {
      second = drill.at;
      setText(title, wordsOf(drill.title));
      setText(at, t("at {0}", formatClock(second * 1_000)));
      lines.update(drill.lines);
    },
  };
}

function createLine(): Drawn<DrillLine> {
  const what = h("th", { scope: "row" });
  const [promised, seen] = [h("td", {}), h("td", {})];
  const node = h("tr", {}, what, promised, seen);
  return {
    node,
    update(line) {
      setText(what, wordsOf(line.what));
      setText(promised, localFigure(wordsOf(line.promised.text)));
      setText(seen, localFigure(wordsOf(line.seen.text)));
    },
  };
}

import { formatCount } from "../../l10n/figures.ts";
import { plural, t, wordsOf } from "../../l10n/text.ts";
import { formatClock } from "../../protocol/duration.ts";
import type { Sample, Step } from "../../protocol/snapshot.ts";
import { marksIn } from "../charts/groups.ts";
import { h } from "../dom.ts";

/** A machine that is a little late now and then has many such stretches, and few reasons: the first ones tell enough. */
const SHOWN = 12;

/** Whether the figures can be trusted: how many seconds count, and which do not, with the reason of each. */
export function createValidity(
  { validity }: Pick<Step, "validity">,
  samples: readonly Sample[],
): HTMLElement {
  const { measured, valid, tooFew } = validity;
  const node = h("div", { class: "validity-of" });
  if (measured === 0) return h("p", { class: "empty" }, t("No second was measured."));
  const all = plural(measured, { one: "{0} measured second", other: "{0} measured seconds" });
  node.append(
    h(
      "p",
      { ...(tooFew ? { "data-tone": "bad" } : {}) },
      tooFew
        ? t("Only {0} of {1} count: too few to judge the deployment.", formatCount(valid), all)
        : valid < measured
          ? t("{0} of {1} count.", formatCount(valid), all)
          : t("All of {0} count.", all),
    ),
  );
  const left = marksIn(samples, { from: 0, end: samples.length });
  if (left.length === 0) return node;
  const rows = left.map(({ min, max, reason }) =>
    h(
      "tr",
      {},
      h("td", { class: "number" }, `${formatClock(min * 1_000)} – ${formatClock(max * 1_000)}`),
      h("td", { class: "number" }, formatCount(max - min)),
      h("td", {}, reason ? wordsOf(reason) : t("the run was paused")),
    ),
  );
  node.append(tableOf(rows.slice(0, SHOWN)));
  const rest = rows.slice(SHOWN);
  if (rest.length > 0) {
    const more = plural(rest.length, { one: "{0} more", other: "{0} more" });
    node.append(h("details", {}, h("summary", {}, more), tableOf(rest)));
  }
  return node;
}

function tableOf(rows: readonly HTMLElement[]): HTMLElement {
  return h(
    "table",
    { class: "plain", "aria-label": t("Seconds that were left out") },
    h(
      "thead",
      {},
      h(
        "tr",
        {},
        h("th", { scope: "col", class: "number" }, t("Time")),
        h("th", { scope: "col", class: "number" }, t("Seconds")),
        h("th", { scope: "col" }, t("Left out because")),
      ),
    ),
    h("tbody", {}, ...rows),
  );
}

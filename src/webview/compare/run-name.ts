import { formatDateTime, formatTime } from "../../l10n/figures.ts";
import { t } from "../../l10n/text.ts";
import type { ComparedRun } from "../../protocol/compare-page.ts";
import type { Ending } from "../../protocol/ending.ts";
import { h } from "../dom.ts";
import { svg } from "../plan/svg.ts";

/** What tells a run apart from the others, everywhere on the page. */
export interface RunName {
  id: string;
  /** Its time of the day where all are of one day. */
  when: string;
  outcome: string;
}

const OUTCOMES: Record<Ending, string> = {
  passed: `✓ ${t("passed")}`,
  failed: `✕ ${t("failed")}`,
  refused: `✕ ${t("refused")}`,
  interrupted: `◼ ${t("stopped")}`,
  invalid: `? ${t("invalid")}`,
  ended: `! ${t("ended")}`,
};

/** Of the word that says how it ended. */
export function toneOf(ending: Ending | null): "good" | "bad" {
  return ending === "passed" ? "good" : "bad";
}

export function outcomeOf(ending: Ending | null): string {
  return ending === null ? "–" : OUTCOMES[ending];
}

export function namesOf(runs: readonly Pick<ComparedRun, "id" | "createdAt" | "ending">[]): RunName[] {
  const days = new Set(runs.map(({ createdAt }) => new Date(createdAt).toDateString()));
  const isOneDay = days.size <= 1;
  return runs.map(({ id, createdAt, ending }) => ({
    id,
    when: isOneDay ? formatTime(createdAt, "medium") : formatDateTime(createdAt),
    outcome: outcomeOf(ending),
  }));
}

export function spokenName({ when, id }: RunName): string {
  return `${when} · ${id}`;
}

/** The run's line as the charts draw it: colour and dashes. */
export function swatch(run: number): SVGElement {
  return svg(
    "svg",
    {
      class: "swatch",
      viewBox: "0 0 26 10",
      width: "26",
      height: "10",
      "aria-hidden": "true",
      "data-run": String(run),
    },
    svg("line", { class: "curve", x1: "0", y1: "5", x2: "26", y2: "5" }),
  );
}

/** A column's head: the run's colour, its time, its id, how it ended. */
export function columnHead(run: number, name: RunName, isBaseline: boolean): HTMLElement {
  return h(
    "th",
    { scope: "col", class: "run" },
    h("span", { class: "line" }, swatch(run), name.when),
    h("span", { class: "line" }, h("code", {}, name.id)),
    h("span", { class: "line dim" }, isBaseline ? `★ ${t("baseline")}` : name.outcome),
  );
}

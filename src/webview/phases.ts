import { formatCount, formatDuration } from "../l10n/figures.ts";
import { listed, lookedUp, plural, t } from "../l10n/text.ts";
import { percentileText } from "../protocol/percentile.ts";
import type { Phase } from "../protocol/snapshot.ts";
import { type Drawn, h, KeyedList, setAttribute, setColour, setText } from "./dom.ts";
import type { Described } from "./model/described.ts";
import { type Bar, type PhaseColours, phaseBars } from "./model/phases.ts";
import { createSection } from "./section.ts";

/** Where a workspace's time goes: a bar of the phases' means, and the percentiles of each. */
export function createPhases() {
  const bars = h("div", { class: "bars" });
  let colours: PhaseColours | undefined;
  const variableOf = (name: string) => colours?.variable(name) ?? "--grey";
  const barList = new KeyedList<Bar>(
    bars,
    () => "mean",
    () => createBar(variableOf),
  );
  const body = h("tbody");
  const rowList = new KeyedList<Phase>(
    body,
    (phase) => phase.name,
    () => createRow(variableOf),
  );
  const columns = ["p50", "p95", "p99", t("max"), t("count")].map((name) =>
    h("th", { scope: "col", class: "number" }, name),
  );
  const head = h("thead", {}, h("tr", {}, h("th", { scope: "col" }, t("Phase")), ...columns));
  const table = h("table", { class: "plain phases" }, head, body);
  const empty = h("p", { class: "empty" }, t("No workspace has gone through a phase yet."));
  const section = createSection(
    t("Time by phase"),
    t("mean of each phase, and its percentiles"),
    bars,
    table,
    empty,
  );

  function update(phases: readonly Phase[], described: Described): void {
    colours = described.phaseColours;
    const measured = phases.filter((phase) => phase.count > 0);
    empty.hidden = measured.length > 0;
    table.hidden = measured.length === 0;
    const drawn = phaseBars(measured);
    bars.hidden = drawn.length === 0;
    barList.update(drawn);
    rowList.update(measured);
    const most = Math.max(0, ...measured.map((phase) => phase.count));
    setText(section.aside, most > 0 ? plural(most, { one: "{0} workspace", other: "{0} workspaces" }) : "");
  }

  return { node: section.node, update };
}

type VariableOf = (phase: string) => string;

function createBar(variableOf: VariableOf): Drawn<Bar> {
  const strip = h("div", { class: "strip", role: "img" });
  const total = h("span", { class: "number" });
  const node = h("div", { class: "bar" }, h("span", { class: "dim" }, t("mean")), strip, total);
  const parts = new KeyedList<Bar["parts"][number]>(
    strip,
    (part) => part.name,
    () => createPart(variableOf),
  );
  return {
    node,
    update({ parts: all, total: sum }) {
      parts.update(all);
      const spoken = all.map((part) => `${lookedUp(part.label)} ${formatDuration(part.ms)}`);
      setAttribute(strip, "aria-label", `${t("mean")}: ${listed(spoken)}`);
      setText(total, formatDuration(sum));
    },
  };
}

function createPart(variableOf: VariableOf): Drawn<Bar["parts"][number]> {
  const node = h("span");
  return {
    node,
    update({ name, share, label, ms }) {
      setColour(node, variableOf(name));
      node.style.width = `${(share * 100).toFixed(2)}%`;
      setAttribute(node, "title", `${lookedUp(label)} ${formatDuration(ms)}`);
    },
  };
}

function createRow(variableOf: VariableOf): Drawn<Phase> {
  const swatch = h("span", { class: "swatch", "aria-hidden": "true" });
  const label = h("span");
  const cells = ["p50", "p95", "p99", "max"].map(() => h("td", { class: "number" }));
  const count = h("td", { class: "number dim" });
  const node = h("tr", {}, h("th", { scope: "row" }, swatch, label), ...cells, count);
  return {
    node,
    update(phase) {
      setColour(swatch, variableOf(phase.name));
      setText(label, lookedUp(phase.label));
      (["p50", "p95", "p99", "max"] as const).forEach((figure, index) => {
        const cell = cells[index];
        if (cell) setText(cell, percentileText(phase, figure, formatDuration));
      });
      setText(count, formatCount(phase.count));
    },
  };
}

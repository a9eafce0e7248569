import { formatDuration } from "../../l10n/figures.ts";
import { lookedUp, plural, t, wordsOf } from "../../l10n/text.ts";
import { formatClock } from "../../protocol/duration.ts";
import type { WorkspaceRow } from "../../protocol/snapshot.ts";
import { type Drawn, h, KeyedList, setAttribute, setColour, setHidden, setText } from "../dom.ts";
import { createLogView } from "../log-view.ts";
import type { Described } from "../model/described.ts";
import { formatMaybe } from "../model/format.ts";
import { phasesInOrder, type RunTime } from "../model/life.ts";
import { slowText } from "../model/slow.ts";
import type { Port } from "../port.ts";
import { columnValue } from "./columns.ts";

interface PhaseLine {
  name: string;
  label: string;
  ms: number;
  /** Shares of the workspace's whole life. */
  start: number;
  width: number;
  /** Name of a CSS variable. */
  colour: string;
}

/** Everything known of one workspace: its timeline, its error, its log. */
export function createDetail(port: Port, close: () => void) {
  const title = h("h3");
  const state = h("p", { class: "dim" });
  const facts = h("p", { class: "dim" });
  const error = h("p", { class: "error" });
  const phases = h("ol", { class: "timeline", "aria-label": t("Phases") });
  const lines = new KeyedList<PhaseLine>(phases, (line) => line.name, createPhaseLine);
  const log = createLogView();
  const openBuildLog = h("button", { type: "button", class: "secondary" }, t("Open Whole Build Log"));
  const openLog = h("button", { type: "button", class: "secondary" }, t("Open Log in Editor"));
  const copy = h("button", { type: "button", class: "secondary" }, t("Copy Error"));
  const closeButton = h("button", { type: "button", class: "icon", "aria-label": t("Close details") }, "✕");
  const heading = h("div", { class: "detail-heading" }, title, closeButton);
  const dashboard = h("a", { target: "_blank", rel: "noreferrer noopener" }, t("Open in Dashboard"));
  const actions = h("div", { class: "buttons" }, openBuildLog, openLog, copy, dashboard);
  const node = h(
    "aside",
    { class: "detail", "aria-label": t("Workspace") },
    heading,
    state,
    facts,
    error,
    phases,
    log.node,
    actions,
  );
  node.hidden = true;

  let shown: WorkspaceRow | undefined;
  closeButton.addEventListener("click", close);
  openBuildLog.addEventListener(
    "click",
    () => shown && port.post({ type: "openBuildLog", step: shown.step, index: shown.index }),
  );
  openLog.addEventListener(
    "click",
    () => shown && port.post({ type: "openLog", step: shown.step, index: shown.index }),
  );
  copy.addEventListener(
    "click",
    () => shown?.error && port.post({ type: "copy", text: wordsOf(shown.error) }),
  );

  /** `live`: the runner can still be asked for what it does not keep. */
  function draw(
    row: WorkspaceRow | undefined,
    time: RunTime,
    { live, page }: { live: boolean; page: string | undefined },
  ): void {
    const { described } = time;
    shown = row;
    setHidden(node, row === undefined);
    if (!row) return;
    const { states } = described;
    const [label, doing] = [states.label(row.state), wordsOf(row.doing)];
    setText(title, row.name);
    const slow = slowText(row, time);
    setText(state, slow ?? (doing === label ? label : `${label} · ${doing}`));
    const isBad = states.kind(row.state) === "failed";
    setAttribute(state, "data-tone", isBad ? "bad" : slow === undefined ? undefined : "warning");
    setText(facts, factsOf(row, described));
    setText(error, errorOf(row));
    setHidden(error, !row.cause && !row.error);
    lines.update(phaseLines(row, described));
    log.draw(row.log ?? "", isBad ? errorOf(row) : undefined);
    setHidden(log.node, !row.log);
    const asksBuild = live && row.workspaceId !== undefined;
    setHidden(openBuildLog, !asksBuild);
    setHidden(openLog, !row.log);
    setHidden(copy, !row.error);
    setHidden(dashboard, page === undefined);
    setAttribute(dashboard, "href", page);
    setHidden(actions, !port.inEditor || !(asksBuild || row.log || row.error || page));
  }

  return { node, draw };
}

/** The error, after its cause where it does not say that itself. */
function errorOf({ cause, error }: WorkspaceRow): string {
  const [short, long] = [cause ? wordsOf(cause) : "", error ? wordsOf(error) : ""];
  return long.includes(short) ? long : [short, long].filter(Boolean).join(": ");
}

function factsOf(row: WorkspaceRow, { description }: Described): string {
  const own = description.columns.filter(({ id }) => row.values?.[id] !== undefined);
  const facts = [
    t("user {0}", row.owner),
    row.startedAt === undefined ? "" : t("started at {0}", formatClock(row.startedAt)),
    row.readyMs === undefined ? "" : t("ready in {0}", formatMaybe(row.readyMs)),
    ...own.map((column) => `${lookedUp(column.label)}: ${columnValue(column, row)}`),
    plural(row.apiCalls, { one: "{0} API call", other: "{0} API calls" }),
    row.prebuilt ? t("a claimed prebuilt workspace") : "",
  ];
  return facts.filter(Boolean).join(" · ");
}

function phaseLines(row: WorkspaceRow, described: Described): PhaseLine[] {
  const whole = Object.values(row.phases).reduce((sum, ms) => sum + ms, 0) || 1;
  let at = 0;
  return phasesInOrder(row, described.phaseOrder).map((name) => {
    const ms = row.phases[name] ?? 0;
    const line = { name, label: described.phaseLabel(name), ms, start: at / whole, width: ms / whole };
    at += ms;
    return { ...line, colour: described.phaseColours.variable(name) };
  });
}

function createPhaseLine(): Drawn<PhaseLine> {
  const label = h("span");
  const part = h("span");
  const strip = h("div", { class: "strip", "aria-hidden": "true" }, part);
  const ms = h("span", { class: "number" });
  return {
    node: h("li", {}, label, strip, ms),
    update(line) {
      setText(label, line.label);
      setText(ms, formatDuration(line.ms));
      part.style.left = `${(line.start * 100).toFixed(2)}%`;
      part.style.width = `${(line.width * 100).toFixed(2)}%`;
      setColour(part, line.colour);
    },
  };
}

import { t, wordsOf } from "../../l10n/text.ts";
import { workspacesParams } from "../../protocol/messages.ts";
import type { PanelPlace } from "../../protocol/panel.ts";
import { toPanelSchema } from "../../protocol/panel.ts";
import type { ReportData } from "../../protocol/report-page.ts";
import { workspacePage } from "../../protocol/workspace-page.ts";
import { createAnswer } from "../answer.ts";
import { createBaseline } from "../baseline.ts";
import { createBottlenecks } from "../bottlenecks.ts";
import { onThemeChange } from "../charts/palette.ts";
import { h, setAttribute } from "../dom.ts";
import { createEvents } from "../events.ts";
import { Keeper } from "../kept.ts";
import { createLimit } from "../limit/section.ts";
import { Lookup } from "../lookup.ts";
import { runPill } from "../model/states.ts";
import type { Port } from "../port.ts";
import { createSection } from "../section.ts";
import { createLanes } from "../steps/lanes.ts";
import { createThresholds } from "../thresholds.ts";
import { TimeAxis } from "../time/time-axis.ts";
import { createZoomBar } from "../time/zoom-bar.ts";
import { Workspaces } from "../workspaces/section.ts";
import { createAsked } from "./asked.ts";
import { onPrint } from "./print.ts";
import { ReportStep } from "./step.ts";

/** Shown before and behind a part of the time that is looked at. */
const AROUND_S = 5;

/** Of the element that has the data. */
export const DATA_ID = "run";

/**
 * A run that has ended, as a document: what came of it, what was run, its course, failures, phases, and how far it can be
 * trusted. On screen the charts zoom, and the workspaces can be searched; on paper there is nothing to press.
 */
export function drawReport(root: HTMLElement, data: ReportData): void {
  const { snapshot } = data;
  const axis = new TimeAxis();
  axis.extend(snapshot.elapsedMs / 1_000);
  const steps = snapshot.steps.map(
    ({ name }) =>
      new ReportStep(
        snapshot,
        name,
        {
          samples: data.samples.filter(({ step }) => step === name),
          rows: data.rows.filter(({ step }) => step === name),
        },
        axis,
      ),
  );
  const begun = steps.filter((step) => step.hasBegun);
  const timeLine = createTimeLine(data, axis, begun);
  const look = ({ from, until }: PanelPlace) => {
    const around = Math.max(AROUND_S, until - from);
    axis.zoomTo({ min: Math.max(0, from - around), max: until + around });
    axis.point((from + until) / 2, look);
    timeLine.scrollIntoView({ block: "start" });
  };
  root.append(
    h(
      "main",
      { class: "report" },
      createHead(data),
      ...createVerdict(data, steps, look),
      createAsked(snapshot, data.asked),
      timeLine,
      ...createEvidence(data, begun),
      ...begun
        .filter(({ rows }) => rows.length > 0)
        .map((step) => named(step, begun, createWorkspaces(data, step, axis))),
      createDataNote(),
    ),
  );
  const paint = () => {
    for (const { charts } of begun) charts.paint();
  };
  paint();
  onThemeChange(paint);
  onPrint(paint);
}

function createHead({ snapshot }: ReportData): HTMLElement {
  const { run } = snapshot;
  const state = runPill(snapshot);
  const pill = h("span", { class: "pill" }, state.label);
  setAttribute(pill, "data-tone", state.tone);
  const summary = snapshot.outcome ? wordsOf(snapshot.outcome.summary) : "";
  return h(
    "div",
    { class: "report-head" },
    h(
      "div",
      { class: "heading" },
      h("h1", {}, run.title),
      pill,
      ...(run.deployment.sandbox ? [h("span", { class: "pill outline" }, t("sandbox"))] : []),
      h("span", { class: "dim where" }, run.deployment.host),
    ),
    ...(summary ? [h("p", { class: "dim" }, summary)] : []),
  );
}

/** Whether it holds, what it was held to, and where it stands against a limit or an earlier run. */
function createVerdict(
  { snapshot }: ReportData,
  steps: readonly ReportStep[],
  look: (at: PanelPlace) => void,
): HTMLElement[] {
  const answer = createAnswer();
  const thresholds = createThresholds(look);
  const limit = createLimit(look);
  const bottlenecks = createBottlenecks(look);
  const baseline = createBaseline();
  const warnings = h("ul", { class: "warnings", "aria-label": t("Warnings") });
  warnings.append(...snapshot.warnings.map((warning) => h("li", {}, wordsOf(warning))));
  warnings.hidden = snapshot.warnings.length === 0;
  answer.update(snapshot);
  thresholds.update(snapshot, (name) => {
    const of =
      name === undefined && steps.length === 1 ? steps[0] : steps.find(({ view }) => view.name === name);
    return of && { described: of.described, samples: of.samples };
  });
  limit.update(snapshot);
  bottlenecks.update(snapshot);
  baseline.update(snapshot);
  return [answer.node, thresholds.node, limit.node, bottlenecks.node, baseline.node, warnings];
}

function createTimeLine({ snapshot }: ReportData, axis: TimeAxis, begun: readonly ReportStep[]): HTMLElement {
  const lanes = createLanes(axis);
  lanes.update(snapshot.steps, snapshot.elapsedMs);
  const section = createSection(
    t("Time line"),
    begun.some(({ charts }) => charts.hasLeftOut) ? t("hatched seconds are not in the figures") : "",
    lanes.node,
    createZoomBar(axis).node,
    ...begun.map((step) => named(step, begun, step.course)),
  );
  section.node.classList.add("time-line");
  if (begun.length === 0) section.node.append(h("p", { class: "empty" }, t("Nothing has begun.")));
  return section.node;
}

/** Failures, phases, and validity: each of all steps. */
function createEvidence({ snapshot }: ReportData, begun: readonly ReportStep[]): HTMLElement[] {
  const events = createEvents();
  events.update(snapshot.events);
  const failed = begun.flatMap((step) => (step.failures ? [named(step, begun, step.failures)] : []));
  const failures = createSection(
    t("Failures"),
    failed.length > 0 ? t("by cause") : "",
    ...(failed.length > 0 ? failed : [h("p", { class: "empty" }, t("No errors."))]),
  );
  failures.node.classList.add("failures-of");
  const tables = begun.flatMap((step) => (step.tables ? [named(step, begun, step.tables)] : []));
  const validity = createSection(
    t("Validity"),
    t("seconds in which this tool kept up"),
    ...begun.map((step) => named(step, begun, step.validity)),
  );
  return [
    ...(begun.length > 0 ? [failures.node] : []),
    ...tables,
    ...(begun.length > 0 ? [validity.node] : []),
    events.node,
  ];
}

/** Under the step's name, where there are several. */
function named({ view }: ReportStep, all: readonly ReportStep[], node: HTMLElement): HTMLElement {
  return all.length > 1
    ? h("div", { class: `of-step ${node.className}` }, h("h3", {}, view.name), node)
    : node;
}

/** The table answers itself from the data in the page. */
function createWorkspaces({ rows }: ReportData, step: ReportStep, axis: TimeAxis): HTMLElement {
  const port: Port = {
    inEditor: false,
    post(message) {
      if (message.type !== "page") return;
      const page = workspacePage(rows, workspacesParams.parse({ ...message.query, step: step.view.name }));
      // After the asking is done, as an answer from elsewhere would come.
      queueMicrotask(() => {
        const answer = toPanelSchema.parse({ type: "page", request: message.request, page });
        if (answer.type === "page") workspaces.receive(answer.request, answer.page);
      });
    },
    getState: () => undefined,
    setState: () => undefined,
  };
  const workspaces = new Workspaces(port, axis, new Keeper(port), new Lookup(port));
  queueMicrotask(() => workspaces.update(step.view, step.described, false, performance.now()));
  return h("div", { class: "screen-only" }, workspaces.node);
}

function createDataNote(): HTMLElement {
  return h(
    "p",
    { class: "note data-note" },
    t(
      "The figures of this report are in the page as JSON, in the script element with the id “{0}”.",
      DATA_ID,
    ),
  );
}

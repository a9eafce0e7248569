import { compareData } from "../../compare/judge.ts";
import { type BaselineState, figureLabel } from "../../protocol/baseline.ts";
import { comparedFigures, type FigureUnit, type Metric } from "../../protocol/description.ts";
import { figureKey } from "../../protocol/figure-key.ts";
import type { WorkspaceRow } from "../../protocol/snapshot.ts";
import { type StepView, viewOf } from "../../protocol/steps.ts";
import { type Message, ofWords, say } from "../../text/message.ts";
import type { EndedRecord } from "../runs/ended.ts";
import type { Wording } from "../wording.ts";
import type { KnownRun } from "./known.ts";

/** A run that is compared: how it ended, and what it was a test of and has measured, where its folder says that. */
export interface Compared {
  final: EndedRecord;
  known?: KnownRun | undefined;
}

/** A run of the page that compares. */
export interface PageRun extends Compared {
  /** Version of the product that made it. */
  product: string;
}

/** One measure of all runs. The first run is what the others are held against. */
export interface Measure {
  /** Where a run has several, the step that it is of: it is compared with the step of that name. */
  step?: string;
  label: Message;
  /** undefined where a run does not have it. */
  values: (number | undefined)[];
  unit: FigureUnit;
  /** For the second run and the further ones. */
  differences: Difference[];
  /** By which it is judged, as `metric.figure`; absent: nobody is held to it. */
  judged?: string;
}

export interface Difference {
  /** undefined where there is no ground for one. */
  change: Change | undefined;
  /** undefined: nobody is held to it, or too little is known. */
  judgement: BaselineState | undefined;
}

/** From one value to another. */
export interface Change {
  from: number;
  to: number;
}

/** The runs, step by step and measure by measure; what none of them has is left out. Durations are milliseconds. */
export function compareRuns(runs: readonly Compared[]): Measure[] {
  const names = stepNames(runs);
  const namesSteps = runs.some(({ final }) => final.whole.steps.length > 1);
  return names.flatMap((name) => {
    const steps = runs.map((run) => stepOf(run, name, names.length === 1));
    return stepMeasures(steps, judgementsOf(runs, steps)).map((one) =>
      namesSteps ? { ...one, step: name } : one,
    );
  });
}

/** In the order of the first run that has them. A run of one step is compared as that, whatever the step is called. */
function stepNames(runs: readonly Compared[]): string[] {
  const all = runs.map(({ final }) => final.whole.steps.map(({ name }) => name));
  if (all.every(({ length }) => length === 1)) return all[0] ?? [];
  return [...new Set(all.flat())];
}

/** One step of a run; undefined where the run has none of that name. */
interface StepOfRun {
  view: StepView;
  rows: readonly WorkspaceRow[];
}

function stepOf({ final }: Compared, name: string, isOnly: boolean): StepOfRun | undefined {
  const { whole, rows } = final;
  if (isOnly) return { view: final.snapshot, rows };
  if (!whole.steps.some((step) => step.name === name)) return undefined;
  return { view: viewOf(whole, name), rows: rows.filter((row) => row.step === name) };
}

/** How each run's figures stand beside the first one's, by `metric.figure`. */
type Judgements = readonly ReadonlyMap<string, BaselineState>[];

function judgementsOf(runs: readonly Compared[], steps: readonly (StepOfRun | undefined)[]): Judgements {
  const [first] = runs;
  return runs.slice(1).map((run, at) => {
    const view = steps[at + 1]?.view;
    if (!first?.known || !run.known || !view) return new Map();
    const { figures } = compareData(run.known.data, { baseline: first.known.data, others: [] }, [
      { name: view.name, metrics: view.description.metrics },
    ]);
    return new Map(figures.map((one) => [`${one.metric}.${one.figure}`, one.state]));
  });
}

function stepMeasures(steps: readonly (StepOfRun | undefined)[], judgements: Judgements): Measure[] {
  const views = steps.flatMap((one) => (one ? [one.view] : []));
  const measure = measureOf(steps, judgements);
  return [
    measure(say("workspaces"), ({ view }) => view.counts.total, "count"),
    measure(say("succeeded"), ({ view }) => view.counts.succeeded, "count"),
    measure(say("failed"), ({ view }) => view.counts.failed, "count", "failures.rate"),
    ...(new Set(views.map(({ workload }) => workload)).size === 1
      ? durations(measure, "ready", say("ready"), ({ rows }) => rows.flatMap(({ readyMs }) => readyMs ?? []))
      : []),
    ...phasesOf(views).flatMap(({ name, label }) =>
      durations(measure, name, ofWords(label), ({ rows }) =>
        rows.flatMap(({ phases }) => phases[name] ?? []),
      ),
    ),
    ...metricsOf(views).flatMap((metric) =>
      comparedFigures(metric).map((figure) => {
        const key = figureKey({ metric: metric.name, figure });
        const unit = views.map(({ figures }) => figures[key]?.unit).find((one) => one !== undefined);
        const judged = `${metric.name}.${shareOf(metric, figure) ?? figure}`;
        return measure(
          labelOf(metric, figure),
          ({ view }) => view.figures[key]?.value,
          unit ?? "count",
          judged,
        );
      }),
    ),
    measure(say("API calls, most for a workspace"), ({ view }) => view.api.maxPerWorkspace, "count"),
  ].filter(({ values }) => values.some((value) => value !== undefined));
}

/** Of what the runs measure by themselves: jobs and their phases are compared workspace by workspace. */
function metricsOf(views: readonly StepView[]): Metric[] {
  const own = views
    .flatMap(({ description }) => description.metrics)
    .filter(({ phase, judged = true, name }) => judged && !phase && !OF_JOBS.has(name));
  return [...new Map(own.map((metric) => [metric.name, metric])).values()];
}

const OF_JOBS = new Set(["failures", "ready"]);

function labelOf(metric: Metric, figure: string): Message {
  const isWhole = !metric.aliases?.[figure] && (figure === "rate" || figure === "count");
  if (isWhole) return ofWords(metric.text);
  return metric.aliases?.[figure]
    ? figureLabel(metric, figure)
    : say("{0}, {1}", ofWords(metric.text), figure);
}

/** The share by which a count is judged: drops, of connections opened. */
function shareOf({ aliases = {} }: Metric, figure: string): string | undefined {
  const labels = JSON.stringify(aliases[figure]?.labels);
  if (labels === undefined) return undefined;
  return Object.keys(aliases).find((name) => {
    const alias = aliases[name];
    return alias?.per !== undefined && JSON.stringify(alias.labels) === labels;
  });
}

/** Of all runs, in the order of the first that has them. */
function phasesOf(views: readonly StepView[]): StepView["phases"] {
  return [...new Map(views.flatMap(({ phases }) => phases).map((phase) => [phase.name, phase])).values()];
}

type MeasureMaker = ReturnType<typeof measureOf>;

/** By the values of single workspaces, not by averages. */
function durations(
  measure: MeasureMaker,
  metric: string,
  label: Message,
  valuesOf: (step: StepOfRun) => number[],
): Measure[] {
  return [50, 95].map((percent) =>
    measure(
      say("{0}, p{1}", label, percent),
      (step) => quantile(valuesOf(step), percent / 100),
      "duration",
      `${metric}.p${percent}`,
    ),
  );
}

function measureOf(steps: readonly (StepOfRun | undefined)[], judgements: Judgements) {
  return (
    label: Message,
    figure: (step: StepOfRun) => number | undefined,
    unit: FigureUnit,
    judged?: string,
  ): Measure => {
    const values = steps.map((step) => step && figure(step));
    const [from] = values;
    return {
      ...(judged === undefined ? {} : { judged }),
      label,
      values,
      unit,
      differences: values.slice(1).map((to, at) => {
        if (from === undefined || to === undefined) return { change: undefined, judgement: undefined };
        return { change: { from, to }, judgement: judged ? judgements[at]?.get(judged) : undefined };
      }),
    };
  };
}

function quantile(values: readonly number[], q: number): number | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))];
}

/** How much a value has changed: `+12 %`, `×15`; empty where it has not. */
export function changeText({ from, to }: Change, { text, value }: Wording): string {
  if (from === to) return "";
  if (from === 0) return text(say("new"));
  if (to / from >= 10) return `×${value(Math.round(to / from), "count")}`;
  const percent = Math.round(((to - from) / from) * 100);
  return `${percent > 0 ? "+" : percent < 0 ? "−" : "±"}${Math.abs(percent)} %`;
}

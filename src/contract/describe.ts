import { checkMetrics } from "../measure/metric.ts";
import type {
  Card,
  Chart,
  Description,
  FigureRef,
  JobState,
  Metric,
  OwnCard,
} from "../protocol/description.ts";
import { comparedFigures } from "../protocol/description.ts";
import { figureKey } from "../protocol/figure-key.ts";
import { SERVER_METRICS } from "./server-metrics.ts";

export interface PhaseLabel {
  name: string;
  label: string;
}

/** What a workload says of its runs; the rest is the same for all. */
export interface OwnDescription {
  /** Besides those of phases and jobs, which every run has. */
  metrics?: readonly Metric[];
  /** Where a job can be while it is in progress, in the order in which it goes through them. */
  states: readonly JobState[];
  phases: readonly PhaseLabel[];
  /** Jobs become ready (`JobContext.ready`): from their begin on, or from where they say so (`JobContext.awaitReady`). */
  becomesReady?: boolean | "from_asked";
  /** A job can be a claimed prebuild, whose phases are told apart. */
  prebuilds?: boolean;
  cards?: readonly (OwnCard | Card)[];
  /** Without any, those of jobs. */
  charts?: readonly Chart[];
  tables?: Description["tables"];
  brief?: Partial<Description["brief"]>;
  columns?: Description["columns"];
  waterfall?: boolean;
  load?: Description["load"];
  flags?: Description["flags"];
  /** Figures of a second that no chart draws, for the files. */
  series?: readonly FigureRef[];
}

const OWN_CARDS: readonly OwnCard[] = ["ready", "progress", "pace", "api", "existing", "generator"];

const FAILURES: Metric = {
  name: "failures",
  kind: "share",
  unit: "none",
  labels: [],
  better: "lower",
  text: "Failures",
  whole: true,
  compare: [],
  aliases: {
    count: { figure: "count", labels: {}, text: "Failed workspaces" },
    rate: { figure: "rate", labels: {}, text: "Failure rate" },
  },
};

const READY: Metric = {
  name: "ready",
  kind: "duration",
  unit: "ms",
  labels: [],
  better: "lower",
  text: "Time to ready",
  whole: true,
};

export const API_LATENCY = "api_latency";

/** Of the run's own calls, whatever it does besides. The methods of HTTP are few. */
const API_LATENCIES: Metric = {
  name: API_LATENCY,
  kind: "duration",
  unit: "ms",
  labels: ["method"],
  better: "lower",
  text: "API latency",
  whole: true,
};

/** Those of the run itself: nobody is held to them. */
const OF_THE_RUN: readonly Metric[] = [
  own("jobs", "gauge", "none", "Workspaces by state", ["state"]),
  own("api_calls", "counter", "none", "API calls"),
  own("rate_limit_wait", "counter", "ms", "Waited for the rate limit"),
  own("loop_lateness", "duration", "ms", "Event-loop lateness of the generator"),
  own("generator_cpu", "gauge", "cores", "CPU of the generator"),
];

function own(
  name: string,
  kind: Metric["kind"],
  unit: Metric["unit"],
  text: string,
  labels: string[] = [],
): Metric {
  return { name, kind, unit, labels, better: "none", text, whole: true, judged: false, compare: [] };
}

/** What the runs of a workload can be held to: the same list for its flag, for completion and for the run. */
export function judgedMetrics({ metrics = [], phases, becomesReady, prebuilds }: OwnDescription): Metric[] {
  return metricsOf({
    metrics,
    phases,
    states: [],
    becomesReady: becomesReady ?? false,
    prebuilds: prebuilds ?? false,
  })
    .filter(({ judged = true }) => judged)
    .concat(SERVER_METRICS);
}

function metricsOf({ metrics = [], phases, becomesReady, prebuilds }: OwnDescription): Metric[] {
  return [
    FAILURES,
    ...(becomesReady ? [READY] : []),
    ...metrics,
    ...phases.map((phase) => phaseMetric(phase)),
    ...(prebuilds ? phases.map((phase) => prebuiltMetric(phase)) : []),
    API_LATENCIES,
    ...OF_THE_RUN,
  ];
}

function phaseMetric({ name, label }: PhaseLabel): Metric {
  return {
    name,
    kind: "duration",
    unit: "ms",
    labels: [],
    better: "lower",
    text: capital(label),
    whole: true,
    phase: true,
  };
}

/** Prebuilt workspaces have phases of their own name: a claim is no creation. */
function prebuiltMetric({ name, label }: PhaseLabel): Metric {
  return { ...phaseMetric({ name: `prebuilt_${name}`, label: `${label} (prebuilt)` }), judged: false };
}

/** The whole description of a run. Throws where its metrics do not go together: see checkMetrics. */
export function describeRun(of: OwnDescription): Description {
  const metrics = metricsOf(of);
  checkMetrics(metrics);
  const charts = [...(of.charts ?? jobCharts(of))];
  const phases = of.prebuilds
    ? of.phases.flatMap(({ name, label }) => [
        { name, label },
        { name: `prebuilt_${name}`, label: `${label} (prebuilt)` },
      ])
    : [...of.phases];
  const states = statesOf(of.states);
  const drawn = charts.flatMap(({ lines }) => lines.map(({ figure }) => figure));
  return {
    metrics,
    states,
    phases,
    cards: [...(of.cards ?? OWN_CARDS)],
    charts,
    tables: [...(of.tables ?? [])],
    brief: {
      ...(of.becomesReady
        ? { key: { label: "time to ready", figure: { metric: "ready", figure: "p95" } } }
        : {}),
      lines: [],
      faults: [],
      facts: [],
      ...of.brief,
    },
    columns: [...(of.columns ?? [])],
    waterfall: of.waterfall ?? true,
    ...(of.load ? { load: of.load } : {}),
    ...(of.flags ? { flags: of.flags } : {}),
    series: distinct([...drawn, ...runSeries(states), ...ownSeries(of), ...(of.series ?? [])]),
  };
}

/** What every second has, drawn or not. */
function runSeries(states: readonly JobState[]): FigureRef[] {
  return [
    ...states.map(({ id }) => jobsIn(id)),
    { metric: "api_calls", figure: "count" },
    { metric: API_LATENCY, figure: "p50" },
    { metric: API_LATENCY, figure: "p95" },
    { metric: "rate_limit_wait", figure: "count" },
    { metric: "loop_lateness", figure: "p99" },
    { metric: "generator_cpu", figure: "mean" },
  ];
}

/** By which a comparison judges whether a difference is more than chance. */
function ownSeries({ metrics = [] }: OwnDescription): FigureRef[] {
  return metrics
    .filter(({ judged = true }) => judged)
    .flatMap((metric) => comparedFigures(metric).map((figure) => ({ metric: metric.name, figure })));
}

function distinct(figures: readonly FigureRef[]): FigureRef[] {
  return [...new Map(figures.map((figure) => [figureKey(figure), figure])).values()];
}

function jobsIn(state: string): FigureRef {
  return { metric: "jobs", figure: "last", labels: { state } };
}

const WAITING = state("waiting", "waiting", "waiting", "dim", "circle-outline");
const SUCCEEDED = state("succeeded", "succeeded", "succeeded", "pale", "check");
const FAILED = state("failed", "failed", "failed", "red", "close");
const CANCELED = state("canceled", "stopped", "stopped", "grey", "stop-circle");

/** Of a run that has not been prepared; behind the states, which it needs. */
export const NOTHING_DESCRIBED: Description = describeRun({ states: [], phases: [], charts: [] });

/** A state of a job: its texts are those of workspaces, one job each. */
export function state(
  id: string,
  label: string,
  kind: JobState["kind"],
  colour: JobState["colour"],
  icon: string,
): JobState {
  return {
    id,
    label,
    one: `{0} workspace ${label}`,
    other: `{0} workspaces ${label}`,
    kind,
    colour,
    icon,
  };
}

function statesOf(busy: readonly JobState[]): JobState[] {
  return [WAITING, ...busy, SUCCEEDED, FAILED, CANCELED];
}

/** Jobs by state, how fast they become ready, API calls, and the generator itself. */
export function jobCharts({
  states,
  becomesReady,
}: Pick<OwnDescription, "states" | "becomesReady">): Chart[] {
  const inOrder = [FAILED, SUCCEEDED, ...[...states].reverse(), CANCELED, WAITING];
  return [
    {
      id: "jobs",
      title: "Workspaces",
      note: "by state",
      stacked: true,
      lines: inOrder.map(({ id, label, colour }) => ({ label, colour, figure: jobsIn(id), summary: "last" })),
    },
    ...(becomesReady ? [readyChart()] : []),
    apiChart(),
    generatorChart(),
  ];
}

function readyChart(): Chart {
  return {
    id: "pace",
    title: "Ready rate",
    note: "a minute, over ten seconds",
    lines: [
      {
        label: "ready per minute",
        // Those that failed before they were ready are counted, too, but never were.
        figure: { metric: "ready", figure: "ended" },
        colour: "green",
        per: { seconds: 60, over: 10 },
      },
    ],
  };
}

export function apiChart(): Chart {
  return {
    id: "api",
    title: "API calls",
    note: "a second",
    lines: [
      {
        label: "calls a second",
        figure: { metric: "api_calls", figure: "count" },
        colour: "blue",
        per: { seconds: 1, over: 1 },
      },
    ],
  };
}

export function generatorChart(): Chart {
  return {
    id: "generator",
    title: "Generator",
    note: "event-loop lateness and CPU",
    lines: [
      {
        label: "late p99",
        figure: { metric: "loop_lateness", figure: "p99" },
        colour: "purple",
        summary: "max",
      },
      coresLine(),
    ],
  };
}

export function coresLine(): Chart["lines"][number] {
  return {
    label: "cores",
    figure: { metric: "generator_cpu", figure: "mean" },
    colour: "orange",
    right: true,
    summary: "mean",
  };
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

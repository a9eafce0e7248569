import { type Baseline, type BaselineFigure, type BaselineState, figureLabel } from "../protocol/baseline.ts";
import type { Metric } from "../protocol/description.ts";
import type { JobValues, RunData, StepData } from "./data.ts";
import {
  blocksOf,
  blocksOfJobs,
  durationsIn,
  durationsOf,
  type Influence,
  jobBlocks,
  LEAST_BLOCKS,
  leastCount,
  meanInfluence,
  ownVariance,
  pairedVariance,
  percentileInfluence,
  rateInfluence,
  ratesIn,
  sharesIn,
  shareVariance,
} from "./estimate.ts";
import {
  isOfJobs,
  type JudgedFigure,
  judgedFigures,
  type Measured,
  measuredIn,
  type Share,
} from "./figures.ts";
import {
  ASSUMED_LOOKS,
  ASSUMED_NOISE,
  FALSE_ALARMS,
  type Margin,
  marginOf,
  VISIBLE_MARGINS,
} from "./margins.ts";
import {
  chanceRatio,
  holm,
  pooledVariance,
  sampleVariance,
  studentQuantile,
  studentTail,
  sumOfVariances,
  type Variance,
} from "./statistics.ts";

/** What a run is held against. */
export interface Earlier {
  baseline: RunData;
  /** Further runs of the same test, which say how much runs differ by themselves. */
  others: readonly RunData[];
}

/** A step that is compared, with what its metrics are. */
export interface ComparedStep {
  name: string;
  metrics: readonly Metric[];
}

/**
 * A run beside an earlier one, step by step and figure by figure. Worse is what is no noise (equal runs raise an alarm in
 * no more than FALSE_ALARMS of all cases, over all figures together) and what is beyond its margin as well.
 */
export function compareData(
  now: RunData,
  earlier: Earlier,
  steps: readonly ComparedStep[],
): Omit<Baseline, "asked"> {
  const looks = steps.flatMap(({ name, metrics }) => {
    const [own, before] = [now.steps.get(name), earlier.baseline.steps.get(name)];
    if (!own || !before) return [];
    const others = earlier.others.flatMap((run) => run.steps.get(name) ?? []);
    return metrics
      .flatMap(judgedFigures)
      .flatMap((figure) => lookAt(name, figure, { now: own, before, others }) ?? []);
  });
  const figures = judged(looks);
  return {
    run: earlier.baseline.id,
    state: stateOf(figures),
    confidence: 1 - FALSE_ALARMS,
    earlier: 1 + earlier.others.length,
    figures,
  };
}

function stateOf(figures: readonly BaselineFigure[]): BaselineState {
  const some = (state: BaselineState) => figures.some((one) => one.state === state);
  if (some("worse")) return "worse";
  if (!some("same") && !some("better")) return "not_enough";
  return some("better") ? "better" : "same";
}

/** A figure in both runs, before it is judged beside the others. */
interface Look {
  step: string;
  figure: JudgedFigure;
  now: Measured;
  before: Measured;
  /** How much worse it is, in logarithms or as a difference of shares. */
  worse: number;
  margin: number;
  /** undefined: there are too few samples for one. */
  variance: Variance | undefined;
  least: number;
}

interface Steps {
  now: StepData;
  before: StepData;
  others: readonly StepData[];
}

/** undefined where one of the runs has not measured it. */
function lookAt(step: string, figure: JudgedFigure, steps: Steps): Look | undefined {
  const of = (data: StepData) => measuredIn(figure, data.metrics[figure.metric.name]);
  const [now, before] = [of(steps.now), of(steps.before)];
  if (!now || !before) return undefined;
  const margin = marginOf(figure.unit);
  if (margin.scale === "relative" && (now.value <= 0 || before.value <= 0)) return undefined;
  const least = leastCount(figure);
  const isEnough = Math.min(now.count, before.count) >= least;
  const others = steps.others.flatMap((data) => of(data) ?? []);
  const sign = figure.metric.better === "lower" ? 1 : -1;
  const difference =
    margin.scale === "relative" ? Math.log(now.value / before.value) : now.value - before.value;
  return {
    step,
    figure,
    now,
    before,
    worse: sign * difference,
    margin: scaledMargin(margin, before.value),
    variance: isEnough ? varianceOf(figure, steps, { now, before, others }) : undefined,
    least,
  };
}

function scaledMargin({ scale, size, least = 0 }: Margin, before: number): number {
  return scale === "absolute" ? size : Math.log1p(Math.max(size, least / before));
}

/** Margins in the scale of a comparison: two of them are twice the change, not twice its logarithm. */
function visibleAt({ figure, margin }: Look): number {
  return marginOf(figure.unit).scale === "absolute"
    ? VISIBLE_MARGINS * margin
    : Math.log1p(VISIBLE_MARGINS * Math.expm1(margin));
}

interface Values {
  now: Measured;
  before: Measured;
  others: readonly Measured[];
}

/** Of the difference of two runs: of what is within each of them, and of what differs from run to run. */
function varianceOf(figure: JudgedFigure, steps: Steps, values: Values): Variance | undefined {
  const { now, before, others } = values;
  if (now.share && before.share)
    return doubled(shareNoise(figure, steps, { now: now.share, before: before.share, others }));
  const within = withinVariance(figure, steps, values);
  const logs = [before, ...others].map(({ value }) => value).filter((value) => value > 0);
  // What is over in a moment is one look, however much there is of it: only other runs say what that is worth.
  if (!within && logs.length < LEAST_RUNS) return undefined;
  const noise = { value: ASSUMED_NOISE ** 2, freedom: ASSUMED_LOOKS };
  const assumed = within ? sumOfVariances([noise, { ...within, value: within.value / 2 }]) : noise;
  if (logs.length < 2) return doubled(assumed);
  return doubled(pooledVariance(assumed, sampleVariance(logs.map(Math.log))));
}

function doubled(variance: Variance): Variance {
  return { ...variance, value: 2 * variance.value };
}

/** Of one run. Runs may differ by more than their counts do. */
function shareNoise(
  figure: JudgedFigure,
  steps: Steps,
  { now, before, others }: { now: Share; before: Share; others: readonly Measured[] },
): Variance {
  // What is good counts by what is missing of it: of 99.9 % that is a count with an error that is known.
  const bad = (share: Share): Share =>
    figure.metric.better === "lower" ? share : { n: Math.max(0, share.of - share.n), of: share.of };
  const ofStep = ({ windows }: StepData, share: Share) => {
    const own = windows?.of(figure.metric);
    const parts = own?.inParts(blocksOf(own.seconds)) ?? [];
    return shareVariance(bad(share), sharesIn(parts, figure).map(bad));
  };
  const both = sumOfVariances([ofStep(steps.now, now), ofStep(steps.before, before)]);
  const ofOne = { ...both, value: both.value / 2 };
  const shares = [before, ...others.flatMap(({ share }) => share ?? [])].map(bad);
  if (shares.length < 2) return ofOne;
  const between = sampleVariance(shares.map(({ n, of }) => n / of));
  if (between.value <= ofOne.value * chanceRatio(between.freedom, CHANCE)) return ofOne;
  return pooledVariance({ value: ofOne.value, freedom: ASSUMED_LOOKS }, between);
}

const CHANCE = 0.99;
/** Fewer earlier runs than this are no ground by themselves. */
const LEAST_RUNS = 3;

/** Of the difference, by what is within the runs; undefined where that is not known. */
function withinVariance(figure: JudgedFigure, steps: Steps, values: Values): Variance | undefined {
  const [now, before] = influences(figure, steps, values);
  if (!now) return undefined;
  if (!before && (isOfJobs(figure.metric) || steps.before.windows)) return undefined;
  // A result has no seconds: we assume that they were as unsteady as these.
  if (!before) return sumOfVariances([ownVariance(now), ownVariance(now)]);
  return pairedVariance(now, before);
}

/** Both of one length. */
function influences(
  figure: JudgedFigure,
  { now, before }: Steps,
  values: Values,
): [Influence | undefined, Influence | undefined] {
  const { metric } = figure;
  if (isOfJobs(metric)) {
    const [own, earlier] = [jobsWith(now, metric.name), jobsWith(before, metric.name)];
    const count = Math.min(...[own, earlier].filter(({ length }) => length > 0).map(blocksOfJobs));
    const of = (jobs: readonly JobValues[], value: number) => {
      if (jobs.length < count || count < LEAST_BLOCKS) return undefined;
      const values = jobs.flatMap((job) => job.values[metric.name] ?? []);
      const blocks = jobBlocks(values, count);
      return figure.figure === "mean"
        ? meanInfluence(blocks)
        : percentileInfluence(blocks.map(durationsOf), figure.figure, value);
    };
    return [of(own, values.now.value), of(earlier, values.before.value)];
  }
  const lengths = [now.windows, before.windows]
    .flatMap((one) => one?.of(metric).seconds ?? [])
    .filter((one) => one > 0);
  const count = blocksOf(Math.min(...lengths));
  const of = ({ windows }: StepData, value: number) => {
    const parts = windows?.of(metric).inParts(count) ?? [];
    if (parts.length < LEAST_BLOCKS) return undefined;
    return metric.kind === "duration"
      ? percentileInfluence(durationsIn(parts, metric.name), figure.figure, value)
      : rateInfluence(ratesIn(parts, metric.name));
  };
  return [of(now, values.now.value), of(before, values.before.value)];
}

function jobsWith({ jobs = [] }: StepData, name: string): JobValues[] {
  return jobs.filter(({ values }) => values[name] !== undefined);
}

/** All looks together: what one of them shows depends on how many there are. */
function judged(looks: readonly Look[]): BaselineFigure[] {
  const tested = looks.filter(isTested);
  const tails = (sign: number) =>
    tested.map(({ worse, variance }) => tailOf(sign * worse, variance ?? { value: 0, freedom: 1 }));
  const [areWorse, areBetter] = [holm(tails(1), FALSE_ALARMS), holm(tails(-1), FALSE_ALARMS)];
  return looks.map((look) => {
    const at = tested.indexOf(look);
    return figureOf(look, tested.length, {
      isWorse: at >= 0 && areWorse[at] === true,
      isBetter: at >= 0 && areBetter[at] === true,
    });
  });
}

/** Where nothing has failed in either run, there is nothing to be mistaken about. */
function isTested({ variance, now, before }: Look): boolean {
  if (!variance) return false;
  return !now.share || !before.share || now.share.n + before.share.n > 0;
}

function tailOf(worse: number, { value, freedom }: Variance): number {
  if (value > 0) return studentTail(worse / Math.sqrt(value), freedom);
  return worse > 0 ? 0 : 1;
}

function figureOf(
  look: Look,
  tested: number,
  { isWorse, isBetter }: { isWorse: boolean; isBetter: boolean },
): BaselineFigure {
  const { step, figure, now, before, worse, margin, variance, least } = look;
  const { metric, unit } = figure;
  const critical = variance
    ? studentQuantile(FALSE_ALARMS / Math.max(1, tested), variance.freedom) * Math.sqrt(variance.value)
    : undefined;
  const visible = critical === undefined ? undefined : Math.max(margin, critical);
  const state: BaselineState =
    isWorse && worse >= margin
      ? "worse"
      : isBetter && -worse >= margin
        ? "better"
        : visible === undefined || visible > visibleAt(look)
          ? "not_enough"
          : "same";
  const sign = metric.better === "lower" ? 1 : -1;
  // In the figure's own direction, as people read it.
  const told = (size: number) => (marginOf(unit).scale === "absolute" ? size : Math.expm1(size));
  const isSure = (state === "worse" || state === "better") && critical !== undefined;
  const direction = sign * Math.sign(worse);
  return {
    step,
    metric: metric.name,
    figure: figure.figure,
    label: figureLabel(metric, figure.figure),
    unit,
    now: now.value,
    before: before.value,
    change: told(sign * worse),
    ...(isSure ? { sure: told(direction * Math.max(0, Math.abs(worse) - critical)) } : {}),
    margin: told(sign * margin),
    ...(visible === undefined ? {} : { visible: told(sign * visible) }),
    samples: Math.min(now.count, before.count),
    least,
    state,
  };
}

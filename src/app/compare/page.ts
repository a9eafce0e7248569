import { testDifferences } from "../../compare/same-test.ts";
import type { BaselineState } from "../../protocol/baseline.ts";
import type { ComparedRun, Comparison, FigureRow } from "../../protocol/compare-page.ts";
import { endingOf } from "../../protocol/ending.ts";
import { unitOf } from "../../protocol/figure-unit.ts";
import { type Message, say, sayAll, sayCount } from "../../text/message.ts";
import { workloadByName } from "../../workloads/index.ts";
import { plainLine } from "../plain.ts";
import type { Wording } from "../wording.ts";
import { type Compared, changeText, compareRuns, type Measure, type PageRun } from "./compare.ts";
import { configurationOf } from "./configuration.ts";
import { overlaysOf } from "./overlays.ts";
import { warningsOf } from "./table.ts";
import { trendKey } from "./trend.ts";

const idOf = ({ final }: Compared): string => final.whole.run.id;

/** The earliest first. */
export function byTime<T extends Compared>(runs: readonly T[]): T[] {
  return [...runs].sort((a, b) => a.final.whole.run.createdAt - b.final.whole.run.createdAt);
}

/** The baseline first, the others by time: as the text of a comparison has them. */
export function baselineFirst<T extends Compared>(runs: readonly T[], baseline: string): T[] {
  const sorted = byTime(runs);
  return [
    ...sorted.filter((run) => idOf(run) === baseline),
    ...sorted.filter((run) => idOf(run) !== baseline),
  ];
}

/**
 * The run that the others are held against where nobody has chosen one: the earliest. One that has not passed is no
 * measure: instead of it, the newest that has passed and was the same test as the newest of them all.
 */
export function usualBaseline(runs: readonly Compared[]): string {
  const sorted = byTime(runs);
  const [earliest] = sorted;
  const newest = sorted.at(-1);
  if (!earliest || !newest) return "";
  const hasPassed = ({ final }: Compared) => final.whole.outcome?.verdict === "passed";
  if (hasPassed(earliest)) return idOf(earliest);
  const passed = sorted.findLast((run) => run !== newest && hasPassed(run) && isSameTest(run, newest));
  return idOf(passed ?? earliest);
}

function isSameTest({ known: one }: Compared, { known: other }: Compared): boolean {
  return (
    one !== undefined &&
    other !== undefined &&
    testDifferences(one.test, other.test, workloadByName).length === 0
  );
}

/** All that the page shows of the runs beside each other. An unknown baseline is the usual one. */
export function comparisonPage(
  unsorted: readonly PageRun[],
  asked: string | undefined,
  wording: Wording,
): Comparison {
  const runs = byTime(unsorted);
  const ids = runs.map(idOf);
  const baseline = asked !== undefined && ids.includes(asked) ? asked : usualBaseline(runs);
  const ordered = baselineFirst(runs, baseline);
  const orderedIds = ordered.map(idOf);
  const places = ids.map((id) => orderedIds.indexOf(id));
  const newest = runs.at(-1);
  const figures = compareRuns(ordered).map((measure) => figureRow(measure, { places, newest, wording }));
  const trend = usualTrend(figures, newest);
  return {
    type: "comparison",
    runs: runs.map((run, at) => ({
      ...headOf(run),
      beside: idOf(run) === baseline ? null : besideOf(figures, at),
    })),
    baseline: ids.indexOf(baseline),
    warnings: warningsOf(ordered, (at) => orderedIds[at] ?? ""),
    configuration: configurationOf(runs),
    figures,
    overlays: overlaysOf(runs),
    ...(trend === undefined ? {} : { trend }),
  };
}

function headOf({ final }: Compared): Omit<ComparedRun, "beside"> {
  const { run, outcome } = final.whole;
  return {
    id: run.id,
    title: plainLine(run.title),
    host: run.deployment.host,
    createdAt: run.createdAt,
    ending: outcome ? endingOf(outcome) : null,
    summary: outcome?.summary ?? null,
  };
}

interface RowParts {
  /** Of each run by time, its place among those of the measure. */
  places: readonly number[];
  newest: Compared | undefined;
  wording: Wording;
}

function figureRow(measure: Measure, { places, newest, wording }: RowParts): FigureRow {
  const { step, label, unit, values, differences } = measure;
  const trend = trendOf(measure, newest);
  return {
    ...(step === undefined ? {} : { step }),
    label,
    unit,
    values: places.map((place) => values[place] ?? null),
    differences: places.map((place) => {
      const { change, judgement } = differences[place - 1] ?? {};
      return change ? { change: changeText(change, wording), state: judgement ?? null } : null;
    }),
    ...(trend ? { trend } : {}),
  };
}

/** Of figures that the newest run's results have, too. */
function trendOf({ step, judged }: Measure, newest: Compared | undefined): FigureRow["trend"] {
  const steps = newest?.final.whole.steps ?? [];
  const own = steps.find(({ name }) => (step === undefined ? steps.length === 1 : name === step));
  const [metricName, figure] = judged?.split(/\.(.*)/s) ?? [];
  const metric = own?.description.metrics.find(({ name }) => name === metricName);
  const unit = metric && figure !== undefined ? unitOf(metric, figure) : undefined;
  return own && judged && unit ? { key: trendKey(own.name, judged), unit } : undefined;
}

/** The first that is worse, else what the run says most by. */
function usualTrend(figures: readonly FigureRow[], newest: Compared | undefined): string | undefined {
  const worse = figures.find((row) => row.trend && row.differences.some((one) => one?.state === "worse"));
  if (worse?.trend) return worse.trend.key;
  const known = new Set(figures.map(({ trend }) => trend?.key));
  const keys = (newest?.final.whole.steps ?? []).flatMap(({ name, description }) => {
    const key = description.brief.key?.figure;
    return key ? trendKey(name, `${key.metric}.${key.figure}`) : [];
  });
  return keys.find((key) => known.has(key)) ?? figures.find(({ trend }) => trend)?.trend?.key;
}

/** One sentence names so many figures. */
const MOST_TOLD = 3;

/** How a run stands beside the baseline, figure by figure. */
function besideOf(figures: readonly FigureRow[], at: number): NonNullable<ComparedRun["beside"]> {
  const judged = figures.flatMap((row) => {
    const difference = row.differences[at];
    return difference?.state ? [{ ...difference, row }] : [];
  });
  const of = (state: BaselineState) => judged.filter((one) => one.state === state);
  const [worse, better, same, few] = [of("worse"), of("better"), of("same"), of("not_enough")];
  const named = (some: readonly (typeof judged)[number][]) =>
    sayAll(
      some
        .slice(0, MOST_TOLD)
        .map(({ row, change }) =>
          row.step === undefined
            ? say("{0} {1}", row.label, change)
            : say("{0}: {1} {2}", row.step, row.label, change),
        ),
      ", ",
    );
  const rest = (some: readonly unknown[]) => some.length - MOST_TOLD;
  const parts: Message[] = [
    ...(worse.length === 0
      ? []
      : [
          rest(worse) > 0
            ? say("worse: {0}, and {1} more", named(worse), rest(worse))
            : say("worse: {0}", named(worse)),
        ]),
    ...(better.length === 0
      ? []
      : [
          rest(better) > 0
            ? say("better: {0}, and {1} more", named(better), rest(better))
            : say("better: {0}", named(better)),
        ]),
    ...(same.length === 0
      ? []
      : [sayCount(same.length, { one: "{0} figure within noise", other: "{0} figures within noise" })]),
    ...(few.length === 0
      ? []
      : [
          sayCount(few.length, {
            one: "not enough data for {0} figure",
            other: "not enough data for {0} figures",
          }),
        ]),
  ];
  return {
    state:
      worse.length > 0 ? "worse" : better.length > 0 ? "better" : same.length > 0 ? "same" : "not_enough",
    text: parts.length === 0 ? say("nothing that can be judged") : sayAll(parts, "; "),
  };
}

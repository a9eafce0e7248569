import {
  formatCount,
  formatDateTime,
  formatDecimal,
  formatDuration,
  formatMessages,
  formatRate,
} from "../../l10n/figures.ts";
import { runText } from "../../l10n/run-text.ts";
import { plural, t } from "../../l10n/text.ts";
import type { Sample, Snapshot } from "../../protocol/snapshot.ts";
import type { Final } from "../../runs/final.ts";
import { type Judgement, judgeShares, judgeValues, quantile } from "./statistics.ts";

/** A run that is compared: how it ended, and its seconds where they are judged by. */
export interface Compared {
  final: Final;
  samples: readonly Sample[];
}

/** One measure of all runs. The first run is what the others are held against. */
export interface Measure {
  label: string;
  values: string[];
  /** For the second run and the further ones. */
  differences: Difference[];
}

export interface Difference {
  /** `+12 %`; empty where there is no ground for one. */
  change: string;
  judgement: Judgement;
}

/** The runs, measure by measure; what none of them has is left out. Durations are milliseconds. */
export function compareRuns(runs: readonly Compared[]): Measure[] {
  return [
    ...countMeasures(runs),
    // In traffic, "ready" is an open connection: another thing.
    ...(workloadsOf(runs).size === 1
      ? durationMeasures(t("ready"), runs, ({ final }) => final.rows.flatMap(({ readyMs }) => readyMs ?? []))
      : []),
    ...phasesOf(runs).flatMap(({ name, label }) =>
      durationMeasures(runText(label), runs, ({ final }) =>
        final.rows.flatMap(({ phases }) => phases[name] ?? []),
      ),
    ),
    ...trafficMeasures(runs),
    measure(
      t("API calls, most for a workspace"),
      runs,
      ({ final }) => final.snapshot.api.maxPerWorkspace,
      formatCount,
    ),
  ];
}

function workloadsOf(runs: readonly Compared[]): Set<string> {
  return new Set(runs.map(({ final }) => final.snapshot.run.workload));
}

/** Of all runs, in the order of the first that has them. */
function phasesOf(runs: readonly Compared[]): Snapshot["phases"] {
  const all = runs.flatMap(({ final }) => final.snapshot.phases);
  return [...new Map(all.map((phase) => [phase.name, phase])).values()];
}

function countMeasures(runs: readonly Compared[]): Measure[] {
  const counts = ({ final }: Compared) => final.snapshot.counts;
  const failures = (run: Compared) => ({ of: counts(run).total, count: counts(run).failed });
  return [
    measure(t("workspaces"), runs, (run) => counts(run).total, formatCount),
    measure(t("succeeded"), runs, (run) => counts(run).succeeded, formatCount),
    measure(
      t("failed"),
      runs,
      (run) => counts(run).failed,
      formatCount,
      (a, b) => judgeShares(failures(a), failures(b)),
    ),
  ];
}

/** By the values of single workspaces, not by averages. */
function durationMeasures(
  label: string,
  runs: readonly Compared[],
  valuesOf: (run: Compared) => number[],
): Measure[] {
  const values = new Map(runs.map((run) => [run, valuesOf(run)]));
  if ([...values.values()].every((one) => one.length === 0)) return [];
  const of = (run: Compared) => values.get(run) ?? [];
  return [0.5, 0.95].map((q) => {
    const figure = (run: Compared) => quantile(of(run), q);
    return measure(t("{0}, p{1}", label, q * 100), runs, figure, formatDuration, (a, b, x, y) =>
      judgeValues(of(a), of(b), x, y, "less"),
    );
  });
}

type Traffic = NonNullable<Snapshot["traffic"]>;

/** Figures are those of the whole measured part; whether they differ is judged by its stretches. */
function trafficMeasures(runs: readonly Compared[]): Measure[] {
  if (runs.every(({ final }) => !final.snapshot.traffic)) return [];
  const total = (run: Compared): Traffic["total"] | undefined => run.final.snapshot.traffic?.total;
  const stretches = new Map(runs.map((run) => [run, stretchesOf(run.samples)]));
  const by = (run: Compared, key: keyof Stretch) => (stretches.get(run) ?? []).map((one) => one[key]);
  const trips = (["p50", "p95", "p99"] as const).map((key) =>
    measure(
      t("round trip, {0}", key),
      runs,
      (run) => (total(run)?.roundTrip.count ? total(run)?.roundTrip[key] : undefined),
      formatDuration,
      (a, b, x, y) => judgeValues(by(a, key), by(b, key), x, y, "less"),
    ),
  );
  const share = (run: Compared) => {
    const one = total(run);
    return one && one.offeredBytesPerSecond > 0
      ? (one.achievedBytesPerSecond / one.offeredBytesPerSecond) * 100
      : undefined;
  };
  const connections = (run: Compared) => total(run)?.connections;
  const ticks = (run: Compared) => total(run)?.ticks;
  return [
    ...messageMeasures(runs),
    measure(t("offered"), runs, (run) => total(run)?.offeredBytesPerSecond, formatRate),
    measure(t("achieved"), runs, (run) => total(run)?.achievedBytesPerSecond, formatRate),
    measure(
      t("achieved of offered"),
      runs,
      share,
      (percent) => `${formatDecimal(percent, 1)} %`,
      (a, b, x, y) => judgeValues(by(a, "share"), by(b, "share"), x, y, "more"),
    ),
    ...trips,
    measure(
      t("connections dropped"),
      runs,
      (run) => connections(run)?.dropped,
      formatCount,
      (a, b) =>
        judgeShares(
          { of: connections(a)?.opened ?? 0, count: connections(a)?.dropped ?? 0 },
          { of: connections(b)?.opened ?? 0, count: connections(b)?.dropped ?? 0 },
        ),
    ),
    measure(t("messages missed"), runs, (run) => ticks(run)?.missed, formatCount),
    measure(
      t("messages lost or wrong"),
      runs,
      (run) => sumOf(ticks(run)?.lost, ticks(run)?.wrong),
      formatCount,
    ),
  ];
}

/** Left out where no run says how large its messages were. */
function messageMeasures(runs: readonly Compared[]): Measure[] {
  const of = (key: "offeredBytesPerSecond" | "achievedBytesPerSecond") => (run: Compared) => {
    const { traffic } = run.final.snapshot;
    return traffic?.message && traffic.total[key] / traffic.message.bytes;
  };
  if (runs.every(({ final }) => !final.snapshot.traffic?.message)) return [];
  return [
    measure(t("messages offered"), runs, of("offeredBytesPerSecond"), formatMessages),
    measure(t("messages achieved"), runs, of("achievedBytesPerSecond"), formatMessages),
  ];
}

function sumOf(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : a + b;
}

/** Seconds that follow each other are alike: they count as one value, five by five. */
const STRETCH = 5;

interface Stretch {
  p50: number;
  p95: number;
  p99: number;
  /** Per cent. */
  share: number;
}

/**
 * The steady part of a run: seconds in which all of the load was on, without the first of them. What a ramp or
 * the end does to a figure says nothing of the deployment.
 */
export function stretchesOf(samples: readonly Sample[]): Stretch[] {
  const seconds = samples.flatMap(({ traffic }) => traffic ?? []);
  const full = Math.max(0, ...seconds.map(({ offeredBytesPerSecond }) => offeredBytesPerSecond));
  const steady = seconds.filter(
    ({ offeredBytesPerSecond, roundTrip }) => roundTrip.count > 0 && offeredBytesPerSecond >= full * 0.9,
  );
  const stretches: Stretch[] = [];
  for (let from = 1; from + STRETCH <= steady.length; from += STRETCH) {
    const some = steady.slice(from, from + STRETCH);
    const median = (of: (second: (typeof some)[number]) => number) => quantile(some.map(of), 0.5) ?? 0;
    stretches.push({
      p50: median(({ roundTrip }) => roundTrip.p50),
      p95: median(({ roundTrip }) => roundTrip.p95),
      p99: median(({ roundTrip }) => roundTrip.p99),
      share: median((one) => (one.achievedBytesPerSecond / one.offeredBytesPerSecond) * 100),
    });
  }
  return stretches;
}

function measure(
  label: string,
  runs: readonly Compared[],
  figureOf: (run: Compared) => number | undefined,
  format: (value: number) => string,
  judge?: (before: Compared, after: Compared, x: number, y: number) => Judgement,
): Measure {
  const [first, ...others] = runs;
  const x = first && figureOf(first);
  return {
    label,
    values: runs.map((run) => {
      const value = figureOf(run);
      return value === undefined ? "–" : format(value);
    }),
    differences: others.map((other) => {
      const y = figureOf(other);
      if (!first || x === undefined || y === undefined) return { change: "", judgement: "" };
      return { change: changeText(x, y), judgement: judge?.(first, other, x, y) ?? "" };
    }),
  };
}

function changeText(a: number, b: number): string {
  if (a === b) return "";
  if (a === 0) return t("new");
  if (b / a >= 10) return `×${formatCount(b / a)}`;
  const percent = Math.round(((b - a) / a) * 100);
  return `${percent > 0 ? "+" : percent < 0 ? "−" : "±"}${Math.abs(percent)} %`;
}

const MARKS: Record<Judgement, () => string> = {
  better: () => `✓ ${t("better")}`,
  worse: () => `✗ ${t("worse")}`,
  "within noise": () => t("within noise"),
  "": () => "",
};

/** `A`, `B`, … */
const letter = (index: number) => String.fromCharCode("A".charCodeAt(0) + index);

/** The comparison as a Markdown document; titles become no markup. */
export function comparisonMarkdown(runs: readonly Compared[], escapeText: (text: string) => string): string {
  const measures = compareRuns(runs);
  const heads = runs.flatMap((_, index) =>
    index === 0 ? [letter(0)] : [letter(index), t("{0} against A", letter(index))],
  );
  return [
    `# ${plural(runs.length, { one: "{0} scale test compared", other: "{0} scale tests compared" })}`,
    "",
    ...runs.map((run, index) => `- **${letter(index)}**: ${nameOf(run, escapeText)}`),
    "",
    ...invalidWarnings(runs),
    ...workloadWarning(runs),
    `| | ${heads.join(" | ")} |`,
    `|:--|${heads.map((_, index) => (index === 0 || index % 2 === 1 ? "--:|" : ":--|")).join("")}`,
    ...measures.map((one) => rowOf(one, escapeText)),
    "",
    t(
      "A is the earliest. Durations are judged by the values of single workspaces, traffic by stretches of five seconds (Mann–Whitney, two-sided 1 %), failures by their share; less than 5 % counts as noise in any case.",
    ),
    "",
  ].join("\n");
}

function rowOf({ label, values, differences }: Measure, escapeText: (text: string) => string): string {
  const cells = values.flatMap((value, index) => {
    const difference = differences[index - 1];
    if (!difference) return [value];
    return [value, [difference.change, MARKS[difference.judgement]()].filter(Boolean).join(" · ")];
  });
  return `| ${escapeText(label)} | ${cells.join(" | ")} |`;
}

function nameOf({ final: { snapshot } }: Compared, escapeText: (text: string) => string): string {
  const { title, deployment, createdAt } = snapshot.run;
  return `${escapeText(title)}, ${escapeText(deployment.host)}, ${formatDateTime(createdAt)}: ${escapeText(runText(snapshot.outcome?.summary ?? ""))}`;
}

/** Whose generator came to its limits, has measured itself. */
function invalidWarnings(runs: readonly Compared[]): string[] {
  return runs.flatMap(({ final }, index) =>
    final.snapshot.outcome?.verdict === "invalid"
      ? [
          `> ${t("{0} is invalid: its figures are those of the generator, not of the deployment.", letter(index))}`,
          "",
        ]
      : [],
  );
}

/** Of different loads, a difference says nothing about the deployment. */
function workloadWarning(runs: readonly Compared[]): string[] {
  if (workloadsOf(runs).size > 1)
    return [`> ${t("These runs are of different workloads: only what both have can be compared.")}`, ""];
  const sizes = new Set(runs.map(({ final }) => final.snapshot.counts.total));
  return sizes.size > 1
    ? [`> ${t("These runs had different numbers of workspaces: a larger load may well be slower.")}`, ""]
    : [];
}

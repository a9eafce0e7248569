import { plainLine } from "../app/plain.ts";
import { stepEnd } from "../app/report/step-end.ts";
import { said, sayBaseline, sayFigureState, sayNoise } from "../protocol/baseline.ts";
import { formatClock, formatDuration } from "../protocol/duration.ts";
import { type Ending, endingOf } from "../protocol/ending.ts";
import { figureText } from "../protocol/figure-text.ts";
import { leftText, totalLeft, type Untouched } from "../protocol/left.ts";
import { FIGURES, percentileText } from "../protocol/percentile.ts";
import type { RunResult } from "../protocol/result.ts";
import type { Step } from "../protocol/snapshot.ts";
import { english } from "../text/message.ts";
import { bottleneckLines } from "./bottleneck-text.ts";
import { figureTables } from "./figures-text.ts";
import { limitPicture } from "./limit-picture.ts";
import { limitLines } from "./limit-text.ts";

/** What the text has of each step's figures; the JSON has them by itself. */
export type Measured = Pick<Step, "name" | "description" | "figures" | "validity">;

/** A run's result as people read it. */
export function resultText(result: RunResult, measured: readonly Measured[] = []): string {
  const lines = [
    `Run ${result.run_id}: ${endingWord(endingOf(result.outcome))} in ${formatDuration(result.elapsed_ms)}`,
    ...(result.verdict_line ? [result.verdict_line] : []),
    result.outcome.summary,
    "",
    ...figuresOf(result, measured),
    ...limitLines(result.limit),
    ...limitPicture(result.limit),
    ...thresholdLines(result.thresholds),
    ...baselineLines(result.baseline),
    ...bottleneckLines(result.causes, {
      isInvalid: result.outcome.verdict === "invalid",
      holds: result.answer?.holds === "yes",
      thresholds: result.thresholds.map(({ expression }) => expression),
    }),
    ...causesOf(result),
    ...measured.slice(0, 1).flatMap(generatorLine),
    ...apiLines(result.api_calls),
    ...leftLines(result.outcome),
    ...result.warnings.map((warning) => `Warning: ${warning}`),
    ...(result.outcome.next ? [`Go on with: ${result.outcome.next}`] : []),
  ];
  // What a server said is part of a line, and makes none.
  return `${lines.map(plainLine).join("\n")}\n`;
}

/** Of several steps, each under its name. */
function figuresOf({ phases, steps }: RunResult, measured: readonly Measured[]): string[] {
  const tables = (of: Measured | undefined) => (of ? figureTables(of.description, of.figures) : []);
  if (!steps) return [...tables(measured[0]), ...phaseTable(phases)];
  return Object.entries(steps).flatMap(([name, step]) => {
    const took = step.begun_ms === null || step.ended_ms === null ? undefined : step.ended_ms - step.begun_ms;
    const end = step.verdict === null ? stepEnd(step) : endingWord(step.verdict);
    return [
      `Step ${name} (${step.workload}): ${end}${took === undefined ? "" : ` in ${formatDuration(took)}`}`,
      ...(step.summary ? [`  ${step.summary}`] : []),
      "",
      ...tables(measured.find((one) => one.name === name)),
      ...phaseTable(step.phases),
    ];
  });
}

function causesOf({ errors_by_cause: causes, steps = {} }: RunResult): string[] {
  return causeTable([...causes, ...Object.values(steps).flatMap((step) => step.errors_by_cause)]);
}

function phaseTable(phases: RunResult["phases"]): string[] {
  const entries = Object.entries(phases);
  if (entries.length === 0) return [];
  const width = Math.max(5, ...entries.map(([name]) => name.length));
  const row = (name: string, cells: readonly string[]) =>
    `  ${name.padEnd(width)}${cells.map((cell) => cell.padStart(10)).join("")}`;
  return [
    row("Phase", ["count", "p50", "p95", "p99", "max"]),
    ...entries.map(([name, p]) =>
      row(name, [String(p.count), ...FIGURES.map((figure) => percentileText(p, figure))]),
    ),
    "",
  ];
}

function thresholdLines(thresholds: RunResult["thresholds"]): string[] {
  if (thresholds.length === 0) return [];
  const width = Math.max(...thresholds.map((one) => one.label.length));
  return [
    "Thresholds",
    ...thresholds.map(
      ({ state, label, limit, observed }) =>
        `  ${state === "met" ? "✓" : "✗"} ${label.padEnd(width)}  ${observed ?? "not measured"}, required ${limit}`,
    ),
    "",
  ];
}

function baselineLines(baseline: RunResult["baseline"]): string[] {
  if (!baseline) return [];
  const of = said(baseline);
  const few = of.figures.filter(({ state }) => state === "not_enough");
  const shown = few.length > MOST_FEW ? of.figures.filter((one) => !few.includes(one)) : of.figures;
  return [
    `Baseline: ${english(sayBaseline(of))}`,
    ...shown.map((one) => `  ${BASELINE_SIGNS[one.state]} ${english(sayFigureState(one, of))}`),
    ...(few.length > MOST_FEW
      ? [`  ${BASELINE_SIGNS.not_enough} ${few.length} figures have too little data`]
      : []),
    `  ${english(sayNoise(of))}`,
    "",
  ];
}

/** Figures with too little data that are told one by one; the JSON has them all. */
const MOST_FEW = 2;
const BASELINE_SIGNS = { worse: "✗", better: "✓", same: "=", not_enough: "?" } as const;

function causeTable(causes: RunResult["errors_by_cause"]): string[] {
  if (causes.length === 0) return [];
  return [
    "Failures by cause",
    ...causes.flatMap(({ cause, count, example }) => [
      `  ${count} × ${cause}`,
      `      ${example.workspace}: ${example.message}`,
    ]),
    "",
  ];
}

function generatorLine({ figures, validity }: Measured): string[] {
  const late = figureText({ metric: "loop_lateness", figure: "p99" }, figures);
  const cores = figureText({ metric: "generator_cpu", figure: "mean" }, figures);
  const { measured, valid, first } = validity;
  const left =
    first && measured > valid
      ? `; ${valid} of ${measured} s valid, the first left out at ${formatClock(first.second * 1_000)}: ${english(first.reason)}`
      : "";
  return late === "–" ? [] : [`Generator: ${late} late (p99), ${cores} cores${left}`];
}

function apiLines(api: RunResult["api_calls"]): string[] {
  const wait =
    api.rate_limit_wait_ms > 0 ? `, ${formatDuration(api.rate_limit_wait_ms)} waited for the rate limit` : "";
  return [
    `API calls: ${api.total} (at most ${api.max_per_workspace} for one workspace, ${api.run} for the run itself)${wait}`,
  ];
}

function leftLines(outcome: RunResult["outcome"]): string[] {
  const { kept, orphans, left, untouched } = outcome;
  if (kept > 0) return [`Left on purpose: ${left ? leftText(left) : kept}`];
  if (orphans === null) return ["Left behind: unknown"];
  const kinds = left && orphans > 0 ? ` (${leftText(left)})` : "";
  return [`Left behind: ${orphans}${kinds}`, ...(untouched ? untouchedLine(untouched) : [])];
}

function untouchedLine({ users, workspaces, runs, used }: Untouched): string[] {
  const there = { users, workspaces, tokens: 0 };
  if (totalLeft(there) === 0) return [];
  const of = runs.length > 0 ? ` of run${runs.length > 1 ? "s" : ""} ${runs.join(", ")}` : "";
  return [`${used ? "Untouched" : "Still there"}: ${leftText(there)}${of}`];
}

/** For people: who has stopped a run reads that it was stopped. In JSON the verdict keeps its name. */
function endingWord(ending: Ending): string {
  return ending === "interrupted" ? "stopped" : ending;
}

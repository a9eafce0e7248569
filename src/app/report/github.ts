import { said, sayBaseline, sayFigureState } from "../../protocol/baseline.ts";
import { type Ending, endingOf } from "../../protocol/ending.ts";
import type { englishCheck } from "../../protocol/in-english.ts";
import { leftText } from "../../protocol/left.ts";
import type { RunResult } from "../../protocol/result.ts";
import { escapeMarkdown } from "../../text/markdown.ts";
import { english } from "../../text/message.ts";
import { plainLine, plainText } from "../plain.ts";
import { stepEnd } from "./step-end.ts";

/** A line that GitHub Actions shows beside the job. */
export interface Annotation {
  level: "error" | "warning" | "notice";
  title: string;
  text: string;
}

/**
 * Commands of GitHub's workflows, one a line, with the escapes of GitHub's own toolkit: no text can end its line or its
 * property, and so none can make a command of its own.
 */
export function githubCommands(annotations: readonly Annotation[]): string {
  return annotations
    .map(({ level, title, text }) => `::${level} title=${property(title)}::${data(text)}\n`)
    .join("");
}

/** What follows the second `::`. */
function data(text: string): string {
  return plainText(text).replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function property(text: string): string {
  return data(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}

const LEVELS = {
  passed: "notice",
  failed: "error",
  refused: "error",
  invalid: "error",
  interrupted: "warning",
  ended: "warning",
} as const satisfies Record<Ending, Annotation["level"]>;

/** The verdict, broken thresholds, what is left behind, causes and warnings, in this order: GitHub shows the first ten. */
export function annotationsOf(result: RunResult): Annotation[] {
  const { outcome, run_id: id } = result;
  const ending = endingOf(outcome);
  const level = LEVELS[ending];
  return [
    {
      level,
      title: `Scale test${id ? ` ${id}` : ""}: ${ending}`,
      text: outcome.refusal ?? outcome.summary,
    },
    ...brokenThresholds(result).map(({ expression, label, observed, limit }) => ({
      level: "error" as const,
      title: `Threshold broken: ${expression}`,
      text: `${label}: ${observed ?? "not measured"}, required ${limit}`,
    })),
    ...baselineAnnotations(result.baseline),
    ...leftAnnotations(outcome),
    ...causesOf(result).map(({ cause, count, example }) => ({
      level: level === "error" ? level : ("warning" as const),
      title: `${count} × ${cause}`,
      text: `${example.workspace}: ${example.message}`,
    })),
    ...result.warnings.map((text) => ({ level: "warning" as const, title: "Scale test", text })),
  ];
}

/** What a preflight found; what is well is one line. */
export function annotationsOfChecks(checks: readonly ReturnType<typeof englishCheck>[]): Annotation[] {
  const bad = checks.filter(({ status }) => status !== "ok");
  if (bad.length === 0)
    return [{ level: "notice", title: "Preflight: passed", text: `${checks.length} checks` }];
  return bad.map(({ status, label, figure, mend }) => ({
    level: status === "blocks" ? "error" : "warning",
    title: `Preflight: ${label}`,
    text: [figure, mend].filter(Boolean).join("\n"),
  }));
}

const BASELINE_LEVELS = { worse: "error", not_enough: "warning", better: "notice", same: undefined } as const;

function baselineAnnotations(baseline: RunResult["baseline"]): Annotation[] {
  const level = baseline && BASELINE_LEVELS[baseline.state];
  if (!level) return [];
  return [{ level, title: `Baseline ${baseline.asked}`, text: english(sayBaseline(said(baseline))) }];
}

/** Each figure beside the earlier run's. */
function baselineTable(baseline: RunResult["baseline"]): string[] {
  if (!baseline) return [];
  const of = said(baseline);
  return table(
    ["Baseline", "Figure"],
    [
      [of.state.replace("_", " "), english(sayBaseline(of))],
      ...of.figures.map((one) => [one.state.replace("_", " "), english(sayFigureState(one, of))]),
    ],
  );
}

function leftAnnotations({ orphans, left, next }: RunResult["outcome"]): Annotation[] {
  if (orphans === 0) return [];
  const what = orphans === null ? "nobody could ask what is left" : left ? leftText(left) : String(orphans);
  return [{ level: "error", title: "Left behind", text: next ? `${what}\ngo on with: ${next}` : what }];
}

function brokenThresholds({ thresholds }: RunResult) {
  return thresholds.filter(({ state }) => state === "broken");
}

function causesOf({ errors_by_cause: causes, steps = {} }: RunResult) {
  return [...causes, ...Object.values(steps).flatMap((step) => step.errors_by_cause)];
}

/** For the job's summary page, in Markdown; texts become no markup. */
export function githubSummary(result: RunResult): string {
  const { outcome, run_id: id, thresholds, steps = {} } = result;
  const text = (one: string) => escapeMarkdown(plainLine(one));
  const causes = causesOf(result);
  return [
    `## Scale test${id ? ` ${text(id)}` : ""}: ${endingOf(outcome)}`,
    "",
    text(outcome.refusal ?? outcome.summary),
    "",
    ...table(
      ["Step", "Verdict", "Summary"],
      Object.entries(steps).map(([name, step]) => [name, stepEnd(step), step.summary]),
    ),
    ...table(
      ["", "Threshold", "Observed", "Wanted"],
      thresholds.map(({ state, label, observed, limit }) => [
        state === "met" ? "✓" : "✗",
        label,
        observed ?? "not measured",
        limit,
      ]),
    ),
    ...baselineTable(result.baseline),
    ...table(
      ["Failures", "Cause", "Example"],
      causes.map(({ cause, count, example }) => [
        String(count),
        cause,
        `${example.workspace}: ${example.message}`,
      ]),
    ),
    ...result.warnings.flatMap((warning) => [`> ${text(warning)}`, ""]),
    "",
  ].join("\n");
}

/** The same of a preflight. */
export function githubSummaryOfChecks(checks: readonly ReturnType<typeof englishCheck>[]): string {
  const rows = checks.map(({ status, label, figure, mend = "" }) => [status, label, figure, mend]);
  return ["## Preflight", "", ...table(["", "Check", "Found", "To do"], rows)].join("\n");
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  if (rows.length === 0) return [];
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const escaped = rows.map((row) => line(row.map((cell) => escapeMarkdown(plainLine(cell)))));
  return [line(head), line(head.map(() => "---")), ...escaped, ""];
}

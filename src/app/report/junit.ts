import { type EnglishBaseline, said, sayBaseline } from "../../protocol/baseline.ts";
import type { englishCheck } from "../../protocol/in-english.ts";
import { leftText } from "../../protocol/left.ts";
import type { RunResult } from "../../protocol/result.ts";
import { english } from "../../text/message.ts";
import { stepEnd } from "./step-end.ts";
import { xmlAttributes, xmlText } from "./xml.ts";

/** A file of tests, as Jenkins, GitLab and others read it: each thing that a run was held to is a test. */
export interface Suite {
  name: string;
  /** Unix milliseconds. */
  startedAt?: number | undefined;
  ms: number;
  cases: Case[];
  /** For people. */
  out: string;
}

export interface Case {
  name: string;
  ms?: number;
  /** `failure`: it was not kept to. `error`: nobody can say whether it was. */
  problem?: { kind: "failure" | "error" | "skipped"; type: string; text: string };
}

/** When the run began, and the text of the whole run. */
export interface JunitParts {
  startedAt?: number | undefined;
  /** What people read of it. */
  text?: string | undefined;
}

/** One suite for the run, and of a run of several steps one for each of them. */
export function junitOfRun(result: RunResult, { startedAt, text }: JunitParts = {}): string {
  const { run_id: id, outcome, elapsed_ms: ms, steps = {} } = result;
  const own = result.thresholds.filter(({ step }) => step === undefined || !(step in steps));
  const run: Suite = {
    name: id ? `scale test ${id}` : "scale test",
    startedAt,
    ms,
    cases: [
      verdictCase(outcome.verdict, outcome.refusal ?? outcome.summary, ms),
      ...own.map((one) => thresholdCase(one, ms)),
      ...(result.baseline ? [baselineCase(result.baseline, ms)] : []),
      leftCase(outcome),
    ],
    out: text ?? [outcome.summary, ...result.warnings].join("\n"),
  };
  const ofSteps = Object.entries(steps).map(([name, step]): Suite => {
    const [begun, ended] = [step.begun_ms ?? 0, step.ended_ms ?? ms];
    const took = step.begun_ms === null ? 0 : Math.max(0, ended - begun);
    return {
      name: `${run.name}: ${name}`,
      startedAt: startedAt === undefined ? undefined : startedAt + begun,
      ms: took,
      cases: [
        verdictCase(step.verdict, step.summary || stepEnd(step), took),
        ...step.thresholds.map((one) => thresholdCase(one, took)),
      ],
      out: step.summary,
    };
  });
  return junitXml([run, ...ofSteps]);
}

/** A test for each check of a preflight. */
export function junitOfChecks(checks: readonly ReturnType<typeof englishCheck>[]): string {
  const cases = checks.map(({ id, label, status, figure, mend }): Case => {
    const text = [figure, mend].filter(Boolean).join("; ");
    if (status !== "blocks") return { name: label };
    return { name: label, problem: { kind: "failure", type: id, text } };
  });
  const out = checks.map(({ label, status, figure }) => `${status}: ${label}: ${figure}`).join("\n");
  return junitXml([{ name: "preflight", ms: 0, cases, out }]);
}

function verdictCase(verdict: RunResult["outcome"]["verdict"] | null, text: string, ms: number): Case {
  const name = "verdict";
  switch (verdict) {
    case "passed":
      return { name, ms };
    case "failed":
      return { name, ms, problem: { kind: "failure", type: verdict, text } };
    case null:
      return { name, ms, problem: { kind: "skipped", type: "skipped", text } };
    default:
      return { name, ms, problem: { kind: "error", type: verdict, text } };
  }
}

function thresholdCase(
  { expression: name, state, label, observed, limit }: RunResult["thresholds"][number],
  ms: number,
): Case {
  if (state === "met") return { name, ms };
  const text = `${label}: ${observed ?? "not measured"}, required ${limit}`;
  const kind = state === "pending" ? "error" : "failure";
  return { name, ms, problem: { kind, type: "threshold", text } };
}

/** Where there is not enough data it is neither a pass nor a failure. */
function baselineCase(baseline: EnglishBaseline, ms: number): Case {
  const of = said(baseline);
  const name = `baseline ${baseline.asked}`;
  const text = english(sayBaseline(of));
  switch (baseline.state) {
    case "worse":
      return { name, ms, problem: { kind: "failure", type: "baseline", text } };
    case "not_enough":
      return { name, ms, problem: { kind: "skipped", type: "baseline", text } };
    default:
      return { name, ms };
  }
}

function leftCase({ kept, orphans, left, next }: RunResult["outcome"]): Case {
  const name = "nothing left behind";
  const what = left ? leftText(left) : String(kept || orphans);
  const advice = next ? `; go on with: ${next}` : "";
  const problem = (kind: "failure" | "error" | "skipped", text: string) => ({
    name,
    problem: { kind, type: "left behind", text: `${text}${advice}` },
  });
  if (orphans === null) return problem("error", "nobody could ask what is left");
  if (orphans > 0) return problem("failure", `${what} left behind`);
  return kept > 0 ? problem("skipped", `left on purpose: ${what}`) : { name };
}

/** The document; valid by the schema that Jenkins reads reports with. */
export function junitXml(suites: readonly Suite[]): string {
  const cases = suites.flatMap((suite) => suite.cases);
  const all = { name: "coder-scaletest", ...numbersOf(cases), time: seconds(suites[0]?.ms ?? 0) };
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites${xmlAttributes(all)}>`,
    ...suites.flatMap(suiteLines),
    "</testsuites>",
    "",
  ].join("\n");
}

function suiteLines({ name, startedAt, ms, cases, out }: Suite): string[] {
  const { tests, failures, errors } = numbersOf(cases);
  const skipped = cases.filter(({ problem }) => problem?.kind === "skipped").length;
  const timestamp = startedAt === undefined ? undefined : new Date(startedAt).toISOString().slice(0, 19);
  return [
    `  <testsuite${xmlAttributes({ name, tests, failures, errors, skipped, time: seconds(ms), timestamp })}>`,
    ...cases.flatMap((one) => caseLines(one, name)),
    `    <system-out>${xmlText(out)}</system-out>`,
    "  </testsuite>",
  ];
}

function caseLines({ name, ms = 0, problem }: Case, classname: string): string[] {
  const head = `    <testcase${xmlAttributes({ name, classname, time: seconds(ms) })}`;
  if (!problem) return [`${head}/>`];
  const { kind, type, text } = problem;
  // The schema has no attributes of what was skipped.
  const attributes = kind === "skipped" ? "" : xmlAttributes({ type, message: text });
  return [`${head}>`, `      <${kind}${attributes}>${xmlText(text)}</${kind}>`, "    </testcase>"];
}

function numbersOf(cases: readonly Case[]) {
  const count = (kind: string) => cases.filter(({ problem }) => problem?.kind === kind).length;
  return { tests: cases.length, failures: count("failure"), errors: count("error") };
}

function seconds(ms: number): string {
  return (ms / 1_000).toFixed(3);
}

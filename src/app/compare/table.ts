import { sayDifferences, testDifferences } from "../../compare/same-test.ts";
import type { BaselineState } from "../../protocol/baseline.ts";
import type { Outcome } from "../../protocol/snapshot.ts";
import { escapeMarkdown } from "../../text/markdown.ts";
import { type Message, say, sayCount } from "../../text/message.ts";
import { workloadByName } from "../../workloads/index.ts";
import { plainLine } from "../plain.ts";
import type { Wording } from "../wording.ts";
import { type Compared, changeText, compareRuns, type Difference, type Measure } from "./compare.ts";

/** The comparison as a Markdown document, the baseline first; titles become no markup. */
export function comparisonMarkdown(runs: readonly Compared[], wording: Wording): string {
  const { text } = wording;
  const heads = headsOf(runs, wording);
  const line = (one: Measure) => {
    const [label = "", ...cells] = cellsOf(one, wording);
    return `| ${escapeMarkdown(label)} | ${cells.join(" | ")} |`;
  };
  const head = [
    `| | ${heads.join(" | ")} |`,
    `|:--|${heads.map((_, index) => (index === 0 || index % 2 === 1 ? "--:|" : ":--|")).join("")}`,
  ];
  const tables = byStep(compareRuns(runs)).flatMap(({ step, measures }) => [
    ...(step === undefined ? [] : [`## ${escapeMarkdown(plainLine(step))}`, ""]),
    ...head,
    ...measures.map(line),
    "",
  ]);
  return [
    `# ${text(titleOf(runs))}`,
    "",
    ...runs.map((run, index) => `- **${letter(index)}**: ${escapeMarkdown(nameOf(run, wording))}`),
    "",
    ...warningsOf(runs).flatMap((warning) => [`> ${text(warning)}`, ""]),
    ...tables,
    text(isEarliestFirst(runs) ? NOTE : CHOSEN_NOTE),
    "",
  ].join("\n");
}

function isEarliestFirst([first, ...others]: readonly Compared[]): boolean {
  const begin = ({ final }: Compared) => final.snapshot.run.createdAt;
  return first === undefined || others.every((other) => begin(other) >= begin(first));
}

interface OfStep {
  /** undefined: no run has several. */
  step: string | undefined;
  measures: Measure[];
}

function byStep(measures: readonly Measure[]): OfStep[] {
  const groups = new Map<string | undefined, Measure[]>();
  for (const one of measures) groups.set(one.step, [...(groups.get(one.step) ?? []), one]);
  return [...groups].map(([step, all]) => ({ step, measures: all }));
}

/** The same as text with aligned columns, for a terminal. */
export function comparisonText(runs: readonly Compared[], wording: Wording): string {
  const { text } = wording;
  const heads = ["", ...headsOf(runs, wording)];
  const groups = byStep(compareRuns(runs)).map(({ step, measures }) => ({
    step,
    cells: measures.map((one) => cellsOf(one, wording)),
  }));
  const rows = [heads, ...groups.flatMap(({ cells }) => cells)];
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  // Beside a value stands how it differs, which is text.
  const isText = (at: number) => at === 0 || (at > 1 && at % 2 === 1);
  const padded = (cell: string, at: number) =>
    isText(at) ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0);
  const line = (row: readonly string[]) => row.map(padded).join("  ").trimEnd();
  return [
    text(titleOf(runs)),
    ...runs.map((run, index) => `  ${letter(index)}: ${nameOf(run, wording)}`),
    "",
    ...warningsOf(runs).flatMap((warning) => [text(warning), ""]),
    ...groups.flatMap(({ step, cells }) => [
      ...(step === undefined ? [] : [`${text(say("Step {0}", plainLine(step)))}`]),
      line(heads),
      ...cells.map(line),
      "",
    ]),
    text(NOTE),
    "",
  ].join("\n");
}

/** The same for scripts: measures by their English names, values in milliseconds, bytes and shares of 1. */
export function comparisonJson(runs: readonly Compared[], { text }: Wording): object {
  return {
    runs: runs.map(({ final: { snapshot } }) => ({
      run_id: snapshot.run.id,
      title: snapshot.run.title,
      verdict: snapshot.outcome?.verdict ?? null,
    })),
    warnings: warningsOf(runs).map(text),
    measures: compareRuns(runs).map(({ step, label, unit, values, differences }) => ({
      ...(step === undefined ? {} : { step }),
      measure: text(label),
      unit,
      values: values.map((value) => value ?? null),
      judgements: differences.map(({ judgement }) => (judgement ? JUDGEMENTS[judgement] : null)),
    })),
  };
}

const NOTE = say(
  "A is the earliest. Worse and better are beyond noise (99 % sure of all figures together) and beyond a margin of 10 %, of shares 0.25 points. Seconds are judged in blocks, workspaces one by one.",
);

const CHOSEN_NOTE = say(
  "A is the baseline. Worse and better are beyond noise (99 % sure of all figures together) and beyond a margin of 10 %, of shares 0.25 points. Seconds are judged in blocks, workspaces one by one.",
);

const MARKS: Record<BaselineState, { sign: string; text: Message }> = {
  better: { sign: "✓ ", text: say("better") },
  worse: { sign: "✗ ", text: say("worse") },
  same: { sign: "", text: say("within noise") },
  not_enough: { sign: "", text: say("not enough data") },
};

/** For scripts. */
const JUDGEMENTS = {
  better: "better",
  worse: "worse",
  same: "within noise",
  not_enough: "not enough data",
} as const satisfies Record<BaselineState, string>;

/** `A`, `B`, … */
const letter = (index: number) => String.fromCharCode("A".charCodeAt(0) + index);

function titleOf({ length }: readonly Compared[]): Message {
  return sayCount(length, { one: "{0} scale test compared", other: "{0} scale tests compared" });
}

function headsOf(runs: readonly Compared[], { text }: Wording): string[] {
  return runs.flatMap((_, index) =>
    index === 0 ? [letter(0)] : [letter(index), text(say("{0} against A", letter(index)))],
  );
}

/** The label, then each run's value, from the second on with how it differs. */
function cellsOf({ label, values, unit, differences }: Measure, wording: Wording): string[] {
  const shown = (value: number | undefined) => (value === undefined ? "–" : wording.value(value, unit));
  const cells = values.flatMap((value, index) => {
    const difference = differences[index - 1];
    return difference ? [shown(value), differenceText(difference, wording)] : [shown(value)];
  });
  return [wording.text(label), ...cells];
}

function differenceText({ change, judgement }: Difference, wording: Wording): string {
  const mark = judgement && MARKS[judgement];
  const judged = mark ? `${mark.sign}${wording.text(mark.text)}` : "";
  return [change ? changeText(change, wording) : "", judged].filter(Boolean).join(" · ");
}

function nameOf({ final: { snapshot } }: Compared, { text, dateTime }: Wording): string {
  const { title, deployment, createdAt } = snapshot.run;
  return plainLine(`${title}, ${deployment.host}, ${dateTime(createdAt)}: ${summaryOf(snapshot, text)}`);
}

function summaryOf({ outcome }: { outcome: Outcome | null }, text: Wording["text"]): string {
  return outcome ? text(outcome.summary) : "";
}

/** What differs between the tests comes first: of different tests, a difference says nothing about the deployment. */
export function warningsOf(runs: readonly Compared[], nameOf: NameOf = letter): Message[] {
  return [...testWarnings(runs, nameOf), ...invalidWarnings(runs, nameOf), ...loadWarnings(runs)];
}

/** What a run is called, by its place. */
type NameOf = (index: number) => string;

function testWarnings(runs: readonly Compared[], nameOf: NameOf): Message[] {
  const [first, ...others] = runs;
  return others.flatMap(({ known }, at) => {
    if (!first?.known || !known) return [];
    const differences = testDifferences(known.test, first.known.test, workloadByName);
    if (differences.length === 0) return [];
    return [
      say("{0} was another test than {1}: {2}", nameOf(at + 1), nameOf(0), sayDifferences(differences)),
    ];
  });
}

/** Whose generator came to its limits, has measured itself. */
function invalidWarnings(runs: readonly Compared[], nameOf: NameOf): Message[] {
  return runs.flatMap(({ final }, index) =>
    final.snapshot.outcome?.verdict === "invalid"
      ? [say("{0} is invalid: its figures are those of the generator, not of the deployment.", nameOf(index))]
      : [],
  );
}

/** Of different loads, a difference says nothing about the deployment. */
function loadWarnings(runs: readonly Compared[]): Message[] {
  if (new Set(runs.map(({ final }) => final.snapshot.run.workload)).size > 1)
    return [say("These runs are of different workloads: only what both have can be compared.")];
  const sizes = new Set(runs.map(({ final }) => final.snapshot.counts.total));
  return sizes.size > 1
    ? [say("These runs had different numbers of workspaces: a larger load may well be slower.")]
    : [];
}

import type { Outcome } from "../../protocol/snapshot.ts";
import { escapeMarkdown } from "../../text/markdown.ts";
import { foreign, type Message, say, sayCount } from "../../text/message.ts";
import { plainLine } from "../plain.ts";
import type { Wording } from "../wording.ts";
import {
  type Compared,
  changeText,
  compareRuns,
  type Difference,
  type Measure,
  workloadsOf,
} from "./compare.ts";
import type { Judgement } from "./statistics.ts";

/** The comparison as a Markdown document; titles become no markup. */
export function comparisonMarkdown(runs: readonly Compared[], wording: Wording): string {
  const { text } = wording;
  const heads = headsOf(runs, wording);
  const rows = compareRuns(runs).map((one) => {
    const [label = "", ...cells] = cellsOf(one, wording);
    return `| ${escapeMarkdown(label)} | ${cells.join(" | ")} |`;
  });
  return [
    `# ${text(titleOf(runs))}`,
    "",
    ...runs.map((run, index) => `- **${letter(index)}**: ${escapeMarkdown(nameOf(run, wording))}`),
    "",
    ...warningsOf(runs).flatMap((warning) => [`> ${text(warning)}`, ""]),
    `| | ${heads.join(" | ")} |`,
    `|:--|${heads.map((_, index) => (index === 0 || index % 2 === 1 ? "--:|" : ":--|")).join("")}`,
    ...rows,
    "",
    text(NOTE),
    "",
  ].join("\n");
}

/** The same as text with aligned columns, for a terminal. */
export function comparisonText(runs: readonly Compared[], wording: Wording): string {
  const { text } = wording;
  const rows = [["", ...headsOf(runs, wording)], ...compareRuns(runs).map((one) => cellsOf(one, wording))];
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  // Beside a value stands how it differs, which is text.
  const isText = (at: number) => at === 0 || (at > 1 && at % 2 === 1);
  const padded = (cell: string, at: number) =>
    isText(at) ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0);
  return [
    text(titleOf(runs)),
    ...runs.map((run, index) => `  ${letter(index)}: ${nameOf(run, wording)}`),
    "",
    ...warningsOf(runs).flatMap((warning) => [text(warning), ""]),
    ...rows.map((row) => row.map(padded).join("  ").trimEnd()),
    "",
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
    measures: compareRuns(runs).map(({ label, unit, values, differences }) => ({
      measure: text(label),
      unit,
      values: values.map((value) => value ?? null),
      judgements: differences.map(({ judgement }) => judgement || null),
    })),
  };
}

const NOTE = say(
  "A is the earliest. Durations of workspaces are judged by the values of each, everything else by stretches of five seconds (Mann–Whitney, two-sided 1 %), failures by their share; less than 5 % counts as noise in any case.",
);

const MARKS: Record<Judgement, { sign: string; text: Message }> = {
  better: { sign: "✓ ", text: say("better") },
  worse: { sign: "✗ ", text: say("worse") },
  "within noise": { sign: "", text: say("within noise") },
  "": { sign: "", text: foreign("") },
};

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
  const { sign, text } = MARKS[judgement];
  const judged = judgement ? `${sign}${wording.text(text)}` : "";
  return [change ? changeText(change, wording) : "", judged].filter(Boolean).join(" · ");
}

function nameOf({ final: { snapshot } }: Compared, { text, dateTime }: Wording): string {
  const { title, deployment, createdAt } = snapshot.run;
  return plainLine(`${title}, ${deployment.host}, ${dateTime(createdAt)}: ${summaryOf(snapshot, text)}`);
}

function summaryOf({ outcome }: { outcome: Outcome | null }, text: Wording["text"]): string {
  return outcome ? text(outcome.summary) : "";
}

function warningsOf(runs: readonly Compared[]): Message[] {
  return [...invalidWarnings(runs), ...loadWarnings(runs)];
}

/** Whose generator came to its limits, has measured itself. */
function invalidWarnings(runs: readonly Compared[]): Message[] {
  return runs.flatMap(({ final }, index) =>
    final.snapshot.outcome?.verdict === "invalid"
      ? [say("{0} is invalid: its figures are those of the generator, not of the deployment.", letter(index))]
      : [],
  );
}

/** Of different loads, a difference says nothing about the deployment. */
function loadWarnings(runs: readonly Compared[]): Message[] {
  if (workloadsOf(runs).size > 1)
    return [say("These runs are of different workloads: only what both have can be compared.")];
  const sizes = new Set(runs.map(({ final }) => final.snapshot.counts.total));
  return sizes.size > 1
    ? [say("These runs had different numbers of workspaces: a larger load may well be slower.")]
    : [];
}

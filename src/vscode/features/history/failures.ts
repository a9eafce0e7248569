import { plainLine } from "../../../app/plain.ts";
import type { EndedRecord } from "../../../app/runs/ended.ts";
import { formatDateTime } from "../../../l10n/figures.ts";
import { outcomeLeftText } from "../../../l10n/left.ts";
import { plural, t, wordsOf } from "../../../l10n/text.ts";
import type { Cause, Outcome } from "../../../protocol/snapshot.ts";
import { isSame } from "../../../text/message.ts";

/** A line of the document that says what went wrong, for the list of problems. */
export interface Problem {
  /** From 1. */
  line: number;
  severity: "error" | "warning";
  message: string;
}

export interface Failures {
  text: string;
  problems: Problem[];
}

/** Workspaces that are named under a cause; more of them make nobody wiser. */
const NAMED = 50;
const LOG_LINES = 40;

/**
 * What went wrong in a run, to be read: broken thresholds, then cause by cause with the workspaces hit and an
 * example's log. One problem for each, not for each workspace: a thousand lines of the same help nobody.
 */
export function failuresOf({ snapshot, rows }: EndedRecord): Failures {
  const lines: string[] = [];
  const problems: Problem[] = [];
  const { run, outcome } = snapshot;
  const section = (severity: Problem["severity"], heading: string, message: string, body: string[]) => {
    lines.push("", `## ${heading}`);
    problems.push({ line: lines.length, severity, message });
    lines.push("", ...body);
  };
  lines.push(
    `# ${plainLine(run.title)}: ${plainLine(saidBy(outcome))}`,
    "",
    t("Run {0} on {1}, {2}", run.id, plainLine(run.deployment.host), formatDateTime(run.createdAt)),
  );
  if (outcome?.refusal)
    section("error", t("Refused"), plainLine(wordsOf(outcome.refusal)), [
      plainLine(wordsOf(outcome.refusal)),
    ]);
  for (const { label, limit, observed, expression } of brokenThresholds(snapshot.thresholds)) {
    const text = t(
      "{0} is {1}, not {2}",
      plainLine(wordsOf(label)),
      observed ? wordsOf(observed) : t("not measured"),
      plainLine(wordsOf(limit)),
    );
    section("error", t("Broken threshold: {0}", plainLine(expression)), text, [text]);
  }
  const { first, tooFew } = snapshot.validity;
  if (first && tooFew) {
    const text = t("The measurement is invalid: {0}", plainLine(wordsOf(first.reason)));
    section("error", t("Invalid"), text, [text]);
  }
  for (const cause of snapshot.causes) {
    const hit = rows.filter((row) => isSame(row.cause, cause.cause));
    section("error", `${cause.count} × ${plainLine(wordsOf(cause.cause))}`, causeMessage(cause), [
      ...hit
        .slice(0, NAMED)
        .map(({ name, error }) => `- ${name}${error ? `: ${plainLine(wordsOf(error))}` : ""}`),
      ...(hit.length > NAMED ? [`- ${t("and {0} more", hit.length - NAMED)}`] : []),
      ...logOf(hit.find(({ name }) => name === cause.example.workspace) ?? hit.find(({ log }) => log)),
    ]);
  }
  if (outcome && (outcome.orphans ?? 0) > 0) {
    section("warning", t("Left behind"), outcomeLeftText(outcome), [
      t("Clean up removes them: {0}", outcome.next ?? `coder-scaletest cleanup --run ${run.id}`),
    ]);
  }
  if (problems.length === 0) lines.push("", t("Nothing failed."));
  return { text: `${lines.join("\n")}\n`, problems };
}

/** Lines that the problem matcher `$scaletest` reads: `FILE:LINE: error: MESSAGE`. */
export function problemLines(file: string, problems: readonly Problem[]): string[] {
  return problems.map(({ line, severity, message }) => `${file}:${line}: ${severity}: ${message}`);
}

function saidBy(outcome: Outcome | null): string {
  return outcome ? wordsOf(outcome.refusal ?? outcome.summary) : t("no result");
}

function brokenThresholds(thresholds: EndedRecord["snapshot"]["thresholds"]) {
  return (thresholds ?? []).filter(({ state }) => state === "broken");
}

function causeMessage({ cause, count, example }: Cause): string {
  return plural(
    count,
    { one: "{1} ({0} workspace: {2})", other: "{1} ({0} workspaces, for example {2})" },
    plainLine(wordsOf(cause)),
    example.workspace,
  );
}

function logOf(row: EndedRecord["rows"][number] | undefined): string[] {
  const all = (row?.log ?? "").split("\n").map(plainLine);
  if (!row?.log) return [];
  return ["", t("Last lines of {0}:", row.name), "", ...all.slice(-LOG_LINES).map((line) => `    ${line}`)];
}

import { appendFileSync, readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import writeFileAtomic from "write-file-atomic";
import { samplesCsv, workspacesCsv } from "../app/report/csv.ts";
import { annotationsOf, githubCommands, githubSummary } from "../app/report/github.ts";
import { plainHtml, reportHtml } from "../app/report/html.ts";
import { junitOfRun } from "../app/report/junit.ts";
import { prometheusOfRun } from "../app/report/prometheus.ts";
import type { RunReport } from "../app/runs/result.ts";
import { ENGLISH } from "../app/wording.ts";
import { endingOf } from "../protocol/ending.ts";
import type { RunResult } from "../protocol/result.ts";
import { reasonOf } from "../runs/folder-error.ts";
import type { Format, Output } from "./outputs.ts";
import { resultText } from "./result-text.ts";

/** What is written of something that has come to an end: by format, and for a job's page of GitHub. */
export type Written = Readonly<Record<Format | "githubSummary", () => string>>;

/**
 * Writes the result everywhere it was asked for. What has no record of a run has what its result says alone. Returns
 * whether all could be written.
 */
export function writeOutputs(outputs: readonly Output[], report: RunReport): boolean {
  const { result, json, record, asked } = report;
  const { snapshot, rows, samples } = record ?? {};
  const steps = snapshot?.steps ?? [];
  const startedAt = snapshot?.run.createdAt;
  const text = () => resultText(result, steps);
  return writeEach(outputs, {
    text,
    json: () => json,
    junit: () => junitOfRun(result, { startedAt, text: text() }),
    csv: () => workspacesCsv({ snapshot: { steps }, rows: rows ?? [] }),
    "seconds-csv": () => samplesCsv(samples ?? [], steps),
    html: () =>
      snapshot && rows && samples
        ? reportHtml({ ...reportFiles(), snapshot, rows, samples, asked, wording: ENGLISH })
        : plainHtml(titleOf(result), text()),
    github: () => githubCommands(annotationsOf(result)),
    githubSummary: () => githubSummary(result),
    "prometheus-textfile": () => prometheusOfRun(result, { steps, startedAt }),
  });
}

function titleOf({ outcome }: RunResult): string {
  return `Scale test: ${endingOf(outcome)}`;
}

/** What draws a report, beside this command. */
function reportFiles(): { script: string; style: string } {
  const read = (name: string) => readFileSync(path.join(__dirname, name), "utf8");
  return { script: read("report.js"), style: read("report.css") };
}

/**
 * Writes each output in its format. A file that fails now gets a line, and throws nothing: the run itself is over. Returns
 * whether all could be written.
 */
export function writeEach(outputs: readonly Output[], written: Written): boolean {
  let all = true;
  for (const output of outputs) {
    const target = output.path ?? "standard output";
    if (!orSay(target, () => put(output, written[output.format]()))) all = false;
  }
  const summary = process.env.GITHUB_STEP_SUMMARY;
  if (summary && outputs.some(({ format }) => format === "github"))
    if (!orSay(summary, () => appendFileSync(summary, `${written.githubSummary()}\n`))) all = false;
  return all;
}

function put({ format, path: file }: Output, text: string): void {
  if (file === undefined) process.stdout.write(text);
  // The collector may read at any moment: half a file would be half of the figures.
  else if (format === "prometheus-textfile" && isReplaceable(file)) writeFileAtomic.sync(file, text);
  else writeFileSync(file, text);
}

/** A pipe or a device is written to, not replaced. */
function isReplaceable(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.isFile() ?? true;
}

function orSay(target: string, write: () => void): boolean {
  try {
    write();
    return true;
  } catch (error) {
    process.stderr.write(`coder-scaletest: ${target} could not be written (${reasonOf(error)})\n`);
    return false;
  }
}

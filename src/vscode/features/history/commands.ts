import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { commands, env, Uri, window, workspace } from "vscode";
import { samplesCsv, workspacesCsv } from "../../../app/report/csv.ts";
import { reportHtml } from "../../../app/report/html.ts";
import { deleteRecord } from "../../../app/runs/put-away.ts";
import { t, wordsOf } from "../../../l10n/text.ts";
import type { PageTexts } from "../../../protocol/page-texts.ts";
import { RESULT_FILE } from "../../../runs/run-file.ts";
import type { RunEntry } from "../../../runs/run-list.ts";
import { idOf, runChoice } from "../../ask/pick-run.ts";
import { execute } from "../../commands.ts";
import type { RunReference } from "../../ids.ts";
import { inFolder } from "../../model/runs/home-problem.ts";
import type { RunList } from "../../model/runs/run-list.ts";
import type { WatchedRun } from "../../model/runs/watched-run.ts";
import { confirm } from "../../ui/confirm.ts";
import { BACK, type Choice, type Inputs } from "../../ui/inputs.ts";
import { opensFiles } from "../../ui/opens-files.ts";
import { EDITOR } from "../../wording.ts";
import type { ComparisonTabs } from "./comparison-tabs.ts";
import { deleteRecords } from "./deletion.ts";
import { type Failures, failuresOf } from "./failures.ts";
import { finalOf } from "./final.ts";
import type { ReportTabs } from "./report-tabs.ts";

/** The tree of runs, as far as these commands need it. */
export interface ShownRuns {
  /** Only runs with this text are shown; empty: all. */
  filter: string;
  readonly selection: readonly RunReference[];
  /** Reads the folder of runs anew. */
  refresh(): void;
}

export interface HistoryParts {
  inputs: Inputs;
  runs: RunList;
  view: ShownRuns;
  comparisons: ComparisonTabs;
  reports: ReportTabs;
  /** dist */
  dist: string;
  texts: PageTexts | undefined;
}

const FAILURES_FILE = "failures.md";
type Ending = "html" | "json" | "csv" | "seconds.csv";

function formats(): Choice<Ending>[] {
  return [
    {
      label: t("Report"),
      detail: t("One HTML file with the charts and tables, which needs no network"),
      value: "html",
    },
    { label: t("Result as JSON"), detail: t("The same as the command line's --output json"), value: "json" },
    { label: t("Workspaces as CSV"), detail: t("A line for each workspace, with its phases"), value: "csv" },
    { label: t("Seconds as CSV"), detail: t("A line for each second of the run"), value: "seconds.csv" },
  ];
}

export async function exportRun(parts: HistoryParts, reference: RunReference | undefined): Promise<void> {
  const run = await pickEnded(parts, reference, t("Select a run to export"));
  if (!run) return;
  const format = await parts.inputs.choose<Ending>({
    title: t("Export"),
    back: false,
    placeholder: t("Select a format"),
    choices: formats(),
  });
  if (format === undefined || format === BACK) return;
  await save(parts, run, format);
}

async function save(parts: HistoryParts, run: WatchedRun, format: Ending): Promise<void> {
  const target = await window.showSaveDialog({
    defaultUri: Uri.file(path.join(defaultFolder(run), `scaletest-${run.id}.${format}`)),
  });
  if (!target) return;
  await workspace.fs.writeFile(target, Buffer.from(await exported(parts, run, format)));
  // Nobody waits for it: the command has done its work.
  void offerToOpen(target);
}

async function offerToOpen(file: Uri): Promise<void> {
  const [open, reveal] = [t("Open"), t("Reveal in Folder")];
  const actions = opensFiles() ? [open, reveal] : [open];
  const chosen = await window.showInformationMessage(t("Written: {0}", file.fsPath), ...actions);
  if (chosen === open) await openWritten(file);
  if (chosen === reveal) await commands.executeCommand("revealFileInOS", file);
}

/** A page belongs into a browser, where one can be opened; anything else into the editor. */
async function openWritten(file: Uri): Promise<void> {
  if (file.path.endsWith(".html") && opensFiles() && (await env.openExternal(file))) return;
  await commands.executeCommand("vscode.open", file);
}

/** Writes what went wrong into the run's folder; resolves with the file and its problems. */
export async function writeFailures(run: WatchedRun): Promise<{ file: string; failures: Failures }> {
  const failures = failuresOf(await finalOf(run));
  const file = path.join(run.folder, FAILURES_FILE);
  await inFolder(run.folder, () => writeFile(file, failures.text, { mode: 0o600 }));
  return { file, failures };
}

/** What went wrong, as a document. */
export async function openFailures(parts: HistoryParts, reference: RunReference | undefined): Promise<void> {
  const run = await pickEnded(parts, reference, t("Select a run to show its failures"));
  if (!run) return;
  const { file } = await writeFailures(run);
  await window.showTextDocument(Uri.file(file), { preview: true });
}

/** Opens the report in a tab of the editor, from which it can be saved, and opened in a browser where that works. */
export async function openReport(parts: HistoryParts, reference: RunReference | undefined): Promise<void> {
  const run = await pickEnded(parts, reference, t("Select a run to report"));
  if (!run) return;
  await parts.reports.show(run);
}

/** Opens the report that a tab shows in the browser, too. */
export async function openReportInBrowser(parts: HistoryParts): Promise<void> {
  const run = parts.reports.active;
  if (run && !(await openInBrowser(parts, run)))
    throw new Error(t("The report could not be opened in a browser. Save it, and open the file."));
}

/** Writes the report that a tab shows where a person wants it. */
export async function saveReport(parts: HistoryParts): Promise<void> {
  const run = parts.reports.active;
  if (run) await save(parts, run, "html");
}

/** The file is in the run's folder. False where it cannot be written there, or nothing opens it. */
async function openInBrowser(parts: HistoryParts, run: WatchedRun): Promise<boolean> {
  const html = await exported(parts, run, "html");
  const target = Uri.file(path.join(run.folder, "report.html"));
  try {
    await workspace.fs.writeFile(target, Buffer.from(html));
  } catch {
    return false;
  }
  return env.openExternal(target);
}

/** The page of a report in a tab: in the editor's own colours, which win over those of the file. */
export async function reportPage(
  dist: string,
  texts: PageTexts | undefined,
  run: WatchedRun,
  nonce: string,
): Promise<string> {
  return reportHtml({
    script: await readFile(path.join(dist, "report.js"), "utf8"),
    style: await readFile(path.join(dist, "report.css"), "utf8"),
    ...(await reported(run)),
    nonce,
    ...(texts ? { texts } : {}),
  });
}

/** Deletes the folders of runs, after asking; not of those that still name something on a deployment. */
export async function deleteRuns(parts: HistoryParts, references: readonly RunReference[]): Promise<void> {
  const found = await Promise.all(references.map((reference) => parts.runs.open(idOf(reference))));
  const { runs } = parts;
  await deleteRecords(
    {
      left: (run) => runs.left(run),
      confirm: (question, action) => confirm(question, "", action),
      refuse: (text, run) => void refuseDeletion(text, run.id),
      remove: async (run) => {
        runs.forget(run.id);
        await deleteRecord(run);
      },
    },
    found.filter((run) => run !== undefined),
  );
  parts.view.refresh();
}

async function refuseDeletion(text: string, runId: string): Promise<void> {
  const cleanUp = t("Clean Up…");
  if ((await window.showWarningMessage(`${text}.`, cleanUp)) === cleanUp)
    void execute("scaletest.cleanUp", { runId });
}

export async function filterHistory(parts: HistoryParts): Promise<void> {
  const answer = await parts.inputs.ask({
    title: t("Filter Runs"),
    back: false,
    prompt: t("Part of a run's title, deployment or summary; empty shows all"),
    value: parts.view.filter,
  });
  if (typeof answer === "string") parts.view.filter = answer;
}

async function exported(parts: HistoryParts, run: WatchedRun, ending: Ending): Promise<string> {
  switch (ending) {
    case "json":
      return readFile(path.join(run.folder, RESULT_FILE), "utf8");
    case "csv":
      return workspacesCsv(await finalOf(run));
    case "seconds.csv":
      return samplesCsv(await run.series(), (await finalOf(run)).whole.steps);
    case "html":
      return reportHtml({
        script: await readFile(path.join(parts.dist, "report.js"), "utf8"),
        style: await readFile(path.join(parts.dist, "report.css"), "utf8"),
        ...(await reported(run)),
        ...(parts.texts ? { texts: parts.texts } : {}),
      });
  }
}

async function reported(run: WatchedRun) {
  const { whole: snapshot, rows } = await finalOf(run);
  const [{ readAsked }, { workloads }] = await Promise.all([
    import("../../../app/report/asked.ts"),
    import("../../../workloads/index.ts"),
  ]);
  const asked = await readAsked(run.folder, workloads);
  return { snapshot, rows, samples: await run.series(), asked, wording: EDITOR };
}

function defaultFolder(run: WatchedRun): string {
  return workspace.workspaceFolders?.[0]?.uri.fsPath ?? run.folder;
}

export async function endedRuns({ runs }: Pick<HistoryParts, "runs">): Promise<RunEntry[]> {
  const ended = (await runs.stored()).filter(({ result }) => result);
  if (ended.length === 0) throw new Error(runs.problem() ?? t("No run has ended yet"));
  return ended;
}

export function choiceOf({ file, result }: RunEntry): Choice<string> {
  return runChoice(file, file.id, result && wordsOf(result.outcome.summary));
}

async function pickEnded(
  { inputs, runs }: HistoryParts,
  reference: RunReference | undefined,
  placeholder: string,
): Promise<WatchedRun | undefined> {
  if (reference !== undefined) return runs.open(idOf(reference));
  const answer = await inputs.choose({
    title: t("Scale Test"),
    back: false,
    placeholder,
    choices: (await endedRuns({ runs })).map(choiceOf),
  });
  return typeof answer === "string" ? runs.open(answer) : undefined;
}

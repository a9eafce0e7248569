import { window } from "vscode";
import { formatDateTime, formatTime } from "../../l10n/figures.ts";
import { t, wordsOf } from "../../l10n/text.ts";
import { isNewer } from "../../runs/newer.ts";
import type { RunFile } from "../../runs/run-file.ts";
import type { RunReference } from "../ids.ts";
import type { RunList } from "../model/runs/run-list.ts";
import type { WatchedRun } from "../model/runs/watched-run.ts";
import { BACK, type Choice, type Inputs } from "../ui/inputs.ts";

/** The id of the run that a reference names. */
export function idOf(reference: RunReference): string {
  return typeof reference === "string" ? reference : reference.runId;
}

/** What a command was given, where that names a run: the title bar of an editor hands over an address of its own. */
export function namedRun(given: unknown): RunReference | undefined {
  if (typeof given === "string") return given;
  const isLine = typeof given === "object" && given !== null && "runId" in given;
  return isLine && typeof given.runId === "string" ? { runId: given.runId } : undefined;
}

/** A run as a choice, its result under it where there is one. */
export function runChoice<T>(
  { title, deployment, createdAt }: Pick<RunFile, "title" | "deployment" | "createdAt">,
  value: T,
  result = "",
): Choice<T> {
  return {
    label: title,
    description: `${deployment.host} · ${whenText(createdAt)}`,
    ...(result ? { detail: result } : {}),
    value,
  };
}

/** Today by its second, which tells runs apart that began one after the other; before that by its day. */
function whenText(at: number): string {
  const isToday = new Date(at).toDateString() === new Date().toDateString();
  return isToday ? formatTime(at, "medium") : formatDateTime(at);
}

/** A run that goes on or is over: the one named, or the one that is picked from the folder. */
export async function pickEarlier(
  { inputs, runs }: { inputs: Inputs; runs: Pick<RunList, "open" | "stored" | "problem"> },
  reference: RunReference | undefined,
): Promise<WatchedRun | undefined> {
  if (reference !== undefined) return runs.open(idOf(reference));
  const stored = (await runs.stored()).filter(({ file }) => !isNewer(file));
  if (stored.length === 0) throw new Error(runs.problem() ?? t("Nothing has been run yet"));
  const answer = await inputs.choose({
    title: t("Scale Test"),
    back: false,
    placeholder: t("Select a run"),
    choices: stored.map(({ file, result }) =>
      runChoice(file, file.id, result && wordsOf(result.outcome.refusal ?? result.outcome.summary)),
    ),
  });
  return typeof answer === "string" ? runs.open(answer) : undefined;
}

/** The run that a command is about: the one named, the only one, or the one that is picked. */
export async function pickRun(
  { inputs, runs }: { inputs: Inputs; runs: Pick<RunList, "open"> },
  reference: RunReference | undefined,
  candidates: readonly WatchedRun[],
): Promise<WatchedRun | undefined> {
  if (reference !== undefined) return runs.open(idOf(reference));
  if (candidates.length <= 1) {
    if (candidates.length === 0) void window.showInformationMessage(t("No scale test is running."));
    return candidates[0];
  }
  const answer = await inputs.choose({
    title: "Scale Test",
    back: false,
    placeholder: t("Select a run"),
    choices: candidates.map((run) => runChoice({ ...run.file, title: run.title }, run)),
  });
  return answer === BACK ? undefined : answer;
}

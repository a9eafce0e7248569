import { t, wordsOf } from "../../../l10n/text.ts";
import { errorIn } from "../../../protocol/log-error.ts";
import type { WorkspaceRow } from "../../../protocol/snapshot.ts";
import { messageOf } from "../../host.ts";
import type { WatchedRun } from "../../model/runs/watched-run.ts";

/** What is needed of a run to show a workspace's log again. */
export type LoggedRun = Pick<WatchedRun, "workspaces" | "buildLog">;
export type FindRun = (runId: string) => Promise<LoggedRun | undefined>;

const KEPT = ".log";
const BUILD = ".build.log";

/** Where a log is in the editor. Names may be the same for two owners: the row's step and index tell them apart. */
export interface LogAddress {
  path: string;
  query: string;
}

/** What the run kept of a workspace: the end of a failed build's log, or the command's output. */
export function keptAddress(
  runId: string,
  { name, step, index }: Pick<WorkspaceRow, "name" | "step" | "index">,
): LogAddress {
  return { path: `/${runId}/${name}${KEPT}`, query: placeOf(step, index) };
}

/** The row's index and its step, in the address. */
function placeOf(step: string, index: number): string {
  return `${index}/${step}`;
}
const PLACE = /^(\d+)\/(.+)$/s;

/** The whole log of its newest build. */
export function buildAddress(
  runId: string,
  { name, step, index }: Pick<WorkspaceRow, "name" | "step" | "index">,
): LogAddress {
  return { path: `/${runId}/${name}${BUILD}`, query: placeOf(step, index) };
}

export function keptText({ error, log = "" }: Pick<WorkspaceRow, "error" | "log">): string {
  return error ? `${wordsOf(error)}\n\n${log}` : log;
}

/** The line of such a text that says what went wrong; undefined where nothing did. */
export function errorLineOf({ error, log = "" }: Pick<WorkspaceRow, "error" | "log">): number | undefined {
  if (!error) return undefined;
  const block = errorIn(log, wordsOf(error));
  const before = keptText({ error, log: "" }).split("\n").length - 1;
  return block && before + block.from;
}

/**
 * The text of a log that was open before the window was loaded anew: from the run's folder, or from its runner. One
 * sentence where there is none.
 */
export async function restoredLog({ path, query }: LogAddress, find: FindRun): Promise<string> {
  const gone = t("This log is no longer available.");
  const runId = path.split("/")[1];
  const [, place, step] = PLACE.exec(query) ?? [];
  if (!runId || place === undefined || step === undefined) return gone;
  try {
    const run = await find(runId);
    const index = Number(place);
    if (run && path.endsWith(BUILD)) return await run.buildLog(step, index);
    const page = await run?.workspaces({ step, offset: index, limit: 1, sort: "index" });
    const row = page?.rows.find((one) => one.index === index);
    return row?.log ? keptText(row) : gone;
  } catch (error) {
    return t("No log: {0}", messageOf(error));
  }
}

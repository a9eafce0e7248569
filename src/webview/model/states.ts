import { t } from "../../l10n/text.ts";
import type { Counts, RunState, Snapshot, WorkspaceRow } from "../../protocol/snapshot.ts";

export type WorkspaceState = WorkspaceRow["state"];

/** From the bottom of the stacked chart to its top: what is settled first, what has not begun last. */
export const STATES: readonly { state: WorkspaceState; label: string }[] = [
  { state: "failed", label: t("failed") },
  { state: "succeeded", label: t("succeeded") },
  { state: "active", label: t("in use") },
  { state: "starting", label: t("starting") },
  { state: "building", label: t("building") },
  { state: "queued", label: t("queued") },
  { state: "creating", label: t("creating") },
  { state: "canceled", label: t("stopped") },
  { state: "waiting", label: t("waiting") },
];

export function stateLabel(state: WorkspaceState): string {
  return STATES.find((one) => one.state === state)?.label ?? state;
}

export function isOver(state: WorkspaceState): boolean {
  return state === "succeeded" || state === "failed" || state === "canceled";
}

export function inProgress(counts: Counts): number {
  return counts.creating + counts.queued + counts.building + counts.starting + counts.active;
}

export type Tone = "neutral" | "busy" | "good" | "warning" | "bad";

const RUN_STATES: Record<RunState, { label: string; tone: Tone }> = {
  starting: { label: t("Starting"), tone: "busy" },
  running: { label: t("Running"), tone: "busy" },
  stopping: { label: t("Stopping"), tone: "warning" },
  cleaning: { label: t("Cleaning up"), tone: "busy" },
  finished: { label: t("Finished"), tone: "neutral" },
  crashed: { label: t("Crashed"), tone: "bad" },
};

const VERDICTS = {
  passed: { label: t("Passed"), tone: "good" },
  failed: { label: t("Failed"), tone: "bad" },
  refused: { label: t("Refused"), tone: "bad" },
  interrupted: { label: t("Stopped"), tone: "neutral" },
  invalid: { label: t("Invalid"), tone: "bad" },
} as const satisfies Record<string, { label: string; tone: Tone }>;

/** What the pill beside the title says. */
export function runPill(snapshot: Pick<Snapshot, "state" | "outcome" | "paused" | "sessionExpired">): {
  label: string;
  tone: Tone;
} {
  if (snapshot.sessionExpired && !snapshot.outcome) return { label: t("Session expired"), tone: "warning" };
  if (isPaused(snapshot)) return { label: t("Paused"), tone: "warning" };
  return snapshot.outcome ? VERDICTS[snapshot.outcome.verdict] : RUN_STATES[snapshot.state];
}

export function isPaused(snapshot: Pick<Snapshot, "state" | "paused">): boolean {
  return snapshot.paused === true && snapshot.state === "running";
}

export function isEnded(snapshot: Pick<Snapshot, "state">): boolean {
  return snapshot.state === "finished" || snapshot.state === "crashed";
}

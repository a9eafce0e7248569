import { lookedUp, t } from "../../l10n/text.ts";
import type { JobState } from "../../protocol/description.ts";
import { type Ending, endingOf } from "../../protocol/ending.ts";
import type { Counts, RunState } from "../../protocol/snapshot.ts";
import type { StepView } from "../../protocol/steps.ts";

/** Where a run's jobs can be, as its description lists them. */
export class JobStates {
  readonly all: readonly JobState[];
  readonly #byId: ReadonlyMap<string, JobState>;

  constructor(states: readonly JobState[]) {
    this.all = states;
    this.#byId = new Map(states.map((state) => [state.id, state]));
  }

  has(id: string): boolean {
    return this.#byId.has(id);
  }

  label(id: string): string {
    const state = this.#byId.get(id);
    return state ? lookedUp(state.label) : id;
  }

  /** CSS variable of an area in the state's colour. */
  area(id: string): string {
    return `--area-${this.#byId.get(id)?.colour ?? "grey"}`;
  }

  kind(id: string): JobState["kind"] | undefined {
    return this.#byId.get(id)?.kind;
  }

  isOver(id: string): boolean {
    const kind = this.kind(id);
    return kind === "succeeded" || kind === "failed" || kind === "stopped";
  }

  /** States of a kind that jobs are in now, with how many. */
  counted(kind: JobState["kind"], counts: Counts): { label: string; count: number }[] {
    return this.all
      .filter((state) => state.kind === kind && (counts[state.id] ?? 0) > 0)
      .map(({ id }) => ({ label: this.label(id), count: counts[id] ?? 0 }));
  }
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

const ENDINGS: Record<Ending, { label: string; tone: Tone }> = {
  passed: { label: t("Passed"), tone: "good" },
  failed: { label: t("Failed"), tone: "bad" },
  refused: { label: t("Refused"), tone: "bad" },
  interrupted: { label: t("Stopped"), tone: "neutral" },
  invalid: { label: t("Invalid"), tone: "bad" },
  ended: { label: t("Ended"), tone: "warning" },
};

/** What the pill beside the title says. */
export function runPill(snapshot: Pick<StepView, "state" | "outcome" | "paused" | "sessionExpired">): {
  label: string;
  tone: Tone;
} {
  if (snapshot.sessionExpired && !snapshot.outcome) return { label: t("Session expired"), tone: "warning" };
  if (isPaused(snapshot)) return { label: t("Paused"), tone: "warning" };
  return snapshot.outcome ? ENDINGS[endingOf(snapshot.outcome)] : RUN_STATES[snapshot.state];
}

export function isPaused(snapshot: Pick<StepView, "state" | "paused">): boolean {
  return snapshot.paused === true && snapshot.state === "running";
}

export function isEnded(snapshot: Pick<StepView, "state">): boolean {
  return snapshot.state === "finished" || snapshot.state === "crashed";
}

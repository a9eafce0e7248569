import { t } from "../../../l10n/text.ts";
import type { Snapshot } from "../../../protocol/snapshot.ts";
import { viewOf } from "../../../protocol/steps.ts";
import { Transcript } from "../../model/runs/transcript.ts";
import type { WatchedRun } from "../../model/runs/watched-run.ts";
import { progressText } from "../../text.ts";

/** What is used of a run that goes on. */
export type FollowedRun = Pick<
  WatchedRun,
  "changed" | "snapshot" | "whole" | "silentSince" | "condition" | "active" | "stop"
>;

/**
 * Writes what happens in a run until it has ended. Resolves with its last snapshot, or with undefined where its runner is
 * gone.
 */
export function followRun(run: FollowedRun, write: (line: string) => void): Promise<Snapshot | undefined> {
  const transcript = new Transcript(() => (run.whole ? stepLines(run.whole) : []));
  return new Promise((resolve) => {
    const tell = () => {
      const { snapshot, whole } = run;
      for (const line of snapshot ? transcript.lines(snapshot) : []) write(line);
      for (const line of transcript.silence(run.silentSince !== undefined)) write(line);
      if (run.active) return;
      unsubscribe();
      if (run.condition === "lost") write(t("the run's runner is gone"));
      resolve(run.condition === "lost" ? undefined : whole);
    };
    const unsubscribe = run.changed.on(tell);
    tell();
  });
}

/** Of steps that are at work at the same time, where each of them stands. */
function stepLines(snapshot: Snapshot): string[] {
  const active = snapshot.steps.filter(({ state }) => state === "active");
  if (active.length < 2) return [];
  return active.map(({ name }) => `       ${name}: ${progressText(viewOf(snapshot, name))}`);
}

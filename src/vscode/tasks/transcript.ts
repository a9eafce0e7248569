import { formatClock } from "../../protocol/duration.ts";
import type { RunEvent, Snapshot } from "../../protocol/snapshot.ts";
import { progressText } from "../text.ts";

/** Progress is written anew at most so often. */
const EVERY_MS = 5_000;

/** What a run's terminal shows: its events, progress every few seconds, and the summary at the end. */
export class Transcript {
  #lastEvent = -1;
  #told = Number.NEGATIVE_INFINITY;
  #ended = false;

  /** The new lines that a snapshot brings. */
  lines(snapshot: Snapshot): string[] {
    if (this.#ended) return [];
    const lines = this.#events(snapshot.events);
    if (snapshot.outcome) {
      this.#ended = true;
      return [...lines, snapshot.outcome.refusal ?? snapshot.outcome.summary];
    }
    if (snapshot.elapsedMs - this.#told < EVERY_MS) return lines;
    this.#told = snapshot.elapsedMs;
    return [...lines, `${formatClock(snapshot.elapsedMs)}  ${progressText(snapshot)}`];
  }

  #events(events: readonly RunEvent[]): string[] {
    const fresh = events.filter(({ t }) => t > this.#lastEvent);
    this.#lastEvent = Math.max(this.#lastEvent, ...events.map(({ t }) => t));
    return fresh.map(
      ({ t, text, workspace }) => `${formatClock(t)}  ${workspace ? `${workspace}: ` : ""}${text}`,
    );
  }
}

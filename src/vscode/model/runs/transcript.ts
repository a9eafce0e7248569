import { t, wordsOf } from "../../../l10n/text.ts";
import { formatClock } from "../../../protocol/duration.ts";
import type { RunEvent } from "../../../protocol/snapshot.ts";
import type { StepView } from "../../../protocol/steps.ts";
import { progressText } from "../../text.ts";

/** Progress is written anew at most so often. */
const EVERY_MS = 5_000;

/** What a run's terminal shows: its events, progress every few seconds, and the summary at the end. */
export class Transcript {
  #lastEvent = -1;
  #told = Number.NEGATIVE_INFINITY;
  #ended = false;
  #silent = false;
  readonly #beside: () => readonly string[];

  /** `beside`: what is written with each line of progress. */
  constructor(beside: () => readonly string[] = () => []) {
    this.#beside = beside;
  }

  /** The new lines that a snapshot brings. */
  lines(snapshot: StepView): string[] {
    if (this.#ended) return [];
    const lines = this.#events(snapshot.events);
    if (snapshot.outcome) {
      this.#ended = true;
      return [...lines, wordsOf(snapshot.outcome.refusal ?? snapshot.outcome.summary)];
    }
    if (snapshot.elapsedMs - this.#told < EVERY_MS) return lines;
    this.#told = snapshot.elapsedMs;
    return [...lines, `${formatClock(snapshot.elapsedMs)}  ${progressText(snapshot)}`, ...this.#beside()];
  }

  /** One line when the runner falls silent, and one when it is back: no progress is made up meanwhile. */
  silence(silent: boolean): string[] {
    if (this.#ended || silent === this.#silent) return [];
    this.#silent = silent;
    return [silent ? t("the runner does not answer") : t("the runner answers again")];
  }

  #events(events: readonly RunEvent[]): string[] {
    const fresh = events.filter(({ t }) => t > this.#lastEvent);
    this.#lastEvent = Math.max(this.#lastEvent, ...events.map(({ t }) => t));
    return fresh.map(
      (event) =>
        `${formatClock(event.t)}  ${event.workspace ? `${event.workspace}: ` : ""}${wordsOf(event.text)}`,
    );
  }
}

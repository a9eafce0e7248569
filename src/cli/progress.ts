import { plainLine } from "../app/plain.ts";
import type { Answer } from "../protocol/answer.ts";
import { formatClock, formatDuration } from "../protocol/duration.ts";
import type { RunEvent, Snapshot } from "../protocol/snapshot.ts";
import { ownStages, type StepView } from "../protocol/steps.ts";
import { verdictLine } from "../protocol/verdict-line.ts";
import { english } from "../text/message.ts";
import { progressLine } from "./figures-text.ts";

const PLAIN_EVERY_MS = 5_000;
const BAR = 24;

/** Shows a run on standard error: one line that is redrawn on a terminal, lines of their own elsewhere. */
export class Progress {
  #stream: NodeJS.WriteStream;
  #terminal: boolean;
  #lastPlain = 0;
  #lastEvent = -1;
  /** Of the last event's millisecond. */
  #shownOfLast = 0;
  #lastState = "";
  #holds: Answer["holds"] | undefined;
  #drawn = false;

  constructor(stream: NodeJS.WriteStream = process.stderr) {
    this.#stream = stream;
    this.#terminal = Boolean(stream.isTTY) && process.env.TERM !== "dumb";
  }

  show(snapshot: StepView): void {
    this.#showEvents(snapshot);
    this.#showAnswer(snapshot);
    // The result says it all, and better.
    if (snapshot.outcome) return;
    if (this.#terminal) this.#draw(lineOf(snapshot));
    else this.#plain(snapshot);
  }

  #showEvents(snapshot: StepView): void {
    let known = this.#shownOfLast;
    for (const event of snapshot.events) {
      if (event.t < this.#lastEvent || (event.t === this.#lastEvent && known-- > 0)) continue;
      this.#shownOfLast = event.t === this.#lastEvent ? this.#shownOfLast + 1 : 1;
      this.#lastEvent = event.t;
      known = 0;
      if (!isSummary(event, snapshot)) this.#line(eventText(event));
    }
  }

  /** A line where the answer turns; that it cannot tell yet is no news. */
  #showAnswer({ answer, outcome, elapsedMs }: StepView): void {
    if (!answer || outcome || answer.why.length === 0 || answer.holds === this.#holds) return;
    if (this.#holds === undefined && answer.holds === "unknown") return;
    this.#holds = answer.holds;
    this.#line(plainLine(`[${formatClock(elapsedMs)}] ${english(verdictLine(answer))}`));
  }

  say(text: string): void {
    this.#line(text);
  }

  end(): void {
    if (this.#drawn) this.#stream.write("\n");
    this.#drawn = false;
  }

  #plain(snapshot: StepView): void {
    const now = Date.now();
    if (snapshot.state === this.#lastState && now - this.#lastPlain < PLAIN_EVERY_MS) return;
    this.#lastPlain = now;
    this.#lastState = snapshot.state;
    this.#stream.write(`${lineOf(snapshot)}\n`);
  }

  #line(text: string): void {
    if (this.#drawn) this.#stream.write("\r\u001b[K");
    this.#drawn = false;
    this.#stream.write(`${text}\n`);
  }

  #draw(text: string): void {
    const width = this.#stream.columns || 80;
    this.#stream.write(`\r\u001b[K${text.slice(0, width - 1)}`);
    this.#drawn = true;
  }
}

/** The last event says what the result says. */
function isSummary({ text }: RunEvent, { outcome }: Snapshot): boolean {
  return outcome !== null && english(text) === english(outcome.summary);
}

function eventText(event: RunEvent): string {
  const where = event.workspace ? `${event.workspace}: ` : "";
  const what = event.level === "info" ? "" : `${event.level}: `;
  return plainLine(`[${formatClock(event.t)}] ${what}${where}${english(event.text)}`);
}

export function lineOf(snapshot: StepView): string {
  const clock = [formatClock(snapshot.elapsedMs), expiredText(snapshot)].filter(Boolean).join("  ");
  const stage =
    ownStages(snapshot).findLast((one) => one.state === "active") ??
    snapshot.stages.findLast((one) => one.state === "active");
  const left = leftOf(snapshot);
  // Of several steps, it is the one that began last.
  const of = stage?.step === undefined ? "" : `${stage.step}: `;
  if (!stage || stage.total === 0) return `${clock}  ${of}${stage ? english(stage.label) : snapshot.state}…`;
  const line = stage.id === "jobs" ? progressLine(snapshot) : undefined;
  if (line) return `${clock}  ${of}${line}`;
  const filled = Math.round((stage.done / stage.total) * BAR);
  const bar = "█".repeat(filled) + "░".repeat(BAR - filled);
  return `${clock}  ${of}${english(stage.label)} ${bar} ${stage.done}/${stage.total}  ${countsText(snapshot)}${left}`;
}

/** Where there is no estimate, what is waited for, and until when. */
function leftOf({ remainingMs, waitsFor }: StepView): string {
  if (remainingMs !== null) return `  about ${formatDuration(remainingMs)} left`;
  if (!waitsFor) return "";
  const { count, doing, limitMs } = waitsFor;
  return `  ${count} ${english(doing)}, ${limitMs === null ? "without a time limit" : `time limit in ${formatClock(limitMs)}`}`;
}

function expiredText({ sessionExpired: expired }: StepView): string {
  if (!expired) return "";
  return `session expired, ${formatClock(Math.max(0, expired.until - Date.now()))} left to sign in again`;
}

function countsText({ counts, description }: StepView): string {
  return description.states
    .filter(({ id, kind }) => kind !== "waiting" && kind !== "stopped" && (counts[id] ?? 0) > 0)
    .map(({ id, label, kind }) => `${counts[id]} ${kind === "succeeded" ? "passed" : label}`)
    .join(", ");
}

import type { Subject } from "../../coder/session.ts";
import type { Meter } from "../../coder/transport.ts";
import type { Api, WorkspaceRow } from "../../protocol/snapshot.ts";

/** What a request is for: a job of a step. */
export function subjectOf(step: string, index: number): Subject {
  return `${step}/${index}`;
}

/**
 * Calls by which the run looks at the deployment: some of them, such as its health, take long, and no user waits for them.
 * They are counted, and their time is in no figure of the API's.
 */
export const LOOKING: Subject = "looking";

/** How long a call took until its last byte, in milliseconds; one without an answer, until it was given up. */
export interface ApiAnswer {
  method: string;
  ms: number;
  isLost: boolean;
}

/** Counts what goes out to the deployment: for each job, for each step, and for the run as a whole. */
export class ApiMeter implements Meter {
  readonly #rows = new Map<Subject, WorkspaceRow>();
  /** Calls that nobody has asked for yet, by step; of the run itself, by `""`. */
  readonly #fresh = new Map<string, number>();
  readonly #answers = new Map<string, ApiAnswer[]>();
  calls = 0;
  runCalls = 0;
  rateLimitedAnswers = 0;
  waitedMs = 0;
  /** What requests have waited for the rate limit that wait still, in milliseconds. */
  underWayMs: () => number = () => 0;
  readonly routes = new Map<string, number>();

  /** A job that is counted for by itself. */
  join(row: WorkspaceRow): void {
    this.#rows.set(subjectOf(row.step, row.index), row);
  }

  called(subject: Subject, route: string): void {
    this.calls++;
    this.routes.set(route, (this.routes.get(route) ?? 0) + 1);
    const row = this.#rows.get(subject);
    if (row) row.apiCalls++;
    else this.runCalls++;
    const step = row?.step ?? "";
    this.#fresh.set(step, (this.#fresh.get(step) ?? 0) + 1);
  }

  /** Calls of a step since the last time; the first step that asks gets those of the run itself. */
  newCalls(step: string): number {
    const fresh = (this.#fresh.get(step) ?? 0) + (this.#fresh.get("") ?? 0);
    this.#fresh.delete(step);
    this.#fresh.delete("");
    return fresh;
  }

  answered(subject: Subject, method: string, ms: number, isLost: boolean): void {
    if (subject === LOOKING) return;
    const step = this.#rows.get(subject)?.step ?? "";
    const known = this.#answers.get(step);
    const answer = { method, ms, isLost };
    if (known) known.push(answer);
    else this.#answers.set(step, [answer]);
  }

  /** As newCalls. */
  newAnswers(step: string): ApiAnswer[] {
    const fresh = [...(this.#answers.get(step) ?? []), ...(this.#answers.get("") ?? [])];
    this.#answers.delete(step);
    this.#answers.delete("");
    return fresh;
  }

  rateLimited(): void {
    this.rateLimitedAnswers++;
  }

  waited(ms: number): void {
    this.waitedMs += ms;
  }

  summary(): Api {
    let max = 0;
    let begun = 0;
    for (const row of this.#rows.values()) {
      if (row.apiCalls === 0) continue;
      begun++;
      if (row.apiCalls > max) max = row.apiCalls;
    }
    return {
      calls: this.calls,
      maxPerWorkspace: max,
      meanPerWorkspace: begun > 0 ? (this.calls - this.runCalls) / begun : 0,
      runCalls: this.runCalls,
      rateLimited: this.rateLimitedAnswers,
      rateLimitWaitMs: this.waitedMs,
    };
  }
}

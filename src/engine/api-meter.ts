import type { Subject } from "../coder/session.ts";
import type { Meter } from "../coder/transport.ts";
import type { Api, WorkspaceRow } from "../protocol/snapshot.ts";

/** Counts what goes out to the deployment: for each job, and for the run as a whole. */
export class ApiMeter implements Meter {
  #rows: readonly WorkspaceRow[];
  calls = 0;
  runCalls = 0;
  rateLimitedAnswers = 0;
  waitedMs = 0;
  readonly routes = new Map<string, number>();

  constructor(rows: readonly WorkspaceRow[]) {
    this.#rows = rows;
  }

  called(subject: Subject, route: string): void {
    this.calls++;
    this.routes.set(route, (this.routes.get(route) ?? 0) + 1);
    const row = subject === "run" ? undefined : this.#rows[subject];
    if (row) row.apiCalls++;
    else this.runCalls++;
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
    for (const row of this.#rows) {
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

import { leftText, totalLeft } from "../../protocol/left.ts";
import type { Outcome } from "../../protocol/snapshot.ts";
import { allCounts } from "../../protocol/steps.ts";
import type { Follower } from "../../runner/client/follower.ts";
import { foreign } from "../../text/message.ts";
import { EXIT } from "../exit.ts";
import type { Progress } from "../progress.ts";

/** A run that goes on. */
export interface Attached {
  follower: Follower;
  /** Of its deployment. */
  url: string;
  /** Writes what came of it where it is left as it is. */
  writeLeft(outcome: Outcome): Promise<unknown>;
}

/** How long a runner that is left is waited for. */
const LEAVE_MS = 1_000;

/**
 * Ctrl-C, once: stop and clean up. Twice: leave at once, and say how to clean up later. SIGTERM is the same. Before
 * the run has begun, the first one ends its start.
 */
export class Interrupts {
  #count = 0;
  #attached: Attached | undefined;
  #progress: Progress;
  #start = new AbortController();
  #isOver = false;
  #handler = () => this.#interrupted();

  constructor(progress: Progress) {
    this.#progress = progress;
    process.on("SIGINT", this.#handler);
    process.on("SIGTERM", this.#handler);
  }

  /** Aborts the start of a run. */
  get signal(): AbortSignal {
    return this.#start.signal;
  }

  get isLeaving(): boolean {
    return this.#count > 1;
  }

  /** The run has begun: from now on it is stopped, not given up. */
  attach(attached: Attached): void {
    this.#attached = attached;
    if (this.#count > 0) this.#stopRun(attached);
  }

  /** Its results are written, which takes but a moment: nothing interrupts that. */
  runIsOver(): void {
    this.#isOver = true;
  }

  dispose(): void {
    process.off("SIGINT", this.#handler);
    process.off("SIGTERM", this.#handler);
  }

  #interrupted(): void {
    if (this.#isOver) return;
    this.#count++;
    const attached = this.#attached;
    if (this.#count > 2 || (this.isLeaving && !attached)) process.exit(EXIT.interrupted);
    if (!attached) this.#start.abort(new Error("interrupted"));
    else if (this.isLeaving) void this.#leave(attached);
    else this.#stopRun(attached);
  }

  #stopRun({ follower }: Attached): void {
    this.#progress.say("stopping and cleaning up; once more leaves everything as it is, at once");
    void follower.stop(false).catch(() => undefined);
  }

  async #leave({ follower, url, writeLeft }: Attached): Promise<void> {
    const stopped = follower.stop(true).catch(() => undefined);
    const latest = follower.latest();
    const { users = 0, workspaces = 0, tokens = 0 } = latest?.existing ?? {};
    const left = { users, workspaces, tokens };
    const kept = totalLeft(left);
    const { runId } = follower.address;
    const summary =
      kept > 0
        ? `left ${leftText(left)} on ${url}; clean up with: coder-scaletest runs clean ${runId} --url ${url}`
        : "left; nothing of this run exists on the deployment";
    this.#progress.say(summary);
    const { succeeded, failed } = allCounts(latest ?? { steps: [] });
    const counts = { succeeded, failed, orphans: 0, kept, left };
    const exitCode = EXIT.interrupted;
    await writeLeft({ ...counts, verdict: "interrupted", summary: foreign(summary), exitCode });
    setTimeout(() => process.exit(exitCode), LEAVE_MS);
    await stopped;
    process.exit(exitCode);
  }
}

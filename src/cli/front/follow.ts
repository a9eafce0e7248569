import { viewOf } from "../../protocol/steps.ts";
import type { RunAddress } from "../../runner/client/address.ts";
import { Follower } from "../../runner/client/follower.ts";
import { launchRunner } from "../../runner/client/launch.ts";
import { saidOf } from "../../text/said-error.ts";
import { Progress } from "../progress.ts";
import { Interrupts } from "./interrupts.ts";
import type { Beginning, Following, FromWorker, Part, RunEnd } from "./messages.ts";
import type { Worker } from "./worker.ts";

/** What a worker asks for while it does a command: a run to be followed, signals to be taken, parts to be done. */
export class Front {
  parts: readonly Part[] | undefined;
  /** Of the run that was followed, if one was. */
  end: Promise<RunEnd> | undefined;
  /** The worker has been told of the end: it writes the results. */
  toldWorker = false;
  #writeResults: (end: RunEnd) => Promise<unknown>;
  #progress = new Progress();
  #interrupts: Interrupts | undefined;

  /** `writeResults`: of a run that is left as it is. */
  constructor(writeResults: (end: RunEnd) => Promise<unknown>) {
    this.#writeResults = writeResults;
  }

  /** The person leaves the run as it is: this process ends as soon as the runner knows. */
  get isLeaving(): boolean {
    return this.#interrupts?.isLeaving === true;
  }

  take(message: FromWorker, worker: Worker): void {
    switch (message.kind) {
      case "starting":
        this.#interrupts = new Interrupts(this.#progress);
        worker.send({ kind: "heard" });
        return;
      case "parts":
        this.parts = message.parts;
        return;
      case "follow":
        void this.#attach(message.following, worker);
    }
  }

  dispose(): void {
    this.#interrupts?.dispose();
  }

  async #attach(following: Following, worker: Worker): Promise<void> {
    const { address, begin, url, outputs } = following;
    const signal = this.#interrupts?.signal;
    try {
      const follower = await (begin ? begun(address, begin, signal) : Follower.open(address));
      if (begin?.detach) follower.dispose();
      else {
        this.end = this.#follow(follower, following, worker);
        const { runId, folder } = address;
        this.#interrupts?.attach({
          ...{ follower, url },
          writeLeft: (left) => this.#writeResults({ outputs, runId, folder, left }),
        });
      }
      worker.send({ kind: "followed" });
    } catch (error) {
      worker.send({ kind: "followed", refused: saidOf(error), stopped: signal?.aborted === true });
    }
  }

  async #follow(follower: Follower, { outputs, begin }: Following, worker: Worker): Promise<RunEnd> {
    const last = await follower.follow((snapshot) => this.#progress.show(viewOf(snapshot)));
    this.#interrupts?.runIsOver();
    this.#progress.end();
    follower.dispose();
    const { runId, folder } = follower.address;
    const end = { outputs, runId, folder, last };
    if (begin?.stays) this.toldWorker = worker.send({ kind: "over", end });
    return end;
  }
}

/** The runner is a child of this process, which is there for as long as the run is watched. */
function begun(
  address: RunAddress,
  { runnerPath, asked }: Beginning,
  signal: AbortSignal | undefined,
): Promise<Follower> {
  const launch = signal ? { runnerPath, signal } : { runnerPath };
  return launchRunner(address.folder, launch, () => Follower.open(address, asked, signal));
}

import { type ChildProcess, fork } from "node:child_process";
import path from "node:path";
import type { FromWorker, Job, ToWorker } from "./messages.ts";

/** How a worker has ended: one of the two is null. */
export interface WorkerEnd {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** A process that does a job on this one's terminal, and ends. */
export class Worker {
  /** Rejects with the system's error where it cannot be started. */
  readonly ended: Promise<WorkerEnd>;
  #child: ChildProcess;

  constructor(job: Job, take: (message: FromWorker) => void) {
    this.#child = fork(path.join(__dirname, "worker.js"), [], {
      stdio: ["inherit", "inherit", "inherit", "ipc"],
      // A session of its own, where it asks nothing: Ctrl-C, which it has no say in, does not reach it.
      detached: job.kind === "results" && process.platform !== "win32",
    });
    this.ended = new Promise((resolve, reject) => {
      this.#child.once("error", reject);
      this.#child.once("exit", (code, signal) => resolve({ code, signal }));
    });
    this.#child.on("message", (message) => take(message as FromWorker));
    this.send({ kind: "job", job });
  }

  /** Whether it is still there to be told. */
  send(message: ToWorker): boolean {
    const isThere = this.#child.connected;
    if (isThere) this.#child.send(message, () => undefined);
    return isThere;
  }
}

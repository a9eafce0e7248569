import { reasonOf } from "../../runs/folder-error.ts";
import { EXIT } from "../exit.ts";
import { flushed } from "../flushed.ts";
import { watchOutputStreams } from "../output-streams.ts";
import { worstOf } from "../worst-code.ts";
import { Front } from "./follow.ts";
import type { Job, Part, RunEnd } from "./messages.ts";
import { Worker, type WorkerEnd } from "./worker.ts";

/**
 * The process that a person has called, for as long as a run goes on: it shows the run and takes Ctrl-C. It loads no
 * more than that: what a command needs besides, workers do, each of which ends before the run goes on, and after it.
 */
export async function front(argv: readonly string[]): Promise<void> {
  watchOutputStreams();
  try {
    process.exitCode = await perform(argv);
  } catch (error) {
    process.exitCode = tellSystemError(error as NodeJS.ErrnoException);
  }
}

/** Of several runs, the others are run whatever comes of one, unless somebody interrupts it. */
async function perform(argv: readonly string[]): Promise<number> {
  const { code, parts } = await work({ kind: "command", argv });
  if (!parts) return code;
  const codes: number[] = [];
  for (const part of parts) {
    codes.push((await work({ kind: "command", argv, part })).code);
    if (codes.at(-1) === EXIT.interrupted) break;
  }
  return worstOf(codes);
}

interface Done {
  code: number;
  /** The command is these, one after the other; nothing else has been done. */
  parts?: readonly Part[] | undefined;
}

/** Has a worker do it, and follows the run that it starts. */
async function work(job: Job): Promise<Done> {
  const front = new Front((end) => writeResults(end, job.part));
  try {
    const worker: Worker = new Worker(job, (message) => front.take(message, worker));
    const ended = await worker.ended;
    const end = await front.end;
    // It ends this process.
    if (front.isLeaving) await new Promise(() => undefined);
    if (end && !front.toldWorker) return { code: await writeResults(end, job.part) };
    return { code: codeOf(ended), parts: front.parts };
  } finally {
    front.dispose();
  }
}

async function writeResults(end: RunEnd, part: Part | undefined): Promise<number> {
  await flushed();
  const job: Job = part ? { kind: "results", end, part } : { kind: "results", end };
  return codeOf(await new Worker(job, () => undefined).ended);
}

function codeOf({ code, signal }: WorkerEnd): number {
  if (code !== null) return code;
  if (signal === "SIGINT" || signal === "SIGTERM") return EXIT.interrupted;
  process.stderr.write(`coder-scaletest: its worker was ended by ${signal}\n`);
  return EXIT.someFailed;
}

/** Throws all other errors. */
function tellSystemError(error: NodeJS.ErrnoException): number {
  if (!error.syscall) throw error;
  const isHandleLimit = error.code === "EMFILE" || error.code === "ENFILE";
  const advice = isHandleLimit ? "; allow more of them first, with: ulimit -n 4096" : "";
  process.stderr.write(`coder-scaletest: its worker could not be started (${reasonOf(error)})${advice}\n`);
  return EXIT.refused;
}

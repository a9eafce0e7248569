import { EventEmitter, once } from "node:events";
import { SaidError } from "../../text/said-error.ts";
import { CliError, EXIT } from "../exit.ts";
import { flushed } from "../flushed.ts";
import type { Following, FromWorker, Job, Part, RunEnd, ToWorker } from "../front/messages.ts";

type Kind = ToWorker["kind"];
type Of<K extends Kind> = Extract<ToWorker, { kind: K }>;

const heard = new EventEmitter();
/** It may come as soon as the run has begun. */
let over: Promise<Of<"over">> | undefined;

/** Resolves with what this process was started for. Without the front, from then on, it has nothing to do. */
export async function firstJob(): Promise<Job> {
  const message = next("job");
  process.on("message", (said) => heard.emit((said as ToWorker).kind, said));
  const { job } = await message;
  if (job.kind === "command") process.once("disconnect", () => process.exit(EXIT.interrupted));
  return job;
}

/** Lets this process end when nothing else is to be done. */
export function goodbye(): void {
  process.channel?.unref();
}

/** The command is several runs: each is work of its own. */
export function tellParts(parts: readonly Part[]): void {
  tell({ kind: "parts", parts });
}

/** Before a run is started: from now on the front takes Ctrl-C and SIGTERM. */
export async function startRun(): Promise<void> {
  const isHeard = next("heard");
  tell({ kind: "starting" });
  await isHeard;
  // In a terminal they reach all of its processes.
  process.on("SIGINT", () => undefined);
  process.on("SIGTERM", () => undefined);
}

/** Resolves when the front follows the run, which it may have to begin. Rejects with one sentence, or with Stopped. */
export async function follow(following: Following): Promise<void> {
  over = next("over");
  const answer = next("followed");
  tell({ kind: "follow", following });
  const { refused, stopped } = await answer;
  if (refused) throw stopped ? new Stopped() : new SaidError(refused);
}

/** Somebody has pressed Ctrl-C before the run began. */
export class Stopped extends CliError {
  constructor() {
    super("stopped before the run began; nothing was made", EXIT.interrupted);
  }
}

/** Ends this process, for the run goes on without it; one that stays gets the run's end. */
export async function untilOver(stays: boolean): Promise<RunEnd> {
  if (stays && over) return (await over).end;
  await flushed();
  process.exit(EXIT.passed);
}

async function next<K extends Kind>(kind: K): Promise<Of<K>> {
  const [message] = await once(heard, kind);
  return message as Of<K>;
}

function tell(message: FromWorker): void {
  if (!process.send) throw new Error("a worker is started by the command line");
  process.send(message);
}

import type { Outcome, Snapshot } from "../../protocol/snapshot.ts";
import type { RunAddress } from "../../runner/client/address.ts";
import type { Message } from "../../text/message.ts";
import type { Output } from "../outputs.ts";

/**
 * What the process in front, which follows runs, and a worker, which does all else of a command, say to each other: plain
 * JSON over the channel that Node.js makes between them. Both are of one version.
 */

/** What a worker is started for. */
export type Job =
  | { kind: "command"; argv: readonly string[]; part?: Part }
  | { kind: "results"; end: RunEnd; part?: Part };

/** One of several runs that a command has, each of which is work of its own. */
export interface Part {
  /** As the command knows it. */
  name: string;
  /** Before what is told of an error. */
  about: string;
}

/** A run to follow. */
export interface Following {
  address: RunAddress;
  /** What it is to begin; absent: it goes on already, and who leaves it does not stop it. */
  begin?: Beginning;
  /** Of the deployment. */
  url: string;
  outputs: readonly Output[];
}

/** A run that has its folder, and no runner yet. */
export interface Beginning {
  /** dist/runner.js */
  runnerPath: string;
  /** What its runner is asked to start. */
  asked: object;
  /** It is left to itself as soon as it has begun. */
  detach: boolean;
  /** The worker does not end when it has begun: it has the sandbox in it. */
  stays: boolean;
}

/** How it was to follow a run, for the results. */
export interface RunEnd {
  outputs: readonly Output[];
  runId: string;
  folder: string;
  /** The last snapshot of a run that is over; absent where the runner died. */
  last?: Snapshot | undefined;
  /** The person has left the run as it was, which is a verdict, too. */
  left?: Outcome;
}

/** From the front to a worker. */
export type ToWorker =
  | { kind: "job"; job: Job }
  /** Answers "starting". */
  | { kind: "heard" }
  /** Answers "follow". `refused`: why the run is not followed; `stopped`: for somebody does not want it any more. */
  | { kind: "followed"; refused?: Message; stopped?: boolean }
  /** To a worker that stays. */
  | { kind: "over"; end: RunEnd };

/** From a worker to the front. */
export type FromWorker =
  /** A run is about to start: from now on it is the front that takes Ctrl-C and SIGTERM. */
  { kind: "starting" } | { kind: "follow"; following: Following } | { kind: "parts"; parts: readonly Part[] };

import { RunnerConnection } from "../../runner/client/connection.ts";
import type { Message } from "../../text/message.ts";
import { say } from "../../text/message.ts";
import { SaidError } from "../../text/said-error.ts";

/** A run that goes on, and who asks for something. */
export interface Controlled {
  folder: string;
  client: string;
}

/** Asks for a stop: what exists is cleaned up, or left as it is where `keep` is set. Resolves with the run's id. */
export function stopRun(run: Controlled, keep: boolean): Promise<string> {
  return withRunner(run, async (runner) => {
    await runner.stop(keep);
    return runner.runId;
  });
}

/** Pauses a run, or lets it go on. Resolves with one sentence. */
export function pauseRun(run: Controlled, paused: boolean): Promise<Message> {
  return withRunner(run, (runner) => runner.pause(paused));
}

/** So much of a step's level, for instance 500 of `messages_per_second`. */
export interface WantedLevel {
  /** Undefined: the run's only step. */
  step: string | undefined;
  of: string;
  value: number;
}

/** Changes how much a running step does. Resolves with one sentence; rejects with one where that cannot be. */
export function setLevel(run: Controlled, { step, of, value }: WantedLevel): Promise<Message> {
  return withRunner(run, async (runner) => {
    const { steps } = await runner.refresh();
    const [only, ...more] = steps.map(({ name }) => name);
    const name = step ?? (more.length === 0 ? only : undefined);
    if (name === undefined)
      throw new SaidError(say("which step? the run has {0}", steps.map((one) => one.name).join(", ")));
    return runner.setLevel(name, of, value);
  });
}

/** Hands a run another token. Resolves with one sentence; rejects with one where it is not good for this run. */
export function renewRun(run: Controlled, token: string): Promise<Message> {
  return withRunner(run, (runner) => runner.renew(token));
}

async function withRunner<T>(
  { folder, client }: Controlled,
  work: (runner: RunnerConnection) => Promise<T>,
): Promise<T> {
  const runner = await RunnerConnection.attach(folder, client);
  try {
    return await work(runner);
  } finally {
    runner.dispose();
  }
}

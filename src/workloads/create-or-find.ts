import { delay } from "../coder/delay.ts";
import { CoderError, isFailure } from "../coder/errors.ts";
import { TimeLimit } from "../contract/ends.ts";

const TRIES = 4;

/** The request may have been carried out: no answer, or an answer from something in front of coderd. */
function isUnknownOutcome(error: unknown): error is CoderError {
  if (!(error instanceof CoderError)) return false;
  const { failure } = error;
  if (failure.kind === "network" || failure.kind === "timeout") return failure.outcomeUnknown;
  return failure.kind === "server";
}

/**
 * A 500 is coderd's own word: it may be a lost race for the name (docs/coder-api.md, Workspaces), but will not get
 * better.
 */
function mayBeTriedAgain(error: CoderError): boolean {
  return !(error.failure.kind === "server" && error.failure.status === 500);
}

/**
 * Creates something whose name is its own, whatever the network does in between: where the outcome is not
 * known it is looked for first, and only asked for again where it is not there. `attempt` counts from 0.
 * Rejects with what the deployment said, or with the signal's reason.
 */
export async function createOrFind<T>(
  create: (attempt: number) => Promise<T>,
  find: () => Promise<T | undefined>,
  signal: AbortSignal,
): Promise<T> {
  let last: CoderError | undefined;
  for (let attempt = 0; ; attempt++) {
    try {
      return await create(attempt);
    } catch (error) {
      if (signal.aborted) throw whatEnded(signal, last);
      // On a further try, a conflict is the success of an earlier one.
      const conflict = attempt > 0 && isFailure(error, "conflict");
      if (!conflict && !isUnknownOutcome(error)) throw error;
      if (error instanceof CoderError) last = error;
      const found = await find().catch((problem: unknown) => {
        throw signal.aborted ? whatEnded(signal, last) : problem;
      });
      if (found) return found;
      if (conflict || attempt + 1 >= TRIES || !mayBeTriedAgain(error)) throw error;
      await delay(500 * 2 ** attempt * (0.5 + Math.random()), signal).catch(() => {
        throw whatEnded(signal, last);
      });
    }
  }
}

/** Where a time limit ends the tries, what the deployment has said until then is the cause; a stop is a stop. */
function whatEnded(signal: AbortSignal, last: CoderError | undefined): unknown {
  const reason: unknown = signal.reason;
  return last && reason instanceof TimeLimit ? last : reason;
}

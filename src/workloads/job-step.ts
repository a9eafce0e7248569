import { TimeLimit } from "../contract/ends.ts";
import { JobFailure } from "../contract/failures.ts";
import { type Message, say } from "../text/message.ts";

/**
 * Waits for one step of a job. Where a time limit ends it, the failure says which step was waited for, by a
 * cause of its own, instead of just "timed out".
 */
export async function step<T>(
  signal: AbortSignal,
  causeId: string,
  cause: Message,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const limit: unknown = signal.aborted ? signal.reason : undefined;
    if (error === limit && limit instanceof TimeLimit) {
      throw new JobFailure(causeId, cause, { said: say("{0}: {1}", cause, limit.said) });
    }
    throw error;
  }
}

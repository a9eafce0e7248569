import { TimeLimit } from "../contract/ends.ts";
import { JobFailure } from "../contract/failures.ts";

/**
 * Waits for one step of a job. Where a time limit ends it, the failure says which step was waited for, by a
 * cause of its own, instead of just "timed out".
 */
export async function step<T>(
  signal: AbortSignal,
  causeId: string,
  cause: string,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const limit: unknown = signal.aborted ? signal.reason : undefined;
    if (error === limit && limit instanceof TimeLimit) {
      throw new JobFailure(causeId, cause, { message: `${cause}: ${limit.message}` });
    }
    throw error;
  }
}

import { CoderError } from "../coder/errors.ts";
import { SignInRefused } from "../coder/sign-in.ts";
import { Refusal } from "../contract/failures.ts";
import { SaidError } from "../text/said-error.ts";

/** A deployment, or what is asked of it, is in the way; one line that says what to do. */
export class Refused extends SaidError {
  override readonly name = "Refused";
}

/** Does what asks a deployment. Rejects with Refused where the answer is no, or there is none. */
export async function orRefused<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof Refusal || error instanceof SignInRefused || error instanceof CoderError)
      throw new Refused(error.said, { cause: error });
    throw error;
  }
}

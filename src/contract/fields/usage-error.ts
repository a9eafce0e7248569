import { SaidError } from "../../text/said-error.ts";

/** A configuration that cannot be used, in one line that says what to do. The command line exits with 2. */
export class UsageError extends SaidError {
  override readonly name = "UsageError";
}

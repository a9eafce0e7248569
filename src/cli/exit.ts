export { EXIT } from "../protocol/exit-codes.ts";

/** Ends the command line with one line on standard error. */
export class CliError extends Error {
  override readonly name = "CliError";
  readonly exitCode: number;

  constructor(message: string, exitCode: number) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** Exit codes, for good (DESIGN: a threshold that is broken has a code of its own). */
export const EXIT = {
  passed: 0,
  someFailed: 1,
  usage: 2,
  refused: 3,
  invalid: 4,
  threshold: 99,
  interrupted: 130,
} as const;

/** Ends the command line with one line on standard error. */
export class CliError extends Error {
  override readonly name = "CliError";
  readonly exitCode: number;

  constructor(message: string, exitCode: number) {
    super(message);
    this.exitCode = exitCode;
  }
}

import { askOnTerminal } from "./ask.ts";
import { CliError, EXIT } from "./exit.ts";

/** Asks on a terminal; elsewhere, and at every answer but yes, rejects: nothing is deleted unasked. */
export async function confirm(question: string): Promise<void> {
  if (!process.stdin.isTTY) {
    throw new CliError("nothing was deleted: pass --yes to delete what is listed above", EXIT.refused);
  }
  const answer = await askOnTerminal(`${question} [y/N] `);
  if (answer === undefined) throw new CliError("nothing was deleted", EXIT.interrupted);
  if (!/^y(es)?$/i.test(answer)) throw new CliError("nothing was deleted", EXIT.refused);
}

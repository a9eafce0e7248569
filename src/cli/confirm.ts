import { createInterface } from "node:readline/promises";
import { CliError, EXIT } from "./exit.ts";

/** Asks on a terminal; elsewhere, and at every answer but yes, rejects: nothing is deleted unasked. */
export async function confirm(question: string): Promise<void> {
  if (!process.stdin.isTTY) {
    throw new CliError("nothing was deleted: pass --yes to delete what is listed above", EXIT.refused);
  }
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await prompt.question(`${question} [y/N] `);
  prompt.close();
  if (!/^y(es)?$/i.test(answer.trim())) throw new CliError("nothing was deleted", EXIT.refused);
}

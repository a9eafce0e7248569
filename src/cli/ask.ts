import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";

/**
 * Asks on the terminal. Resolves with the answer, or with undefined where the person leaves (Ctrl-C, Ctrl-D).
 * `unseen`: what is typed is not shown.
 */
export async function askOnTerminal(
  question: string,
  { unseen = false }: { unseen?: boolean } = {},
): Promise<string | undefined> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const output = unseen ? nowhere : process.stderr;
  if (unseen) process.stderr.write(question);
  const prompt = createInterface({ input: process.stdin, output, terminal: true });
  const left = new AbortController();
  prompt.once("SIGINT", () => left.abort());
  prompt.once("close", () => left.abort());
  try {
    return (await prompt.question(unseen ? "" : question, { signal: left.signal })).trim();
  } catch {
    return undefined;
  } finally {
    if (unseen || left.signal.aborted) process.stderr.write("\n");
    prompt.close();
  }
}

import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { text } from "node:stream/consumers";
import { CliError, EXIT } from "./exit.ts";
import { checkedToken } from "./target.ts";

/**
 * A session token that is in nobody's history and in no list of processes: asked for, unseen, on a terminal (where
 * an empty answer takes CODER_SESSION_TOKEN); elsewhere CODER_SESSION_TOKEN, or the first line of standard input.
 * Throws CliError where there is none.
 */
export async function readToken(page: string, env: NodeJS.ProcessEnv = process.env): Promise<string> {
  const known = env.CODER_SESSION_TOKEN ?? "";
  if (process.stdin.isTTY) {
    const hint = known ? " (Enter takes CODER_SESSION_TOKEN)" : "";
    return checkedToken((await askUnseen(`${page} makes a session token. Paste it here${hint}: `)) || known);
  }
  const given = known || ((await text(process.stdin)).split("\n")[0] ?? "");
  if (given.trim() === "") {
    throw new CliError(
      `no token: set CODER_SESSION_TOKEN, or give it on standard input; ${page} makes one`,
      EXIT.usage,
    );
  }
  return checkedToken(given);
}

/** What is typed is not shown. */
async function askUnseen(question: string): Promise<string> {
  process.stderr.write(question);
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const prompt = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  const left = new AbortController();
  prompt.once("SIGINT", () => left.abort());
  prompt.once("close", () => left.abort());
  try {
    return (await prompt.question("", { signal: left.signal })).trim();
  } catch {
    throw new CliError("no token was given", EXIT.interrupted);
  } finally {
    process.stderr.write("\n");
    prompt.close();
  }
}

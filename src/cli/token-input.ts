import { text } from "node:stream/consumers";
import { askOnTerminal } from "./ask.ts";
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

async function askUnseen(question: string): Promise<string> {
  const answer = await askOnTerminal(question, { unseen: true });
  if (answer === undefined) throw new CliError("no token was given", EXIT.interrupted);
  return answer;
}

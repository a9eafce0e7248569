import { type Left, parseLeft } from "../protocol/left.ts";
import { joined, plural } from "./text.ts";

/** `8 users and 8 workspaces`, in the reader's language; empty where there is nothing. */
export function leftWords({ users, workspaces, tokens }: Left): string {
  return joined([
    users > 0 ? plural(users, { one: "{0} user", other: "{0} users" }) : "",
    workspaces > 0 ? plural(workspaces, { one: "{0} workspace", other: "{0} workspaces" }) : "",
    tokens > 0 ? plural(tokens, { one: "{0} token", other: "{0} tokens" }) : "",
  ]);
}

/** The same of a run that may be of an older version, which knows their sum alone. */
export function countWords(count: number, left: Left | undefined): string {
  if (left) return leftWords(left);
  return plural(count, { one: "{0} user or workspace", other: "{0} users and workspaces" });
}

/** What the engine has written in English; undefined where it is something else. */
export function leftOfText(text: string): string | undefined {
  const left = parseLeft(text);
  return left && leftWords(left);
}

import { english, type Message, say, sayCount } from "../text/message.ts";
import type { Left } from "./left-schema.ts";

export type { Left, Untouched } from "./left-schema.ts";

export const NOTHING_LEFT: Left = { users: 0, workspaces: 0, tokens: 0 };

export function totalLeft({ users, workspaces, tokens }: Left): number {
  return users + workspaces + tokens;
}

/** `8 users and 8 workspaces`, `1 user`, `1 user, 2 workspaces and 3 tokens of other users`; `nothing` for none. */
export function sayLeft({ users, workspaces, tokens }: Left): Message {
  const parts = [
    ...(users > 0 ? [sayCount(users, { one: "{0} user", other: "{0} users" })] : []),
    ...(workspaces > 0 ? [sayCount(workspaces, { one: "{0} workspace", other: "{0} workspaces" })] : []),
    ...(tokens > 0
      ? [sayCount(tokens, { one: "{0} token of another user", other: "{0} tokens of other users" })]
      : []),
  ];
  const [first, second, third] = parts;
  if (!first) return say("nothing");
  if (!second) return first;
  return third ? say("{0}, {1} and {2}", first, second, third) : say("{0} and {1}", first, second);
}

/** The same in English. */
export function leftText(left: Left): string {
  return english(sayLeft(left));
}

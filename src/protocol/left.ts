import * as z from "zod";

/**
 * What a run has on the deployment, by kind: "16 users and workspaces" is no number of anything. Tokens are those of
 * other users: a user's own go with it.
 */
export const leftSchema = z.object({ users: z.number(), workspaces: z.number(), tokens: z.number() });
export type Left = z.infer<typeof leftSchema>;

/** What a run has not touched: of other runs, or its own subject, which it only used. */
export const untouchedSchema = z.object({
  users: z.number(),
  workspaces: z.number(),
  /** Ids of the runs that made it, as far as names tell; the first few. */
  runs: z.array(z.string()),
  /** The run has put its load on it. */
  used: z.boolean(),
});
export type Untouched = z.infer<typeof untouchedSchema>;

export const NOTHING_LEFT: Left = { users: 0, workspaces: 0, tokens: 0 };

export function totalLeft({ users, workspaces, tokens }: Left): number {
  return users + workspaces + tokens;
}

const NOUNS: Readonly<Record<keyof Left, { one: string; many: string }>> = {
  users: { one: "user", many: "users" },
  workspaces: { one: "workspace", many: "workspaces" },
  tokens: { one: "token of another user", many: "tokens of other users" },
};
const KINDS = ["users", "workspaces", "tokens"] as const;

/** `8 users and 8 workspaces`, `1 user`, `1 user, 2 workspaces and 3 tokens of other users`; `nothing` for none. */
export function leftText(left: Left): string {
  const parts = KINDS.filter((kind) => left[kind] > 0).map(
    (kind) => `${left[kind]} ${left[kind] === 1 ? NOUNS[kind].one : NOUNS[kind].many}`,
  );
  const last = parts.pop();
  if (last === undefined) return "nothing";
  return parts.length === 0 ? last : `${parts.join(", ")} and ${last}`;
}

/** Reads what `leftText` has written, so that it can be said in another language; undefined where it is none. */
export function parseLeft(text: string): Left | undefined {
  const left: Left = { ...NOTHING_LEFT };
  for (const part of text.split(/, | and /)) {
    const [, count, noun] = /^(\d+) ([a-z ]+)$/.exec(part) ?? [];
    const kind = KINDS.find((one) => noun === NOUNS[one].one || noun === NOUNS[one].many);
    if (!kind) return undefined;
    left[kind] = Number(count);
  }
  return left;
}

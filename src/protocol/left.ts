import * as z from "zod";

/** What a run has on the deployment, by kind: "16 users and workspaces" is no number of anything. */
export const leftSchema = z.object({ users: z.number(), workspaces: z.number(), tokens: z.number() });
export type Left = z.infer<typeof leftSchema>;

export const NOTHING_LEFT: Left = { users: 0, workspaces: 0, tokens: 0 };

export function totalLeft({ users, workspaces, tokens }: Left): number {
  return users + workspaces + tokens;
}

const KINDS = [
  ["users", "user"],
  ["workspaces", "workspace"],
  ["tokens", "token"],
] as const;

/** `8 users and 8 workspaces`, `1 user`, `1 user, 2 workspaces and 3 tokens`; `nothing` where there is none. */
export function leftText(left: Left): string {
  const parts = KINDS.filter(([kind]) => left[kind] > 0).map(
    ([kind, one]) => `${left[kind]} ${left[kind] === 1 ? one : kind}`,
  );
  const last = parts.pop();
  if (last === undefined) return "nothing";
  return parts.length === 0 ? last : `${parts.join(", ")} and ${last}`;
}

/** Reads what `leftText` has written, so that it can be said in another language; undefined where it is none. */
export function parseLeft(text: string): Left | undefined {
  const left: Left = { ...NOTHING_LEFT };
  for (const part of text.split(/, | and /)) {
    const [, count, noun] = /^(\d+) ([a-z]+)$/.exec(part) ?? [];
    const kind = KINDS.find(([many, one]) => noun === many || noun === one)?.[0];
    if (!kind) return undefined;
    left[kind] = Number(count);
  }
  return left;
}

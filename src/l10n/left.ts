import type { Left, Untouched } from "../protocol/left.ts";
import type { Outcome } from "../protocol/snapshot.ts";
import { listed, plural, t } from "./text.ts";

/** `3 workspaces, 3 users`: what a run has left; empty where that is nothing. */
export function leftText({ users, workspaces, tokens }: Left): string {
  return listed([
    workspaces > 0 ? plural(workspaces, { one: "{0} workspace", other: "{0} workspaces" }) : "",
    users > 0 ? plural(users, { one: "{0} user", other: "{0} users" }) : "",
    tokens > 0
      ? plural(tokens, { one: "{0} token of another user", other: "{0} tokens of other users" })
      : "",
  ]);
}

/** What an ended run says of the server: what is left of its own, and what it has not touched. */
export function outcomeLeftText(outcome: Outcome): string {
  if (outcome.kept > 0)
    // Users count, too.
    return plural(outcome.kept, {
      one: "{0} user or workspace kept on the server",
      other: "{0} users and workspaces kept on the server",
    });
  if (outcome.orphans === null) return t("the server could not be asked what is left on it");
  if (outcome.orphans > 0)
    return [leftBehind(outcome, outcome.orphans), untouchedText(outcome)].filter(Boolean).join("; ");
  if (outcome.verdict === "refused") return t("nothing was created");
  const { untouched } = outcome;
  if (!untouched) return t("nothing of this run is left on the server");
  if (!untouched.used && untouched.users + untouched.workspaces === 0)
    return t("nothing of any scale test is left on the server");
  return [removedText(outcome, untouched), untouchedText(outcome)].filter(Boolean).join("; ");
}

function leftBehind({ left }: Outcome, orphans: number): string {
  if (left) return t("{0} left behind on the server", leftText(left));
  return plural(orphans, {
    one: "{0} user or workspace left behind on the server",
    other: "{0} users and workspaces left behind on the server",
  });
}

/** Of traffic, which makes nothing but tokens, and of a clean-up of a part. */
function removedText({ removed }: Outcome, { used }: Untouched): string {
  if (used) return (removed?.tokens ?? 0) > 0 ? t("tokens revoked") : "";
  return removed ? t("{0} deleted", leftText({ ...removed, tokens: 0 })) : "";
}

function untouchedText({ untouched }: Outcome): string {
  if (!untouched) return "";
  const { users, workspaces, runs, used } = untouched;
  const what = leftText({ users, workspaces, tokens: 0 });
  if (what === "") return "";
  if (used) return t("{0} untouched", what);
  return runs.length > 0
    ? t("{0} of other scale tests remain ({1})", what, listed(runs))
    : t("{0} of other scale tests remain", what);
}

import { type Left, sayLeft, totalLeft, type Untouched } from "../protocol/left.ts";
import type { Outcome } from "../protocol/snapshot.ts";
import { listed, plural, t, wordsOf } from "./text.ts";

/** `8 users and 8 workspaces`, in the reader's language; empty where there is nothing. */
export function leftWords(left: Left): string {
  return totalLeft(left) > 0 ? wordsOf(sayLeft(left)) : "";
}

/** The same of a run that may be of an older version, which knows their sum alone. */
export function countWords(count: number, left: Left | undefined): string {
  if (left) return leftWords(left);
  return plural(count, { one: "{0} user or workspace", other: "{0} users and workspaces" });
}

/** What an ended run says of the server: what is left of its own, and what it has not touched. */
export function outcomeLeftText(outcome: Outcome): string {
  if (outcome.kept > 0) return t("{0} kept on the server", countWords(outcome.kept, outcome.left));
  if (outcome.orphans === null) return t("the server could not be asked what is left on it");
  if (outcome.orphans > 0)
    return [
      t("{0} left behind on the server", countWords(outcome.orphans, outcome.left)),
      untouchedText(outcome),
    ]
      .filter(Boolean)
      .join("; ");
  if (outcome.verdict === "refused") return t("nothing was created");
  const { untouched } = outcome;
  if (!untouched) return t("nothing of this run is left on the server");
  if (!untouched.used && untouched.users + untouched.workspaces === 0)
    return t("nothing of any scale test is left on the server");
  return [removedText(outcome, untouched), untouchedText(outcome)].filter(Boolean).join("; ");
}

/** Of traffic, which makes nothing but tokens, and of a clean-up of a part. */
function removedText({ removed }: Outcome, { used }: Untouched): string {
  if (used) return (removed?.tokens ?? 0) > 0 ? t("tokens revoked") : "";
  return removed ? t("{0} deleted", leftWords({ ...removed, tokens: 0 })) : "";
}

function untouchedText({ untouched }: Outcome): string {
  if (!untouched) return "";
  const { users, workspaces, runs, used } = untouched;
  const what = leftWords({ users, workspaces, tokens: 0 });
  if (what === "") return "";
  if (used) return t("{0} untouched", what);
  return runs.length > 0
    ? t("{0} of other scale tests remain ({1})", what, listed(runs))
    : t("{0} of other scale tests remain", what);
}

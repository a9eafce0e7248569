import { isSameOrigin } from "../../coder/origin.ts";
import { t } from "../../l10n/text.ts";
import { formatDuration, parseDuration } from "../../protocol/duration.ts";
import { hostOf } from "../model/deployments/origin.ts";
import { type Answer, BACK, type Step } from "../ui/inputs.ts";
import { type AskParts, chosen, type RunDraft } from "./draft.ts";
import { deploymentChoice } from "./pick-deployment.ts";

/** Steps that several commands have in common. */

/** Puts an answer into the draft by `take`, or says which way to go on without one. */
export function taken<T>(answer: Answer<T>, take: (value: T) => void): "next" | "back" | "cancel" {
  if (answer === undefined) return "cancel";
  if (answer === BACK) return "back";
  take(answer);
  return "next";
}

/** Asks for the deployment where several are signed in to and none is named. */
export function deploymentStep<D extends RunDraft>(
  parts: Pick<AskParts, "inputs" | "deployments" | "hasToken" | "isStaging">,
  url: string | undefined,
): Step<D> {
  return async (draft, place) => {
    const known = parts.deployments();
    const named = known.find((deployment) => url !== undefined && isSameOrigin(deployment.url, url));
    const only = known.length === 1 ? known[0] : undefined;
    if (url && !named) throw new Error(t("You're not signed in to {0}", url));
    if (named ?? only) {
      draft.deployment = named ?? only;
      return "skip";
    }
    const answer = await parts.inputs.choose({
      ...place,
      placeholder: t("Select a deployment to test"),
      choices: Promise.all(
        known.map(async (deployment) =>
          deploymentChoice(deployment, {
            hasToken: (await parts.hasToken?.(deployment)) ?? true,
            isStaging: await parts.isStaging(deployment),
          }),
        ),
      ),
      active: (deployment) => deployment.url === draft.deployment?.url,
    });
    return taken(answer, (deployment) => {
      draft.deployment = deployment;
    });
  };
}

/** Whoever loads a deployment that is not known to be for tests has to type its name. */
export function namingStep<D extends RunDraft>(parts: Pick<AskParts, "inputs" | "isStaging">): Step<D> {
  return async (draft, place) => {
    const deployment = chosen(draft.deployment);
    if (draft.saved || deployment.sandbox || (await parts.isStaging(deployment))) return "skip";
    const host = hostOf(deployment.url);
    const answer = await parts.inputs.ask({
      ...place,
      prompt: t("{0} is treated as production. Type its host name to run load against it.", host),
      placeholder: host,
      validate: (value) => (value.trim() === host ? undefined : t("Type {0}", host)),
    });
    return taken(answer, (typed) => {
      draft.acknowledgedHost = typed.trim();
    });
  };
}

/** undefined where it is one, else what is wrong. */
export function wholeNumberProblem(text: string, least: number): string | undefined {
  const value = Number(text.trim());
  if (!/^\d+$/.test(text.trim()) || !Number.isSafeInteger(value)) return t("A whole number");
  return value < least ? t("{0} or more", least) : undefined;
}

/** undefined where it is a duration of at least `leastMs`, else what is wrong. */
export function durationProblem(text: string, leastMs: number): string | undefined {
  const ms = parseDuration(text);
  if (ms === undefined) return t("A duration such as 30s, 5m or 1h30m");
  return ms < leastMs ? t("{0} or longer", roundDuration(leastMs)) : undefined;
}

/** As people write it: `10m` and not `10m0s`. */
export function roundDuration(ms: number): string {
  if (ms === 0) return "0";
  return formatDuration(ms)
    .replace(/(?<=m)0s$/, "")
    .replace(/(?<=h)0m$/, "");
}

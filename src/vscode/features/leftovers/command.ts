import type { Leftover } from "../../../app/clean-up/leftovers.ts";
import { cleanUpOf, recoveryOf } from "../../../app/clean-up/runs.ts";
import { leftWords } from "../../../l10n/left.ts";
import { t } from "../../../l10n/text.ts";
import type { Left } from "../../../protocol/left.ts";
import type { Target } from "../../../protocol/target.ts";
import { deploymentChoice } from "../../ask/pick-deployment.ts";
import type { CleanUpRequest } from "../../ids.ts";
import { hostOf } from "../../model/deployments/origin.ts";
import type { KnownDeployment } from "../../model/deployments/store.ts";
import type { NewRun } from "../../model/runs/run-list.ts";
import { BACK, type Inputs } from "../../ui/inputs.ts";
import { amount, type CleanupScope, leftoverChoices } from "./model.ts";

export interface CleanupParts {
  inputs: Inputs;
  deployments(): KnownDeployment[];
  target(url: string): Promise<Target>;
  leftovers(target: Target, run: string | undefined): Promise<Leftover[]>;
  /** Titles of known runs by their id. */
  titles(): Promise<ReadonlyMap<string, string>>;
  /** A modal question; false where the person declines. */
  confirm(question: string, detail: string, action: string): Promise<boolean>;
  say(text: string): void;
}

const title = () => t("Scale Test: Clean Up");

/** Lists what scale tests left, asks, and resolves with the run that deletes it; undefined: nothing to do. */
export async function askForCleanup(
  parts: CleanupParts,
  request: CleanUpRequest,
): Promise<NewRun | undefined> {
  const url = await chooseDeployment(parts, request.url);
  if (!url) return undefined;
  const target = await parts.target(url);
  const leftovers = await parts.leftovers(target, request.runId);
  if (leftovers.length === 0) {
    parts.say(t("Nothing to clean up on {0}.", hostOf(url)));
    return undefined;
  }
  const scope = request.runId ? { run: request.runId } : await chooseScope(parts, leftovers);
  if (!scope) return undefined;
  const chosen = "run" in scope ? await parts.leftovers(target, scope.run) : leftovers;
  if (chosen.length === 0) {
    parts.say(t("Nothing to clean up on {0}.", hostOf(url)));
    return undefined;
  }
  const whose =
    "run" in scope
      ? t("Everything of run {0}. This can't be undone.", scope.run)
      : t("Everything of all scale tests, other people's too. This can't be undone.");
  const question = t("Delete {0} from {1}?", amount(chosen), hostOf(url));
  if (!(await parts.confirm(question, whose, t("Delete")))) return undefined;
  return cleanUpOf(chosen, {
    title: "run" in scope ? t("clean up run {0}", scope.run) : t("clean up {0}", hostOf(url)),
    config: "run" in scope ? { run: scope.run } : {},
    target,
  });
}

/** Where ticked leftovers are shown and read. */
export interface LeftoversTree {
  show(url: string, leftovers: readonly Leftover[], titles: ReadonlyMap<string, string>): void;
  ticked(): { url: string; leftovers: Leftover[] } | undefined;
}

/** Asks a deployment what scale tests left, and shows it with a box to tick at each. */
export async function findLeftoversForTree(
  parts: CleanupParts,
  tree: LeftoversTree,
  url: string | undefined,
): Promise<void> {
  const chosen = await chooseDeployment(parts, url);
  if (!chosen) return;
  const leftovers = await parts.leftovers(await parts.target(chosen), undefined);
  tree.show(chosen, leftovers, await parts.titles());
}

/** Asks once more, and resolves with the run that deletes what is ticked; undefined: nothing to do. */
export async function askForTicked(parts: CleanupParts, tree: LeftoversTree): Promise<NewRun | undefined> {
  const ticked = tree.ticked();
  if (!ticked || ticked.leftovers.length === 0) {
    parts.say(t("Select the leftovers to delete first."));
    return undefined;
  }
  const { url, leftovers } = ticked;
  const question = t("Delete {0} from {1}?", amount(leftovers), hostOf(url));
  if (!(await parts.confirm(question, t("This can't be undone."), t("Delete")))) return undefined;
  return cleanUpOf(leftovers, {
    title: t("clean up {0}", amount(leftovers)),
    config: { owners: leftovers.map(({ owner }) => owner) },
    target: await parts.target(url),
  });
}

/** What is needed of a run that is over. */
export interface EndedRun {
  id: string;
  folder: string;
  file: { deployment: { url: string } };
}

/** Asks whether what a run left is to be deleted, and resolves with the run that does it, by its journal. */
export async function askForRecovery(
  parts: Pick<CleanupParts, "target" | "confirm">,
  run: EndedRun,
  left: Left,
): Promise<NewRun | undefined> {
  const { url } = run.file.deployment;
  const question = t("Delete {0} of run {1} from {2}?", leftWords(left), run.id, hostOf(url));
  if (
    !(await parts.confirm(
      question,
      t("Everything that the run's journal names. This can't be undone."),
      t("Delete"),
    ))
  )
    return undefined;
  return recovery(parts, run, false);
}

/** The same where the destroy of workspaces has failed: they go, and what they stand for stays. */
export async function askForOrphaning(
  parts: Pick<CleanupParts, "target" | "confirm">,
  run: EndedRun,
  left: Left,
): Promise<NewRun | undefined> {
  const host = hostOf(run.file.deployment.url);
  const question = t("Delete {0} from {1}, even where their destroy fails?", leftWords(left), host);
  const detail = t(
    "What cannot be destroyed stays where it is, unknown to the deployment, and has to be removed by hand. This can't be undone.",
  );
  if (!(await parts.confirm(question, detail, t("Delete Without Destroying")))) return undefined;
  return recovery(parts, run, true);
}

async function recovery(
  parts: Pick<CleanupParts, "target">,
  run: EndedRun,
  orphan: boolean,
): Promise<NewRun> {
  return recoveryOf(run, {
    title: t("clean up after run {0}", run.id),
    target: await parts.target(run.file.deployment.url),
    orphan,
  });
}

async function chooseDeployment(parts: CleanupParts, url: string | undefined): Promise<string | undefined> {
  const known = parts.deployments();
  if (url) return url;
  if (known.length === 0) throw new Error(t("Sign in to a deployment first"));
  if (known.length === 1) return known[0]?.url;
  const answer = await parts.inputs.choose({
    title: title(),
    back: false,
    placeholder: t("Select a deployment to clean up"),
    choices: known.map((deployment) => deploymentChoice(deployment)),
  });
  return answer === BACK ? undefined : answer?.url;
}

async function chooseScope(
  parts: CleanupParts,
  leftovers: readonly Leftover[],
): Promise<CleanupScope | undefined> {
  const answer = await parts.inputs.choose({
    title: title(),
    back: false,
    placeholder: t("Select what to delete"),
    choices: leftoverChoices(leftovers, await parts.titles()),
  });
  return answer === BACK ? undefined : answer;
}

/** Longer than this, nobody waits for a list. */
const PATIENCE_MS = 60_000;

/** Asks the deployment what is there. */
export async function findLeftoversOf(target: Target, run: string | undefined): Promise<Leftover[]> {
  const { findLeft } = await import("../../../app/clean-up/find.ts");
  return findLeft(target, { run }, { signal: AbortSignal.timeout(PATIENCE_MS) });
}

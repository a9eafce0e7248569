import type { FoundBaseline } from "../../../app/compare/baseline.ts";
import { meantFor, meantForOther, programSteps, removingSteps } from "../../../app/scenario/allowed.ts";
import { scenarioRun } from "../../../app/scenario/run.ts";
import { titleOf } from "../../../app/scenario/title.ts";
import type { TestOf } from "../../../compare/same-test.ts";
import { t, wordsOf } from "../../../l10n/text.ts";
import type { BaselineRequest } from "../../../protocol/baseline.ts";
import type { ServerMetrics } from "../../../protocol/server-source.ts";
import type { Target } from "../../../protocol/target.ts";
import type { Scenario } from "../../../scenario/model.ts";
import { type AskParts, chosen, guardOf, type RunDraft } from "../../ask/draft.ts";
import { deploymentStep, namingStep } from "../../ask/steps.ts";
import type { SignInRequest } from "../../ids.ts";
import { hostOf } from "../../model/deployments/origin.ts";
import type { KnownDeployment } from "../../model/deployments/store.ts";
import type { NewRun } from "../../model/runs/run-list.ts";
import { runSteps } from "../../ui/inputs.ts";
import { Consents, programHashes } from "./consent.ts";

/** What is asked before a scenario is run needs this of the world. */
export interface ScenarioAskParts
  extends Pick<
    AskParts,
    "inputs" | "memory" | "deployments" | "hasToken" | "isStaging" | "limits" | "metricsAsked" | "target"
  > {
  /** undefined where the person left. */
  signIn(request: SignInRequest): Promise<KnownDeployment | undefined>;
  /** Offers a deployment to a person who is signed in nowhere. False where the person left. */
  offerDeployment(title: string): Promise<boolean>;
  /** Whether the person trusts the folder that is open. */
  isTrusted(): boolean;
  /** The earlier run that one is compared with. Rejects with one sentence where it cannot be had or was another test. */
  baseline(compared: Compared, test: TestOf): Promise<FoundBaseline>;
  /** Where the run reads the deployment's own figures, as its file says it. Rejects with one sentence. */
  serverMetrics(byFile: readonly string[], target: Target): Promise<ServerMetrics | undefined>;
  /** What a person should know, and need not answer. */
  tell(remark: string): void;
  /** A modal question; false where the person declines. */
  confirm(question: string, detail: string, action: string): Promise<boolean>;
}

/** What a scenario is to be compared with, as its file has it. */
export interface Compared {
  asked: string;
  /** The file's URI. */
  file: string;
}

/** A scenario without errors, and the file that it is of. */
export interface ScenarioToRun {
  /** Its URI. */
  uri: string;
  /** Its path, for people. */
  file: string;
  scenario: Scenario;
}

const LAST = "scaletest.lastScenarioDeployment";

/**
 * Asks what a file cannot decide by itself: which deployment, and whether its steps may delete and run programs. Resolves
 * with the run to start; undefined where the person left. Rejects with one sentence where it may not be run.
 */
export async function askForScenario(
  parts: ScenarioAskParts,
  { uri, file, scenario }: ScenarioToRun,
): Promise<NewRun | undefined> {
  const programs = programSteps(scenario);
  if (programs.length > 0 && !parts.isTrusted())
    throw new Error(t("The scenario runs programs on this machine: trust the folder first, if you do"));
  const deployment = await askForDeployment(parts, scenario);
  if (!deployment) return undefined;
  const draft: RunDraft = { deployment, acknowledgedHost: undefined, confirmed: false };
  const title = titleOf(file, scenario);
  if (!(await runSteps(title, draft, () => [namingStep<RunDraft>(parts)]))) return undefined;
  if (!(await mayRemove(parts, scenario, hostOf(deployment.url)))) return undefined;
  if (programs.length > 0 && !(await mayRunPrograms(parts, { uri, file, scenario }))) return undefined;
  const run = scenarioRun(file, scenario, {
    target: await parts.target(deployment.url),
    guard: await guardOf(parts, draft),
    allowRun: programs.length > 0,
  });
  const serverMetrics = await parts.serverMetrics(scenario.serverMetrics, run.target);
  return { ...run, serverMetrics, baseline: await baselineOf(parts, { uri, scenario }, run) };
}

/** A path in the file counts from the file's folder. */
async function baselineOf(
  { baseline, tell }: Pick<ScenarioAskParts, "baseline" | "tell">,
  { uri, scenario }: Pick<ScenarioToRun, "uri" | "scenario">,
  { target, steps }: NewRun,
): Promise<BaselineRequest | undefined> {
  if (scenario.baseline === undefined) return undefined;
  const found = await baseline({ asked: scenario.baseline, file: uri }, { url: target.url, steps });
  if (found.remark) tell(wordsOf(found.remark));
  return found.baseline;
}

const title = () => t("Scale Test: Run Scenario");

/** What a file names, or nothing; undefined where the person left. A session goes to nobody but its own deployment: one that the file names needs its own sign-in. */
async function addressFor(
  parts: ScenarioAskParts,
  scenario: Scenario,
): Promise<{ named: string | undefined } | undefined> {
  const wanted = meantFor(scenario);
  if (wanted === undefined) {
    const isKnown = parts.deployments().length > 0 || (await parts.offerDeployment(title()));
    return isKnown ? { named: undefined } : undefined;
  }
  const known = parts.deployments().find(({ url }) => new URL(url).origin === wanted);
  if (known) return { named: known.url };
  const question = t("The scenario is meant for {0}, where nobody is signed in", wanted);
  const detail = t("It is run there by a sign-in of its own: no other session is sent to it.");
  if (!(await parts.confirm(question, detail, t("Sign In…")))) return undefined;
  const signedIn = await parts.signIn({ url: wanted });
  return signedIn && { named: signedIn.url };
}

/**
 * The deployment that a person means, where the file names none; undefined where they left. Rejects where it is another
 * than the file is meant for.
 */
export async function askForDeployment(
  parts: ScenarioAskParts,
  scenario: Scenario,
): Promise<KnownDeployment | undefined> {
  const address = await addressFor(parts, scenario);
  if (!address) return undefined;
  const last = parts.memory.get<string>(LAST);
  const draft: RunDraft = {
    deployment: parts.deployments().find(({ url }) => url === last),
    acknowledgedHost: undefined,
    confirmed: false,
  };
  if (!(await runSteps(title(), draft, () => [deploymentStep<RunDraft>(parts, address.named)])))
    return undefined;
  const deployment = chosen(draft.deployment);
  await parts.memory.update(LAST, deployment.url);
  const { origin } = new URL(deployment.url);
  const other = meantForOther(scenario, origin);
  if (other !== undefined) throw new Error(t("The scenario is meant for {0}, not for {1}", other, origin));
  return deployment;
}

/** What others have left is theirs: it is asked for each time. */
async function mayRemove(
  { confirm }: Pick<ScenarioAskParts, "confirm">,
  scenario: Scenario,
  host: string,
): Promise<boolean> {
  const names = removingSteps(scenario).map(({ name }) => name);
  if (names.length === 0) return true;
  const question = t("Delete what scale tests have left on {0}?", host);
  const detail = t(
    "Step {0} of the scenario deletes it, other people's too. This can't be undone.",
    names.join(", "),
  );
  return confirm(question, detail, t("Run and Delete"));
}

/** A program that was allowed once is not asked for again as long as nothing of it changes. */
async function mayRunPrograms(
  { confirm, memory }: Pick<ScenarioAskParts, "confirm" | "memory">,
  { uri, file, scenario }: ScenarioToRun,
): Promise<boolean> {
  const consents = new Consents(memory);
  const hashes = programHashes(uri, scenario);
  if (consents.has(hashes)) return true;
  const lines = programSteps(scenario).map(({ step, program }) => `${step.name}: ${program}`);
  const question = t("Let {0} run programs on this machine?", file);
  const detail = [t("As you, with your rights. Allow it where you trust the file."), ...lines].join("\n");
  if (!(await confirm(question, detail, t("Allow and Run")))) return false;
  await consents.add(hashes);
  return true;
}

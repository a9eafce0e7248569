import { isFailure } from "../../coder/errors.ts";
import type { Workload } from "../../contract/workload.ts";
import { oneStep } from "../../protocol/step-request.ts";
import type { WritableRun } from "../../scenario/write.ts";
import type { KnownDeployment } from "../model/deployments/store.ts";
import type { NewRun } from "../model/runs/run-list.ts";
import { runSteps, type Step } from "../ui/inputs.ts";
import { checkConfig } from "./check-config.ts";
import { type AskParts, chosen, guardOf, type RunDraft } from "./draft.ts";

/** A kind of run, as it is asked for. */
export interface Asking<D extends RunDraft> {
  workload: Workload;
  /** Of the input. */
  title: string;
  draft: D;
  /** Asked for anew after each step: an answer may bring questions of its own. */
  steps(): Step<D>[];
  /** Where a deployment's answers are kept for the next time. */
  lastKey(url: string): string;
  /** What is kept. */
  answers(): object;
  /** What the answers come to. */
  runTitle(): string;
  config(): Record<string, unknown>;
  /** The same by names that people know, for a file; absent: as it is. */
  fileConfig?(): Record<string, unknown>;
  /** Of maps in it, the names whose values no file may hold. */
  withheld?(): Record<string, readonly string[]>;
}

/** Goes through the steps. Resolves with the run to start, or undefined where the person left. */
export async function askThrough<D extends RunDraft>(
  parts: AskParts,
  asking: Asking<D>,
): Promise<NewRun | undefined> {
  const { draft, workload } = asking;
  const done = await runSteps(asking.title, draft, () => asking.steps());
  if (!done || !draft.confirmed) return undefined;
  const { url } = chosen(draft.deployment);
  const config = checkConfig(workload, asking.config());
  await parts.memory.update(asking.lastKey(url), asking.answers());
  if (draft.saved) {
    const named = asking.fileConfig && checkConfig(workload, asking.fileConfig());
    await parts.saveScenario(scenarioOf(asking, named ?? config));
    return undefined;
  }
  return {
    title: asking.runTitle(),
    steps: oneStep(workload.name, config),
    target: await parts.target(url),
    guard: await guardOf(parts, draft),
  };
}

/** A sandbox is there for the moment: no file is meant for it. */
function scenarioOf<D extends RunDraft>(
  { workload: { name }, draft, runTitle, withheld }: Asking<D>,
  config: Record<string, unknown>,
): WritableRun {
  const { url, sandbox } = chosen(draft.deployment);
  const steps = oneStep(name, config).map((step) => ({ ...step, withheld: withheld?.() }));
  return { name: runTitle(), steps, deployment: sandbox ? undefined : url };
}

/** What a run is held to by the settings; a request with thresholds of its own is held to those alone. */
export async function heldTo(
  parts: Pick<AskParts, "thresholds">,
  workload: string,
  config: Record<string, unknown> | undefined,
): Promise<readonly string[]> {
  return config?.thresholds === undefined ? parts.thresholds(workload) : [];
}

/** What the settings add to a run's configuration. */
export function settingsOf(
  parts: Pick<AskParts, "coderCli">,
  thresholds: readonly string[],
): Record<string, unknown> {
  const coderCli = parts.coderCli();
  return { ...(coderCli ? { coderCli } : {}), ...(thresholds.length > 0 ? { thresholds } : {}) };
}

/**
 * Does what needs a deployment's session. Where the deployment does not accept it any more, the person signs in again
 * and it is done once more, by `again`: a session that has ended in the middle of the steps does not end them.
 */
export async function signedIn<T>(
  parts: Pick<AskParts, "signInAgain">,
  url: string,
  work: () => Promise<T>,
  again: () => void,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isFailure(error, "unauthorized") || !(await parts.signInAgain?.(url))) throw error;
    again();
    return work();
  }
}

/** Asked of each deployment once: going back and forth costs it nothing. What has failed is asked for again. */
export class AskedOnce<T> {
  readonly #ask: (deployment: KnownDeployment) => Promise<T>;
  readonly #answers = new Map<string, Promise<T>>();

  constructor(ask: (deployment: KnownDeployment) => Promise<T>) {
    this.#ask = ask;
  }

  of(deployment: KnownDeployment): Promise<T> {
    const answer = this.#answers.get(deployment.url) ?? this.#ask(deployment);
    this.#answers.set(deployment.url, answer);
    answer.catch(() => this.forget(deployment));
    return answer;
  }

  forget({ url }: KnownDeployment): void {
    this.#answers.delete(url);
  }
}

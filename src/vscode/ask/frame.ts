import type { KnownDeployment } from "../deployments/store.ts";
import type { NewRun } from "../runs/run-list.ts";
import { runSteps, type Step } from "../ui/inputs.ts";
import { type AskParts, chosen, guardOf, type RunDraft } from "./draft.ts";

/** A kind of run, as it is asked for. */
export interface Asking<D extends RunDraft> {
  workload: "create-workspaces" | "workspace-traffic";
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
  await parts.memory.update(asking.lastKey(url), asking.answers());
  return {
    workload,
    title: asking.runTitle(),
    config: asking.config(),
    target: await parts.target(url),
    guard: await guardOf(parts, draft),
  };
}

/** What a run is held to by the settings; a request with thresholds of its own is held to those alone. */
export async function heldTo(
  parts: Pick<AskParts, "thresholds">,
  workload: Asking<RunDraft>["workload"],
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

/** Asked of each deployment once: going back and forth costs it nothing. */
export class AskedOnce<T> {
  readonly #ask: (deployment: KnownDeployment) => Promise<T>;
  readonly #answers = new Map<string, Promise<T>>();

  constructor(ask: (deployment: KnownDeployment) => Promise<T>) {
    this.#ask = ask;
  }

  of(deployment: KnownDeployment): Promise<T> {
    const answer = this.#answers.get(deployment.url) ?? this.#ask(deployment);
    this.#answers.set(deployment.url, answer);
    return answer;
  }

  /** Does this with every answer there is; those that failed are left out. */
  each(act: (answer: T) => Promise<void>): void {
    for (const answer of this.#answers.values()) void answer.then(act).catch(() => undefined);
  }
}

import type { Limits } from "../../../protocol/guard.ts";
import type { Problem } from "../../../scenario/problem.ts";
import type { ReadScenario } from "../../../scenario/read.ts";
import { type Log, messageOf } from "../../host.ts";
import { addressOf, hostOf } from "../../model/deployments/origin.ts";
import type { Session } from "../../model/deployments/session.ts";
import type { DeploymentWords } from "./help/complete.ts";
import { RememberedAnswers } from "./remembered-answers.ts";

export interface DeploymentsParts {
  session: Pick<Session, "store" | "known">;
  limits(): Limits;
  log: Log;
}

/** What is known of the deployment that a scenario would be run on: the one that it names, else that of the last sign-in. */
export class ScenarioDeployments {
  readonly #parts: DeploymentsParts;
  readonly #answers: RememberedAnswers;

  constructor(parts: DeploymentsParts) {
    this.#parts = parts;
    const { session, log } = parts;
    this.#answers = new RememberedAnswers(
      async (url, ask) => {
        const token = await session.store.token(url);
        if (token === undefined) throw new Error(`not signed in to ${hostOf(url)}`);
        const { askDeployment } = await import("../../../app/scenario/ask-deployment.ts");
        return askDeployment(await session.known(url, token), ask);
      },
      (error) => log.info(`a scenario is not held against its deployment: ${messageOf(error)}`),
    );
  }

  /** Somebody has signed in or out. */
  forget(): void {
    this.#answers.forget();
  }

  async problems(read: ReadScenario, { mayAsk }: { mayAsk: boolean }): Promise<readonly Problem[]> {
    const url = await this.#meant(read);
    if (url === undefined) return [];
    const { problemsOnDeployment } = await import("../../../app/scenario/on-deployment.ts");
    const answers = this.#answers.of(url, mayAsk);
    return problemsOnDeployment(read, { host: hostOf(url), limits: this.#parts.limits(), answers });
  }

  /** Names for completion. */
  async words(read: ReadScenario, { mayAsk }: { mayAsk: boolean }): Promise<DeploymentWords> {
    const url = await this.#meant(read);
    const none = { templates: [], parameters: [] };
    if (url === undefined) return none;
    const answers = this.#answers.of(url, mayAsk);
    const templates = (await answers.templates()) ?? [];
    const config = read.scenario.steps
      .map((step) => step.config)
      .find(({ template }) => template !== undefined);
    const template = templates.find(({ name }) => name === config?.template);
    const form = template && (await answers.form(template, {}));
    return {
      templates: [...new Set(templates.map(({ name }) => name))],
      parameters: (form?.parameters ?? []).map((one) => ({
        name: one.name,
        detail: one.description_plaintext || one.display_name || one.type,
      })),
    };
  }

  /** Its address, where somebody is signed in to it. */
  async #meant({ scenario }: ReadScenario): Promise<string | undefined> {
    const { store } = this.#parts.session;
    const named = scenario.deployment && addressOf(scenario.deployment.url);
    if (scenario.deployment && !named) return undefined;
    const url = (named ? store.find(named.origin) : store.list()[0])?.url;
    return url !== undefined && (await store.token(url)) !== undefined ? url : undefined;
  }
}

import type { DeploymentAnswers } from "../../../app/scenario/ask-deployment.ts";
import type { KnownAnswers } from "../../../app/scenario/on-deployment.ts";
import type { TemplateForm } from "../../../coder/dynamic-parameters.ts";

const FRESH_MS = 60_000;

/** Asks one thing of the deployment at this address. */
export type AskOne = <T>(url: string, ask: (answers: DeploymentAnswers) => Promise<T>) => Promise<T>;

interface Remembered {
  at: number;
  /** undefined: there was none. */
  answer: Promise<unknown>;
}

/** What deployments have answered within the last minute; a failure is remembered as long. */
export class RememberedAnswers {
  readonly #ask: AskOne;
  readonly #failed: (error: unknown) => void;
  readonly #now: () => number;
  readonly #known = new Map<string, Remembered>();

  constructor(ask: AskOne, failed: (error: unknown) => void, now: () => number = Date.now) {
    this.#ask = ask;
    this.#failed = failed;
    this.#now = now;
  }

  forget(): void {
    this.#known.clear();
  }

  /** With `mayAsk: false`, only what is known already, also where it is older. */
  of(url: string, mayAsk: boolean): KnownAnswers {
    const get = <T>(key: string, ask: (answers: DeploymentAnswers) => Promise<T>) =>
      this.#get(JSON.stringify([url, key]), mayAsk, () => this.#ask(url, ask));
    return {
      templates: () => get("templates", (answers) => answers.templates()),
      presets: (template) =>
        get(`presets ${template.active_version_id}`, (answers) => answers.presets(template)),
      form: async (template, values) => {
        const key = `form ${template.active_version_id}`;
        const fixed = JSON.stringify([url, key]);
        // Where parameters do not depend on values, one form is for all of them.
        if (this.#isFresh(fixed)) return (await this.#known.get(fixed)?.answer) as TemplateForm | undefined;
        const form = await get(`${key} ${JSON.stringify(values)}`, (answers) =>
          answers.form(template, values),
        );
        if (form && !form.isDynamic && mayAsk)
          this.#known.set(fixed, { at: this.#now(), answer: Promise.resolve(form) });
        return form;
      },
      workspaces: (which) =>
        get(`workspaces ${which.template?.id ?? ""} ${which.run ?? ""} ${which.pool ?? ""}`, (answers) =>
          answers.workspaces(which),
        ),
    };
  }

  #isFresh(key: string): boolean {
    const known = this.#known.get(key);
    return known !== undefined && this.#now() - known.at < FRESH_MS;
  }

  async #get<T>(key: string, mayAsk: boolean, ask: () => Promise<T>): Promise<T | undefined> {
    if (mayAsk && !this.#isFresh(key)) {
      const answer = ask().catch((error: unknown) => {
        this.#failed(error);
        return undefined;
      });
      this.#known.set(key, { at: this.#now(), answer });
    }
    return (await this.#known.get(key)?.answer) as T | undefined;
  }
}

import { resolveParameters } from "../../coder/parameters.ts";
import { choosePreset } from "../../coder/presets.ts";
import type { Template } from "../../coder/schemas.ts";
import { withoutSecrets } from "../../coder/secret-parameters.ts";
import type { Limits } from "../../protocol/guard.ts";
import { stricter } from "../../protocol/guard.ts";
import { profileField } from "../../scenario/kinds.ts";
import { aboveCeilings, rangeOf as rangeOfStep, workspacesOf } from "../../scenario/load.ts";
import type { Step } from "../../scenario/model.ts";
import { placeIn } from "../../scenario/places.ts";
import { type Problem, sorted } from "../../scenario/problem.ts";
import type { ReadScenario } from "../../scenario/read.ts";
import type { Place } from "../../scenario/source.ts";
import { type Message, say } from "../../text/message.ts";
import { orNearest } from "../../text/nearest.ts";
import { isNamed, matchTemplate } from "../../workloads/preflight/find-template.ts";
import type { DeploymentAnswers } from "./ask-deployment.ts";

/** The same questions, each answered with undefined where the answer is not known. */
export type KnownAnswers = {
  [K in keyof DeploymentAnswers]: (
    ...asked: Parameters<DeploymentAnswers[K]>
  ) => Promise<Awaited<ReturnType<DeploymentAnswers[K]>> | undefined>;
};

/** Where a scenario would be run. */
export interface Where {
  host: string;
  /** Ceilings of the person who runs it; those of the file hold, too. */
  limits: Limits;
  answers: KnownAnswers;
}

const MOST_NAMES = 10;

/** What keeps a scenario from being run on this very deployment, as far as is known: by place. */
export async function problemsOnDeployment(read: ReadScenario, where: Where): Promise<Problem[]> {
  const check = new Check(read, where);
  for (const step of read.scenario.steps) await check.step(step);
  await check.load();
  // What the file says by itself has been told.
  const told = new Set(read.problems.map((one) => JSON.stringify(one)));
  return sorted(check.problems).filter((one) => !told.has(JSON.stringify(one)));
}

class Check {
  readonly problems: Problem[] = [];
  readonly #read: ReadScenario;
  readonly #where: Where;
  readonly #severity: Problem["severity"];

  constructor(read: ReadScenario, where: Where) {
    this.#read = read;
    this.#where = where;
    // A file that names no deployment may be meant for another one.
    this.#severity = read.scenario.deployment ? "error" : "warning";
  }

  async step(step: Step): Promise<void> {
    const wanted = step.config.template;
    const template = typeof wanted === "string" ? await this.#template(step, wanted) : undefined;
    if (template === null) return;
    if (template && "parameters" in step.workload.fields) await this.#parameters(step, template);
    await this.#workspaces(step, template);
  }

  /** null: there is none, and a problem says so. */
  async #template(step: Step, wanted: string): Promise<Template | null | undefined> {
    const all = await this.#where.answers.templates();
    if (!all) return undefined;
    const { org } = step.config;
    const among = all.filter(
      ({ organization_id: id, organization_name: name }) =>
        typeof org !== "string" || isNamed({ id, name }, org),
    );
    const match = matchTemplate(among, wanted);
    if (match.kind === "found") return match.template;
    const place = step.places.fields.template ?? this.#read.scenario.places.template ?? step.places.kind;
    const { host } = this.#where;
    if (match.kind === "none") {
      const names = [...new Set(among.map(({ name }) => name))].sort();
      const said = say('{0} has no template "{1}"', host, wanted);
      this.#tell(place, names.length > 0 ? orNearest(said, wanted, names.slice(0, MOST_NAMES)) : said);
    } else
      this.#tell(
        place,
        say(
          'several organizations of {0} have a template "{1}"; say which with org: {2}',
          host,
          wanted,
          match.templates.map((one) => one.organization_name || one.organization_id).join(", "),
        ),
      );
    return null;
  }

  async #parameters(step: Step, template: Template): Promise<void> {
    const { answers } = this.#where;
    const given = valuesOf(step.config.parameters);
    const presets = await answers.presets(template);
    if (!presets) return;
    const choice = choosePreset(presets, textOf(step.config.preset));
    if ("problem" in choice) {
      this.#tell(step.places.fields.preset ?? step.places.kind, choice.problem);
      return;
    }
    const filled = { ...given, ...choice.preset?.values };
    const form = await answers.form(template, filled);
    if (!form) return;
    const { problems } = resolveParameters(form.parameters, filled, form.isDynamic);
    const named = new Set(problems.map(({ name }) => name));
    for (const { name, message } of [...problems, ...form.problems.filter((one) => !named.has(one.name))])
      this.#tell(this.#placeOf(step, name), withoutSecrets(message, form.parameters, filled));
  }

  /** Place of a parameter, else of the template. */
  #placeOf({ places }: Step, parameter: string): Place {
    const { scenario } = this.#read;
    return (
      placeIn(places.fields.parameters, parameter) ??
      placeIn(scenario.places.parameters, parameter) ??
      places.fields.template ??
      scenario.places.template ??
      places.kind
    );
  }

  /** Of a step that uses workspaces which others have made, before the run. */
  async #workspaces(step: Step, template: Template | undefined): Promise<void> {
    const { scenario } = this.#read;
    const share = profileField(step.workload, "share");
    if (!share || !step.checked || workspacesOf(scenario.steps) > 0) return;
    const there = await this.#where.answers.workspaces({
      template,
      run: textOf(step.config.run),
      pool: textOf(step.config.pool),
    });
    if (there === undefined) return;
    const place = step.places.share ?? step.places.fields[share.key] ?? step.places.kind;
    const { host } = this.#where;
    const range = rangeOfStep(step);
    if (there === 0)
      this.#tell(
        place,
        say(
          '"{0}" finds no workspace of a scale test on {1}; let a step create some before',
          step.name,
          host,
        ),
      );
    else if (range && range.end > there)
      this.#tell(
        place,
        say(
          '"{0}" wants {1}, and {2} has {3} of scale tests; take fewer',
          step.name,
          say("workspaces {0} to {1}", range.start, range.end),
          host,
          there,
        ),
      );
    else if (step.part && Math.round(step.part.to * there) === Math.round(step.part.from * there))
      this.#tell(
        place,
        say("this share of the {0} workspaces on {1} is none; take a larger one", there, host),
      );
  }

  /** Of workspaces that are there already: what the file does not say is known now. */
  async load(): Promise<void> {
    const { scenario } = this.#read;
    if (workspacesOf(scenario.steps) > 0) return;
    const isUsing = ({ workload }: Step) => profileField(workload, "share") !== undefined;
    if (!scenario.steps.some(isUsing)) return;
    const there = await this.#where.answers.workspaces({});
    const limits = stricter(this.#where.limits, scenario.limits);
    if (there === undefined || there === 0) return;
    for (const { place, said } of aboveCeilings(scenario.steps, there, limits))
      this.#tell(place, said, "error");
  }

  #tell(place: Place, message: Message, severity = this.#severity): void {
    this.problems.push({ message, severity, range: this.#read.rangeOf(place) });
  }
}

function valuesOf(parameters: unknown): Record<string, string> {
  return typeof parameters === "object" && parameters !== null
    ? Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, String(value)]))
    : {};
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

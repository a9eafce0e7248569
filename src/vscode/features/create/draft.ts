import { isNamed, matchTemplate } from "../../../app/templates.ts";
import { choosePreset, type Preset } from "../../../coder/presets.ts";
import type { Template } from "../../../coder/schemas.ts";
import type { FormParameter } from "../../../coder/secret-parameters.ts";
import { listed, t } from "../../../l10n/text.ts";
import { parseDuration } from "../../../protocol/duration.ts";
import type { RunDraft } from "../../ask/draft.ts";
import { given } from "../../ask/request-config.ts";
import { roundDuration } from "../../ask/steps.ts";
import { KEPT, keptParameters } from "./kept-answers.ts";
import type { CreateConfig, CreateWorkspacesRequest } from "./request.ts";

/** A request whose configuration the workload's fields have read. */
export type CreateRequest = Omit<CreateWorkspacesRequest, "config"> & { config: CreateConfig };

/** The answers so far. */
export interface Draft extends RunDraft {
  template: Template | undefined;
  /** The template's, as they are with the values so far. */
  form: readonly FormParameter[];
  /** Names of the parameters in the order in which they came up: what comes up later is asked for later. */
  order: string[];
  parameters: Record<string, string>;
  /** Names of those that the request gives. */
  given: readonly string[];
  /** The template's. */
  presets: readonly Preset[];
  /** A preset's name, or `none`; undefined for the template's default. */
  preset: string | undefined;
  count: number | undefined;
  runCommand: string | undefined;
  /** How long the command may take, as it was typed: `30s`. */
  runTimeout: string | undefined;
  concurrency: number | undefined;
  /** Where no `coder` command was found: fetch the deployment's, or do without SSH. */
  cli: "download" | "none" | undefined;
  /** Leave the workspaces when the run is over, for traffic to them. */
  keep: boolean;
  /** All is to be as it was the last time: only what nobody may keep is asked for. */
  isLikeLast: boolean;
}

/** What was answered last on a deployment, to be offered again. */
export interface LastAnswers {
  template?: string;
  /** For people; the id is what counts. */
  templateName?: string;
  /** Without secrets. */
  parameters?: Record<string, string>;
  preset?: string;
  count?: number;
  runCommand?: string;
  runTimeout?: string;
  concurrency?: number;
  cli?: "download" | "none";
  /** The workspaces were kept. */
  keep?: boolean;
  /** See KEPT. */
  kept?: number;
}

/** What a request says under `config` of what it could say itself is not asked for either. */
export function withConfig(request: CreateWorkspacesRequest, config: CreateConfig): CreateRequest {
  const { template, parameters, count, runCommand, concurrency, org, ...others } = config;
  const own = { template, parameters, count, runCommand, concurrency, organization: org };
  return { ...given(own), ...request, config: others };
}

/** An earlier run's configuration: what is asked for, as answers, and the others. */
export function earlierAnswers(config: CreateConfig): { answers: LastAnswers; others: CreateConfig } {
  const { template, parameters, count, runCommand, runTimeoutMs, concurrency, preset, cleanup, ...others } =
    config;
  const known = { template, parameters, count, runCommand: runCommand ?? "", concurrency, preset };
  return {
    answers: {
      ...given(known),
      kept: KEPT,
      ...(runTimeoutMs === undefined ? {} : { runTimeout: roundDuration(runTimeoutMs) }),
      ...(cleanup === false ? { keep: true } : {}),
    },
    others,
  };
}

export function newDraft(request: CreateRequest): Draft {
  return {
    deployment: undefined,
    template: undefined,
    form: [],
    order: [],
    parameters: { ...request.parameters },
    given: Object.keys(request.parameters ?? {}),
    presets: [],
    preset: request.config.preset,
    count: request.count,
    runCommand: request.runCommand,
    runTimeout: undefined,
    concurrency: request.concurrency,
    cli: undefined,
    keep: request.config?.cleanup === false,
    isLikeLast: false,
    acknowledgedHost: request.acknowledgedHost,
    confirmed: request.start ?? false,
  };
}

/**
 * The template that a request names, by name or id, in the organization that it names. Throws with one
 * sentence where there is none, or more than one.
 */
export function findTemplate(
  templates: readonly Template[],
  request: Pick<CreateRequest, "template" | "organization">,
): Template {
  const { template: name, organization } = request;
  const match = matchTemplate(
    templates.filter((template) => !organization || isInOrganization(template, organization)),
    name ?? "",
  );
  if (match.kind === "none") {
    const names = listed(templates.map((template) => template.name));
    throw new Error(
      names
        ? t('There is no template "{0}"; the deployment has {1}', name ?? "", names)
        : t('There is no template "{0}"; the deployment has none', name ?? ""),
    );
  }
  if (match.kind === "several") {
    const names = listed(match.templates.map((template) => template.organization_name ?? ""));
    throw new Error(t('Several organizations have a template "{0}": {1}. Name one', name ?? "", names));
  }
  return match.template;
}

function isInOrganization(template: Template, organization: string): boolean {
  return isNamed({ id: template.organization_id, name: template.organization_name ?? "" }, organization);
}

/** What the chosen preset sets, which nobody is asked for. */
export function presetValues({
  presets,
  preset,
}: Pick<Draft, "presets" | "preset">): Readonly<Record<string, string>> {
  const choice = choosePreset(presets, preset);
  return "preset" in choice ? (choice.preset?.values ?? {}) : {};
}

/** The configuration that the workload gets: what was answered, and what the request adds to it. */
export function configOf(
  draft: Draft,
  request: CreateRequest,
  more: Record<string, unknown>,
): Record<string, unknown> {
  const { template } = draft;
  return {
    ...more,
    ...(draft.cli === "download" ? { downloadCli: true } : {}),
    ...(draft.cli === "none" ? { ssh: false } : {}),
    ...(draft.keep ? { cleanup: false } : {}),
    ...(draft.preset === undefined ? {} : { preset: draft.preset }),
    ...(draft.runTimeout ? { runTimeoutMs: parseDuration(draft.runTimeout) } : {}),
    ...request.config,
    count: draft.count ?? 1,
    concurrency: draft.concurrency ?? 1,
    // By id: names may be the same in several organizations.
    template: template?.id ?? "",
    parameters: draft.parameters,
    ...(draft.runCommand ? { runCommand: draft.runCommand } : {}),
    ...(draft.thresholds ? { thresholds: draft.thresholds } : {}),
  };
}

export function answersOf(draft: Draft): LastAnswers {
  return {
    ...(draft.template ? { template: draft.template.id, templateName: draft.template.name } : {}),
    parameters: keptParameters(draft.parameters, draft.form),
    kept: KEPT,
    ...(draft.preset === undefined ? {} : { preset: draft.preset }),
    ...(draft.count === undefined ? {} : { count: draft.count }),
    ...(draft.runCommand === undefined ? {} : { runCommand: draft.runCommand }),
    ...(draft.runTimeout === undefined ? {} : { runTimeout: draft.runTimeout }),
    ...(draft.concurrency === undefined ? {} : { concurrency: draft.concurrency }),
    ...(draft.cli ? { cli: draft.cli } : {}),
    ...(draft.keep ? { keep: true } : {}),
  };
}

import * as z from "zod";
import type { CoderClient } from "./client.ts";
import {
  type Evaluation,
  evaluationSchema,
  formOf,
  listOf,
  type TemplateForm,
} from "./dynamic-parameters.ts";
import { askBySocket } from "./dynamic-socket.ts";
import { CoderError, isFailure } from "./errors.ts";
import type { Preset } from "./presets.ts";
import type { RichParameter, Template } from "./schemas.ts";
import type { RequestOptions } from "./transport.ts";

/** Keys as they are: the server gives this type no JSON names (docs/coder-api.md, Templates and parameters). */
const presetsSchema = listOf(
  z.object({
    ID: z.string(),
    Name: z.string(),
    Default: z.boolean().default(false),
    Parameters: listOf(z.object({ Name: z.string(), Value: z.string() })),
  }),
);

/** Asks a deployment for the parameters and presets of its templates, on behalf of one owner of workspaces. */
export class TemplateForms {
  readonly #client: CoderClient;
  #ownerId: Promise<string> | undefined;

  /** Without an owner, the client's own user. */
  constructor(client: CoderClient, ownerId?: string) {
    this.#client = client;
    this.#ownerId = ownerId === undefined ? undefined : Promise.resolve(ownerId);
  }

  /** The parameters that the template's active version has with these values. Throws CoderError. */
  async form(
    template: Template,
    values: Readonly<Record<string, string>>,
    options?: RequestOptions,
  ): Promise<TemplateForm> {
    if (!template.use_classic_parameter_flow) {
      const evaluation = await this.#evaluate(template.active_version_id, values, options);
      if (evaluation) return formOf(evaluation);
    }
    const version = template.active_version_id;
    const parameters = await this.#client.richParameters(version, options);
    const isMasked = template.use_classic_parameter_flow
      ? await this.#masks(version, parameters, values, options)
      : () => false;
    return {
      parameters: parameters.map((one) => (isMasked(one.name) ? { ...one, isMasked: true } : one)),
      problems: [],
      isDynamic: false,
    };
  }

  /**
   * Whose input is hidden: the parameters of an import do not say it. Where the deployment is older than forms that do,
   * none is; where it does not answer for another reason, each may be.
   */
  async #masks(
    version: string,
    parameters: readonly RichParameter[],
    values: Readonly<Record<string, string>>,
    options?: RequestOptions,
  ): Promise<(name: string) => boolean> {
    if (parameters.length === 0) return () => false;
    try {
      const evaluation = await this.#evaluate(version, values, options);
      const form = evaluation ? formOf(evaluation).parameters : [];
      const masked = new Set(form.filter((one) => one.isMasked).map(({ name }) => name));
      return (name) => masked.has(name);
    } catch (error) {
      if (error instanceof CoderError && !isFailure(error, "unauthorized")) return () => true;
      throw error;
    }
  }

  async presets({ active_version_id: version }: Template, options: RequestOptions = {}): Promise<Preset[]> {
    const path = `/api/v2/templateversions/${version}/presets`;
    const route = "GET /api/v2/templateversions/{version}/presets";
    const { token, subject, transport } = this.#client;
    try {
      const call = { ...options, method: "GET", path, route, token, subject } as const;
      const all = await transport.json(call, presetsSchema);
      return all.map(({ ID: id, Name: name, Default: isDefault, Parameters }) => ({
        id,
        name,
        isDefault,
        values: Object.fromEntries(Parameters.map((one) => [one.Name, one.Value])),
      }));
    } catch (error) {
      // Deployments from before there were presets.
      if (isFailure(error, "not_found")) return [];
      throw error;
    }
  }

  /** undefined where the deployment knows no such question. */
  async #evaluate(
    version: string,
    inputs: Readonly<Record<string, string>>,
    options: RequestOptions = {},
  ): Promise<Evaluation | undefined> {
    const { token, subject, transport } = this.#client;
    const ownerId = await this.#owner(options);
    const path = `/api/v2/templateversions/${version}/dynamic-parameters/evaluate`;
    const route = "POST /api/v2/templateversions/{version}/dynamic-parameters/evaluate";
    const body = { id: 0, inputs, owner_id: ownerId };
    const call = { ...options, method: "POST", path, route, token, subject, body, isQuestion: true } as const;
    try {
      return await transport.json(call, evaluationSchema);
    } catch (error) {
      if (!isNoRoute(error)) throw error;
    }
    try {
      return await askBySocket(this.#client, version, { inputs, ownerId }, options.signal);
    } catch (error) {
      if (isNoRoute(error)) return undefined;
      throw error;
    }
  }

  #owner(options: RequestOptions): Promise<string> {
    if (!this.#ownerId) {
      const asked = this.#client.me(options).then(({ id }) => id);
      this.#ownerId = asked;
      asked.catch(() => {
        this.#ownerId = undefined;
      });
    }
    return this.#ownerId;
  }
}

/** 405 where the path is taken for something else. */
function isNoRoute(error: unknown): boolean {
  if (isFailure(error, "not_found")) return true;
  return isFailure(error) && "status" in error.failure && error.failure.status === 405;
}

import * as z from "zod";
import type { CoderClient } from "./client.ts";
import { CoderError, isFailure } from "./errors.ts";
import type { RichParameter } from "./schemas.ts";
import type { RequestOptions } from "./transport.ts";

/** A template's parameter, and whether its input is hidden while it is typed. */
export interface MaskedParameter extends RichParameter {
  isMasked?: boolean;
}

/** Whether a value may be neither kept nor shown: one whose input is hidden, or that is meant for one build only. */
export function isSecret({ ephemeral, isMasked }: Pick<MaskedParameter, "ephemeral" | "isMasked">): boolean {
  return ephemeral || isMasked === true;
}

/** What is shorter would be found in every word. */
const SHORTEST = 4;

/** Whether a secret must not be found in a text: a choice that everybody can read in the template is none. */
export function isTelling(
  { type, options }: Pick<RichParameter, "type" | "options">,
  value: string,
): boolean {
  return value.length >= SHORTEST && options.length === 0 && type !== "bool";
}

const evaluationSchema = z.looseObject({
  parameters: z
    .array(
      z.looseObject({
        name: z.string(),
        styling: z.looseObject({ mask_input: z.boolean().default(false) }).nullish(),
      }),
    )
    .nullish(),
});

/**
 * The parameters of a template's version with what only the deployment's form says of them: whose input is hidden.
 * `values` decide which there are. Where the deployment is older than such forms, none is; where it does not answer for
 * another reason, each may be.
 */
export async function withMasks(
  client: CoderClient,
  asked: { versionId: string; ownerId: string; values: Readonly<Record<string, string>> },
  options: RequestOptions = {},
): Promise<MaskedParameter[]> {
  const parameters: readonly RichParameter[] = await client.richParameters(asked.versionId, options);
  const masked = parameters.length > 0 ? await maskedNames(client, asked, options) : new Set<string>();
  return parameters.map((parameter) => ({
    ...parameter,
    ...(masked === "unknown" || masked.has(parameter.name) ? { isMasked: true } : {}),
  }));
}

async function maskedNames(
  { transport, token, subject }: CoderClient,
  { versionId, ownerId, values }: Parameters<typeof withMasks>[1],
  options: RequestOptions,
): Promise<Set<string> | "unknown"> {
  const path = `/api/v2/templateversions/${versionId}/dynamic-parameters/evaluate`;
  const route = "POST /api/v2/templateversions/{version}/dynamic-parameters/evaluate";
  const body = { id: 0, inputs: values, owner_id: ownerId };
  const call = { ...options, method: "POST", path, route, token, subject, body } as const;
  try {
    const { parameters } = await transport.json(call, evaluationSchema);
    const masked = (parameters ?? []).filter(({ styling }) => styling?.mask_input);
    return new Set(masked.map(({ name }) => name));
  } catch (error) {
    if (isNoRoute(error)) return new Set();
    if (error instanceof CoderError && !isFailure(error, "unauthorized")) return "unknown";
    throw error;
  }
}

/** 405 where the path is taken for something else. */
function isNoRoute(error: unknown): boolean {
  if (isFailure(error, "not_found")) return true;
  return isFailure(error) && "status" in error.failure && error.failure.status === 405;
}

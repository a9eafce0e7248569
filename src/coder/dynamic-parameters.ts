import * as z from "zod";
import { foreign, say } from "../text/message.ts";
import type { ParameterProblem } from "./parameters.ts";
import type { FormParameter } from "./secret-parameters.ts";

/** A template's parameters as they are with certain values. */
export interface TemplateForm {
  /** In the order in which they are asked for. */
  parameters: readonly FormParameter[];
  /** What the deployment itself says against the values. */
  problems: readonly ParameterProblem[];
  /** Which parameters there are may depend on the values. */
  isDynamic: boolean;
}

/** coderd answers `null` where there are none. */
export const listOf = <S extends z.ZodType>(one: S) =>
  z
    .array(one)
    .nullish()
    .transform((list) => list ?? []);

const textSchema = z.object({ value: z.string().default(""), valid: z.boolean().default(false) });
const diagnosticsSchema = listOf(
  z.object({
    severity: z.string(),
    summary: z.string().default(""),
    detail: z.string().default(""),
  }),
);

const dynamicParameterSchema = z.object({
  name: z.string(),
  display_name: z.string().default(""),
  description: z.string().default(""),
  type: z.string(),
  form_type: z.string().default(""),
  styling: z.object({ mask_input: z.boolean().default(false) }).nullish(),
  mutable: z.boolean().default(false),
  default_value: textSchema,
  options: listOf(z.object({ name: z.string(), value: textSchema })),
  validations: listOf(
    z.object({
      validation_error: z.string().nullish(),
      validation_regex: z.string().nullish(),
      validation_min: z.number().nullish(),
      validation_max: z.number().nullish(),
    }),
  ),
  required: z.boolean().default(false),
  ephemeral: z.boolean().default(false),
  diagnostics: diagnosticsSchema,
});

export const evaluationSchema = z.object({
  id: z.number(),
  diagnostics: diagnosticsSchema,
  parameters: listOf(dynamicParameterSchema),
});
export type Evaluation = z.output<typeof evaluationSchema>;

/** What an answer of the deployment comes to. */
export function formOf(evaluation: Evaluation): TemplateForm {
  const general = evaluation.diagnostics.filter(({ severity }) => severity === "error");
  return {
    parameters: evaluation.parameters.map(parameterOf),
    problems: [
      ...general.map(({ summary, detail }) => ({
        name: "",
        message: foreign([summary, detail].filter(Boolean).join(": ")),
      })),
      ...evaluation.parameters.flatMap(problemOf),
    ],
    isDynamic: true,
  };
}

function parameterOf(one: z.output<typeof dynamicParameterSchema>): FormParameter {
  const [rule] = one.validations;
  return {
    name: one.name,
    display_name: one.display_name,
    description_plaintext: one.description,
    type: one.type,
    form_type: one.form_type,
    mutable: one.mutable,
    default_value: one.default_value.valid ? one.default_value.value : "",
    options: one.options.map(({ name, value }) => ({ name, value: value.value })),
    validation_error: rule?.validation_error,
    validation_regex: rule?.validation_regex,
    validation_min: rule?.validation_min,
    validation_max: rule?.validation_max,
    required: one.required,
    ephemeral: one.ephemeral,
    ...(one.styling?.mask_input ? { isMasked: true } : {}),
  };
}

function problemOf({ name, diagnostics }: z.output<typeof dynamicParameterSchema>): ParameterProblem[] {
  const error = diagnostics.find(({ severity }) => severity === "error");
  if (!error) return [];
  return [{ name, message: say('parameter "{0}": {1}', name, error.detail || error.summary) }];
}

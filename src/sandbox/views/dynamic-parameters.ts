import { checkParameter, existingParameters } from "../state/parameters.ts";
import type { Parameter, TemplateVersion } from "../state/templates.ts";

interface Diagnostic {
  severity: "error" | "warning";
  summary: string;
  detail: string;
  extra: { code: string };
}

const value = (text: string | undefined) => ({ value: text ?? "", valid: text !== undefined });

/** One answer of the dynamic-parameters socket: the parameters as they are with these inputs. */
export function evaluateParameters(
  version: TemplateVersion,
  id: number,
  inputs: Record<string, string>,
): Record<string, unknown> {
  const existing = existingParameters(version.blueprint.parameters, (name) => inputs[name]);
  return {
    id,
    diagnostics: [],
    parameters: existing.map((one, at) => evaluate(one, at + 1, inputs[one.name])),
  };
}

/** What the server answers for a body that names nobody. */
export function ownerNotFound(): Record<string, unknown> {
  const diagnostic: Diagnostic = {
    severity: "error",
    summary: "Failed to fetch workspace owner",
    detail: "Please check your permissions or the user may not exist.",
    extra: { code: "owner_not_found" },
  };
  return { id: 0, diagnostics: [diagnostic], parameters: null };
}

function evaluate(parameter: Parameter, order: number, input: string | undefined): Record<string, unknown> {
  const given = input ?? (parameter.required ? undefined : parameter.defaultValue);
  return {
    name: parameter.name,
    display_name: parameter.displayName ?? "",
    description: parameter.description ?? "",
    type: parameter.type,
    form_type: parameter.formType,
    styling: parameter.masked ? { mask_input: true } : {},
    mutable: parameter.mutable,
    default_value: value(parameter.required ? undefined : parameter.defaultValue),
    icon: "",
    options: (parameter.options ?? []).map((one) => ({
      name: one.name,
      description: "",
      value: value(one.value),
      icon: "",
    })),
    validations: parameter.validation
      ? [
          {
            validation_error: parameter.validation.error,
            validation_regex: null,
            validation_min: parameter.validation.min ?? null,
            validation_max: parameter.validation.max ?? null,
            validation_monotonic: null,
          },
        ]
      : [],
    required: parameter.required,
    order,
    ephemeral: parameter.ephemeral,
    // Terraform has no value to show: the server shows the expression instead.
    value:
      given === undefined
        ? { value: `data.coder_parameter.${parameter.name}.value`, valid: false }
        : value(given),
    diagnostics: diagnostics(parameter, given),
  };
}

function diagnostics(parameter: Parameter, given: string | undefined): Diagnostic[] {
  const problem = given === undefined ? MISSING : checkParameter(parameter, given);
  if (problem === undefined) return [];
  const [summary = "", ...detail] = problem.split("; ");
  return [
    {
      severity: "error",
      summary,
      detail: detail.join("; "),
      extra: { code: given === undefined ? "required" : "" },
    },
  ];
}

const MISSING = "Required parameter not provided; parameter value is null";

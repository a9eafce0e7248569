import type { ParameterValue } from "./client.ts";
import type { RichParameter } from "./schemas.ts";
import { type FormParameter, isSecret, withoutSecrets } from "./secret-parameters.ts";

export interface ParameterProblem {
  name: string;
  /** One line that says what to do. */
  message: string;
}

/**
 * Values for a template's parameters by the server's own rules (docs/coder-api.md, Templates and parameters): what is
 * given, else the default. Names that the template does not have, and values that it would refuse, are problems.
 * `isDynamic`: which parameters there are may depend on the values.
 */
export function resolveParameters(
  parameters: readonly FormParameter[],
  given: Readonly<Record<string, string>>,
  isDynamic = false,
): { values: ParameterValue[]; problems: ParameterProblem[] } {
  const known = new Map(parameters.map((parameter) => [parameter.name, parameter]));
  const problems: ParameterProblem[] = Object.keys(given)
    .filter((name) => !known.has(name))
    .map((name) => ({ name, message: unknownParameter(name, [...known.keys()], isDynamic) }));
  const values: ParameterValue[] = [];
  for (const parameter of parameters) {
    const said = given[parameter.name];
    const value = said ?? parameter.default_value;
    const message = said === "" ? checkEmpty(parameter) : checkParameter(parameter, value);
    if (message) problems.push({ name: parameter.name, message: hidden(message, parameter, value) });
    else if (parameter.name in given) values.push({ name: parameter.name, value });
  }
  return { values, problems };
}

/** A problem is told, and a secret value is not. */
function hidden(message: string, parameter: FormParameter, value: string): string {
  return withoutSecrets(message, [parameter], { [parameter.name]: value });
}

/** undefined where the value is fine, else one line. Also for an input box's own validation. */
export function checkParameter(parameter: RichParameter, value: string): string | undefined {
  if (value === "") return parameter.required ? needsValue(parameter) : undefined;
  return checkFilled(parameter, value);
}

/** Nothing on purpose: the server takes it for the default, and Terraform for a value, which it has to be, then. */
function checkEmpty(parameter: FormParameter): string | undefined {
  if (parameter.required) return needsValue(parameter);
  const problem = checkFilled(parameter, "");
  return problem && `${problem}, and not empty; leave it out for ${defaultText(parameter)}`;
}

function needsValue({ name }: RichParameter): string {
  return `parameter "${name}" needs a value`;
}

function defaultText(parameter: FormParameter): string {
  const { default_value: value } = parameter;
  return value === "" || isSecret(parameter) ? "its default" : `its default, ${value}`;
}

function checkFilled(parameter: RichParameter, value: string): string | undefined {
  const { name } = parameter;
  if (parameter.options.length > 0) return checkOptions(parameter, value);
  switch (parameter.type) {
    case "number":
      return checkNumber(parameter, value);
    case "bool":
      return value === "true" || value === "false" ? undefined : `parameter "${name}" must be true or false`;
    case "list(string)":
      return isStringList(value) ? undefined : `parameter "${name}" must be a JSON list of strings`;
    default:
      return checkRegex(parameter, value);
  }
}

function checkOptions(parameter: RichParameter, value: string): string | undefined {
  const allowed = parameter.options.map((option) => option.value);
  const several = parameter.type === "list(string)" && parameter.form_type === "multi-select";
  const chosen = several ? listOf(value) : [value];
  if (chosen?.every((one) => allowed.includes(one))) return undefined;
  return `parameter "${parameter.name}" must be ${several ? "a JSON list of" : "one of"} ${allowed.join(", ")}`;
}

function checkNumber(parameter: RichParameter, value: string): string | undefined {
  const { name, validation_min: min, validation_max: max } = parameter;
  if (!/^[+-]?\d+$/.test(value))
    return `parameter "${name}" must be a whole number${value === "" ? "" : `, not "${value}"`}`;
  const number = Number(value);
  if (min != null && max != null && (number < min || number > max)) {
    return `parameter "${name}" must be from ${min} to ${max}, not ${value}`;
  }
  if (min != null && number < min) return `parameter "${name}" must be ${min} or more, not ${value}`;
  if (max != null && number > max) return `parameter "${name}" must be ${max} or less, not ${value}`;
  return undefined;
}

/** Go's regular expressions are not JavaScript's: where ours cannot read one, the server decides. */
function checkRegex(parameter: RichParameter, value: string): string | undefined {
  if (!parameter.validation_regex) return undefined;
  let regex: RegExp;
  try {
    regex = new RegExp(parameter.validation_regex, "u");
  } catch {
    return undefined;
  }
  if (regex.test(value)) return undefined;
  return `parameter "${parameter.name}": ${parameter.validation_error || `"${value}" does not match ${parameter.validation_regex}`}`;
}

function listOf(value: string): string[] | undefined {
  try {
    const list: unknown = JSON.parse(value);
    return Array.isArray(list) && list.every((one) => typeof one === "string") ? list : undefined;
  } catch {
    return undefined;
  }
}

function isStringList(value: string): boolean {
  return listOf(value) !== undefined;
}

function unknownParameter(name: string, known: readonly string[], isDynamic: boolean): string {
  const has = known.length > 0 ? `it has ${known.join(", ")}` : "it has none";
  return `the template has no parameter "${name}"${isDynamic ? " with these values" : ""}; ${has}`;
}

import { type Message, say } from "../text/message.ts";
import type { ParameterValue } from "./client.ts";
import type { RichParameter } from "./schemas.ts";
import { type FormParameter, isSecret, withoutSecrets } from "./secret-parameters.ts";

export interface ParameterProblem {
  name: string;
  /** One line that says what to do. */
  message: Message;
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
function hidden(message: Message, parameter: FormParameter, value: string): Message {
  return withoutSecrets(message, [parameter], { [parameter.name]: value });
}

/** undefined where the value is fine, else one line. Also for an input box's own validation. */
export function checkParameter(parameter: RichParameter, value: string): Message | undefined {
  if (value === "") return parameter.required ? needsValue(parameter) : undefined;
  return checkFilled(parameter, value);
}

/** Nothing on purpose: the server takes it for the default, and Terraform for a value, which it has to be, then. */
function checkEmpty(parameter: FormParameter): Message | undefined {
  if (parameter.required) return needsValue(parameter);
  const problem = checkFilled(parameter, "");
  return problem && say("{0}, and not empty; leave it out for {1}", problem, sayDefault(parameter));
}

function needsValue({ name }: RichParameter): Message {
  return say('parameter "{0}" needs a value', name);
}

function sayDefault(parameter: FormParameter): Message {
  const { default_value: value } = parameter;
  return value === "" || isSecret(parameter) ? say("its default") : say("its default, {0}", value);
}

function checkFilled(parameter: RichParameter, value: string): Message | undefined {
  const { name } = parameter;
  if (parameter.options.length > 0) return checkOptions(parameter, value);
  switch (parameter.type) {
    case "number":
      return checkNumber(parameter, value);
    case "bool":
      return value === "true" || value === "false"
        ? undefined
        : say('parameter "{0}" must be true or false', name);
    case "list(string)":
      return isStringList(value) ? undefined : say('parameter "{0}" must be a JSON list of strings', name);
    default:
      return checkRegex(parameter, value);
  }
}

function checkOptions(parameter: RichParameter, value: string): Message | undefined {
  const allowed = parameter.options.map((option) => option.value);
  const several = parameter.type === "list(string)" && parameter.form_type === "multi-select";
  const chosen = several ? listOf(value) : [value];
  if (chosen?.every((one) => allowed.includes(one))) return undefined;
  const [{ name }, all] = [parameter, allowed.join(", ")];
  return several
    ? say('parameter "{0}" must be a JSON list of {1}', name, all)
    : say('parameter "{0}" must be one of {1}', name, all);
}

function checkNumber(parameter: RichParameter, value: string): Message | undefined {
  const { name, validation_min: min, validation_max: max } = parameter;
  if (!/^[+-]?\d+$/.test(value))
    return value === ""
      ? say('parameter "{0}" must be a whole number', name)
      : say('parameter "{0}" must be a whole number, not "{1}"', name, value);
  const number = Number(value);
  if (min != null && max != null && (number < min || number > max)) {
    return say('parameter "{0}" must be from {1} to {2}, not {3}', name, String(min), String(max), value);
  }
  if (min != null && number < min)
    return say('parameter "{0}" must be {1} or more, not {2}', name, String(min), value);
  if (max != null && number > max)
    return say('parameter "{0}" must be {1} or less, not {2}', name, String(max), value);
  return undefined;
}

/** Go's regular expressions are not JavaScript's: where ours cannot read one, the server decides. */
function checkRegex(parameter: RichParameter, value: string): Message | undefined {
  if (!parameter.validation_regex) return undefined;
  let regex: RegExp;
  try {
    regex = new RegExp(parameter.validation_regex, "u");
  } catch {
    return undefined;
  }
  if (regex.test(value)) return undefined;
  const problem =
    parameter.validation_error || say('"{0}" does not match {1}', value, parameter.validation_regex);
  return say('parameter "{0}": {1}', parameter.name, problem);
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

function unknownParameter(name: string, known: readonly string[], isDynamic: boolean): Message {
  const has = known.length > 0 ? say("it has {0}", known.join(", ")) : say("it has none");
  return isDynamic
    ? say('the template has no parameter "{0}" with these values; {1}', name, has)
    : say('the template has no parameter "{0}"; {1}', name, has);
}

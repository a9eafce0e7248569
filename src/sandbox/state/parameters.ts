import type { Validation } from "../http/errors.ts";
import type { Parameter } from "./templates.ts";

export interface ParameterValue {
  name: string;
  value: string;
}

/** Those that exist with these values: an earlier one may decide over a later. */
export function existingParameters(
  declared: readonly Parameter[],
  given: (name: string, parameter: Parameter) => string | undefined,
): Parameter[] {
  const values = new Map<string, string>();
  return declared.filter((parameter) => {
    const { name, onlyWhere, defaultValue } = parameter;
    if (onlyWhere && values.get(onlyWhere.name) !== onlyWhere.value) return false;
    values.set(name, given(name, parameter) ?? defaultValue);
    return true;
  });
}

/**
 * Resolves a build's parameters: what was given, else the previous build's, else the default.
 * Values for parameters that the template does not have are ignored, as the server does.
 * @returns the values sorted by name, and one validation for each parameter that is wrong
 */
export function resolveParameters(
  declared: readonly Parameter[],
  given: readonly ParameterValue[],
  previous: ReadonlyMap<string, string> | undefined,
): { values: Map<string, string>; problems: Validation[] } {
  const values = new Map<string, string>();
  const problems: Validation[] = [];
  const saidOf = (name: string) => given.find((one) => one.name === name)?.value;
  const beforeOf = ({ name, ephemeral }: Parameter) => (ephemeral ? undefined : previous?.get(name));
  const existing = existingParameters(declared, (name, one) => saidOf(name) ?? beforeOf(one));
  for (const parameter of existing) {
    const said = saidOf(parameter.name);
    const before = beforeOf(parameter);
    const value = said ?? before ?? parameter.defaultValue;
    const detail =
      said === undefined && before === undefined && parameter.required
        ? "Required parameter not provided; parameter value is null"
        : (changed(parameter, said, before) ?? checkParameter(parameter, value));
    if (detail !== undefined) problems.push({ field: parameter.name, detail });
    values.set(parameter.name, value);
  }
  return { values: new Map([...values].sort(([a], [b]) => (a < b ? -1 : 1))), problems };
}

function changed(
  parameter: Parameter,
  said: string | undefined,
  before: string | undefined,
): string | undefined {
  if (parameter.mutable || said === undefined || before === undefined || said === before) return undefined;
  return `Immutable parameter changed; Parameter "${parameter.name}" is not mutable, so it can't be updated after creating a workspace.`;
}

/** What is wrong with a value, as summary and detail joined by "; "; undefined when it is fine. */
export function checkParameter(parameter: Parameter, value: string): string | undefined {
  const options = parameter.options ?? [];
  if (options.length && !options.some((one) => one.value === value)) {
    return `Value must be a valid option; the value "${value}" must be defined as one of options`;
  }
  if (parameter.type === "number") return invalidNumber(parameter, value);
  if (parameter.type === "bool" && !/^(true|false)$/.test(value)) {
    return `Parameter value is not valid for type bool; value "${value}" is not a bool`;
  }
  if (parameter.type === "list(string)" && !isStringList(value)) {
    return `Value is not a valid list of strings; value "${value}" is not valid list of strings`;
  }
  return undefined;
}

function invalidNumber(parameter: Parameter, value: string): string | undefined {
  if (!/^-?\d+$/.test(value))
    return `Invalid parameter value according to 'validation' block; value "${value}" is not a number`;
  const rule = parameter.validation;
  const number = Number(value);
  const fits = number >= (rule?.min ?? -Infinity) && number <= (rule?.max ?? Infinity);
  if (fits) return undefined;
  const text = (rule?.error ?? "")
    .replace("{min}", String(rule?.min))
    .replace("{max}", String(rule?.max))
    .replace("{value}", value);
  return `Invalid parameter value according to 'validation' block; ${text}`;
}

function isStringList(value: string): boolean {
  try {
    const parsed: unknown = JSON.parse(value);
    return Array.isArray(parsed) && parsed.every((one) => typeof one === "string");
  } catch {
    return false;
  }
}

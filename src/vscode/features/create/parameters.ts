import { checkParameter } from "../../../coder/parameters.ts";
import type { RichParameter } from "../../../coder/schemas.ts";
import { type FormParameter, isSecret } from "../../../coder/secret-parameters.ts";
import { t, wordsOf } from "../../../l10n/text.ts";
import type { Choice } from "../../ui/inputs.ts";

/** How a template's parameter is asked for. */
export type ParameterQuestion =
  | { kind: "choose"; placeholder: string; choices: Choice<string>[] }
  | { kind: "tick"; placeholder: string; choices: Choice<string>[]; picked: readonly string[] }
  | {
      kind: "ask";
      prompt: string;
      value: string;
      /** Hidden while it is typed. */
      password: boolean;
      validate(value: string): string | undefined;
    };

/** By the template's own rules, with `last` (an earlier answer) or the default filled in. */
export function parameterQuestion(parameter: FormParameter, last: string | undefined): ParameterQuestion {
  const name = parameter.display_name || parameter.name;
  const text = parameter.description_plaintext ? `${name}: ${parameter.description_plaintext}` : name;
  const choices = choicesOf(parameter);
  if (choices.length > 0 && isMultiSelect(parameter)) {
    const picked = listOf(last) ?? listOf(parameter.default_value) ?? [];
    return { kind: "tick", placeholder: text, choices, picked };
  }
  if (choices.length > 0) return { kind: "choose", placeholder: text, choices };
  const initial =
    last !== undefined && checkParameter(parameter, last) === undefined ? last : parameter.default_value;
  return {
    kind: "ask",
    prompt: [
      text,
      rangeOf(parameter),
      parameter.required ? "" : t("optional"),
      isSecret(parameter) ? t("not stored: asked for each time") : "",
    ]
      .filter(Boolean)
      .join(" · "),
    value: initial,
    password: parameter.isMasked === true,
    validate: (value) => problemOf(parameter, value),
  };
}

function problemOf(parameter: RichParameter, value: string): string | undefined {
  const problem = checkParameter(parameter, value);
  return problem && wordsOf(problem);
}

/** Whether there is anything to ask: one that is ephemeral is not kept, so it is left to its default. */
export function isAsked(parameter: RichParameter): boolean {
  return !parameter.ephemeral || parameter.required;
}

/** Whether several of its options may be chosen; of other lists, each option is a list. */
function isMultiSelect({ type, form_type: form }: RichParameter): boolean {
  return type === "list(string)" && form === "multi-select";
}

/** undefined where the text is no list in JSON. */
function listOf(text: string | undefined): string[] | undefined {
  try {
    const list: unknown = JSON.parse(text ?? "");
    return Array.isArray(list) ? list.map(String) : undefined;
  } catch {
    return undefined;
  }
}

function choicesOf(parameter: RichParameter): Choice<string>[] {
  if (parameter.options.length > 0) {
    return parameter.options.map(({ name, value }) => ({
      label: name || value,
      value,
      ...(name && name !== value ? { description: value } : {}),
    }));
  }
  if (parameter.type !== "bool") return [];
  return ["true", "false"].map((value) => ({ label: value, value }));
}

function rangeOf({ type, validation_min: min, validation_max: max }: RichParameter): string {
  if (type !== "number") return "";
  if (min != null && max != null) return t("a whole number from {0} to {1}", min, max);
  if (min != null) return t("a whole number, {0} or more", min);
  if (max != null) return t("a whole number, {0} or less", max);
  return t("a whole number");
}

import { type Message, withTexts } from "../text/message.ts";
import type { RichParameter } from "./schemas.ts";

/** A template's parameter as a person is asked for it. */
export interface FormParameter extends RichParameter {
  /** Hidden while it is typed, and wherever it is shown. */
  isMasked?: boolean;
}

type Values = Readonly<Record<string, string>>;

/** Whether a value may be neither kept nor shown: one whose input is hidden, or that is meant for one build only. */
export function isSecret({ ephemeral, isMasked }: Pick<FormParameter, "ephemeral" | "isMasked">): boolean {
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

/** The message without those of the values that are secrets. */
export function withoutSecrets(
  message: Message,
  parameters: readonly FormParameter[],
  values: Values,
): Message {
  const secrets = parameters
    .map((parameter) => ({ parameter, value: values[parameter.name] ?? "" }))
    .filter(({ parameter, value }) => isSecret(parameter) && isTelling(parameter, value))
    .sort((a, b) => b.value.length - a.value.length);
  return withTexts(message, (text) =>
    secrets.reduce((left, { value }) => left.replaceAll(value, "***"), text),
  );
}

/** A value as it may be shown beside its parameter's name: also of one that the template does not have. */
export function shownValue(parameter: FormParameter | undefined, value: string): string {
  return value !== "" && (!parameter || isSecret(parameter)) ? "***" : value;
}

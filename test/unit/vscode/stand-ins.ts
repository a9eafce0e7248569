import type { Memory, SecretStore } from "../../../src/vscode/host.ts";
import {
  type Answer,
  type AskOptions,
  BACK,
  type ChooseManyOptions,
  type ChooseOptions,
  type Inputs,
} from "../../../src/vscode/ui/inputs.ts";

export function memory(): Memory & { values: Map<string, unknown> } {
  const values = new Map<string, unknown>();
  return {
    values,
    get: <T>(key: string) => values.get(key) as T | undefined,
    update: async (key, value) => {
      if (value === undefined) values.delete(key);
      else values.set(key, value);
    },
  };
}

export function secrets(): SecretStore & { values: Map<string, string> } {
  const values = new Map<string, string>();
  return {
    values,
    get: async (key) => values.get(key),
    store: async (key, value) => {
      values.set(key, value);
    },
    delete: async (key) => {
      values.delete(key);
    },
  };
}

/** A person who answers by script: a text, the label (or its part) of a choice, "back" or "leave". */
export type Scripted = string | { back: true } | { leave: true };

export interface ScriptedInputs extends Inputs {
  /** Prompts and placeholders in the order of asking. */
  asked: string[];
  places: { step: number | undefined; back: boolean }[];
  /** What the boxes held before an answer. */
  initial: (string | undefined)[];
}

export function scripted(...script: Scripted[]): ScriptedInputs {
  const asked: string[] = [];
  const places: ScriptedInputs["places"] = [];
  const initial: (string | undefined)[] = [];
  const next = (
    options: AskOptions | ChooseOptions<unknown> | ChooseManyOptions<unknown>,
    question: string,
  ): Scripted => {
    asked.push(question);
    places.push({ step: options.step, back: options.back });
    const answer = script.shift();
    if (answer === undefined) throw new Error(`nothing is scripted for: ${question}`);
    return answer;
  };
  return {
    asked,
    places,
    initial,
    async choose<T>(options: ChooseOptions<T>): Promise<Answer<T>> {
      const choices = await options.choices;
      const isActive = options.active;
      const active = isActive && choices.find(({ value }) => value !== undefined && isActive(value));
      initial.push(active?.label);
      const answer = next(options as ChooseOptions<unknown>, options.placeholder);
      if (typeof answer !== "string") return "back" in answer ? BACK : undefined;
      const found =
        choices.find(({ label, value }) => value !== undefined && label.includes(answer)) ??
        options.typed?.(answer);
      if (!found) throw new Error(`"${answer}" is none of ${choices.map(({ label }) => label).join(", ")}`);
      if (found.value === undefined) throw new Error(`"${answer}" is refused: ${found.label}`);
      return found.value;
    },
    async chooseMany<T>(options: ChooseManyOptions<T>): Promise<Answer<readonly T[]>> {
      const isPicked = options.picked;
      const picked = options.choices.filter(({ value }) => value !== undefined && isPicked?.(value));
      initial.push(picked.map(({ label }) => label).join(", "));
      const answer = next(options as ChooseManyOptions<unknown>, options.placeholder);
      if (typeof answer !== "string") return "back" in answer ? BACK : undefined;
      const wanted = answer.split(", ");
      return options.choices.flatMap(({ label, value }) =>
        value !== undefined && wanted.some((part) => label.includes(part)) ? [value] : [],
      );
    },
    async ask(options: AskOptions): Promise<Answer<string>> {
      initial.push(options.value);
      const answer = next(options, options.prompt);
      if (typeof answer !== "string") return "back" in answer ? BACK : undefined;
      const problem = await options.validate?.(answer);
      if (problem) throw new Error(`"${answer}" is refused: ${problem}`);
      return answer;
    },
  };
}

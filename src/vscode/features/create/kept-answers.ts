import { type FormParameter, isSecret } from "../../../coder/secret-parameters.ts";
import type { Memory } from "../../host.ts";

/** Of the values of a template's parameters, those that may be kept for the next time. */
export function keptParameters(
  values: Readonly<Record<string, string>>,
  form: readonly FormParameter[],
): Record<string, string> {
  const harmless = new Set(form.filter((one) => !isSecret(one)).map(({ name }) => name));
  return Object.fromEntries(Object.entries(values).filter(([name]) => harmless.has(name)));
}

/** Names of the others. */
export function secretParameters(
  values: Readonly<Record<string, string>>,
  form: readonly FormParameter[],
): string[] {
  const kept = keptParameters(values, form);
  return Object.keys(values).filter((name) => !Object.hasOwn(kept, name));
}

/** Version of what is kept: 2 has no secrets. */
export const KEPT = 2;

/** Forgets the parameters that an earlier version has kept: secrets may be among them, and nobody can tell which. */
export async function forgetEarlierParameters(memory: Memory, keys: readonly string[]): Promise<void> {
  for (const key of keys) {
    const { parameters, kept, ...others } = memory.get<Record<string, unknown>>(key) ?? {};
    if (parameters !== undefined && kept !== KEPT) await memory.update(key, others);
  }
}

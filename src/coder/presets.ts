import { type Message, say } from "../text/message.ts";

/** Values for a template's parameters under one name. */
export interface Preset {
  id: string;
  name: string;
  isDefault: boolean;
  values: Readonly<Record<string, string>>;
}

/** As the name of a preset: that none is applied. */
export const NO_PRESET = "none";

/**
 * The preset that is applied, as Coder's own `create` chooses it: the one of this very name, by default the
 * template's default, none where the name is `none` in whatever case.
 */
export function choosePreset(
  presets: readonly Preset[],
  wanted: string | undefined,
): { preset: Preset | undefined } | { problem: Message } {
  if (presets.length === 0 || wanted?.toLowerCase() === NO_PRESET) return { preset: undefined };
  if (!wanted) return { preset: presets.find(({ isDefault }) => isDefault) };
  const preset = presets.find(({ name }) => name === wanted);
  if (preset) return { preset };
  const names = presets.map(({ name }) => name).join(", ");
  return {
    problem: say('the template has no preset "{0}"; it has {1}, or {2}', wanted, names, NO_PRESET),
  };
}

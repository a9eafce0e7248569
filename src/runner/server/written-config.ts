import type { Fields } from "../../contract/fields/table.ts";
import type { StepFile } from "../../runs/run-file.ts";

type Written = Pick<StepFile, "config"> & { withheld?: Record<string, string[]> };

/** What of a configuration goes into run.json at once: of what may be secret, only the names. */
export function writtenOf(fields: Fields, config: Readonly<Record<string, unknown>>): Written {
  const written: Record<string, unknown> = {};
  const withheld: Record<string, string[]> = {};
  for (const [key, value] of Object.entries(config)) {
    if (!fields[key]?.mayBeSecret) written[key] = value;
    else if (typeof value === "object" && value !== null) withheld[key] = Object.keys(value);
  }
  return { config: written, ...nonEmpty(withheld) };
}

/** The same once it is known what of it is no secret. */
export function withKept(
  { config, withheld = {} }: Pick<StepFile, "config" | "withheld">,
  kept: Readonly<Record<string, object>>,
): Written {
  const rest = Object.entries(withheld).map(([key, names]) => {
    const known = kept[key] ?? {};
    return [key, names.filter((name) => !Object.hasOwn(known, name))] as const;
  });
  return {
    config: { ...config, ...kept },
    withheld: Object.fromEntries(rest.filter(([, names]) => names.length > 0)),
  };
}

function nonEmpty(withheld: Record<string, string[]>): Pick<Written, "withheld"> {
  const some = Object.entries(withheld).filter(([, names]) => names.length > 0);
  return some.length > 0 ? { withheld: Object.fromEntries(some) } : {};
}

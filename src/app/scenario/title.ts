import type { Scenario } from "../../scenario/model.ts";

/** The name of a scenario's file without folder and ending: `smoke` of `load/smoke.scaletest.yaml`. */
export function baseName(file: string): string {
  return (file.split(/[\\/]/).at(-1) ?? "").replace(/(\.scaletest)?\.ya?ml$/i, "");
}

/** What runs of a scenario are called: by this, earlier ones are found again. */
export function titleOf(file: string, { name }: Pick<Scenario, "name">): string {
  return name ?? baseName(file);
}

import { readFile } from "node:fs/promises";
import path from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { Field } from "../../contract/fields/field.ts";
import type { Workload } from "../../contract/workload.ts";
import { writeDuration } from "../../protocol/duration.ts";
import type { Asked } from "../../protocol/report-page.ts";
import { type RunFile, readRunFile, SCENARIO_FILE, type StepFile } from "../../runs/run-file.ts";
import { isSecretName, THRESHOLDS } from "../../scenario/fields.ts";
import { type RepeatedRun, repeatCommand } from "../repeat-command.ts";

type AskedStep = Asked["steps"][number];
type Setting = AskedStep["settings"][number];

/** What a run was asked for, from its folder; undefined where run.json cannot be read. */
export async function readAsked(folder: string, workloads: readonly Workload[]): Promise<Asked | undefined> {
  const [run, scenario] = await Promise.all([
    readRunFile(folder).catch(() => undefined),
    readFile(path.join(folder, SCENARIO_FILE), "utf8").catch(() => undefined),
  ]);
  return run && askedOf({ ...run, scenario }, workloads);
}

export function askedOf(run: RepeatedRun & Pick<RunFile, "product">, workloads: readonly Workload[]): Asked {
  const { product, steps, thresholds = [] } = run;
  const repeat = repeatCommand(run, { workloads });
  return {
    product,
    steps: steps.map((step) =>
      askedStep(
        step,
        workloads.find(({ name }) => name === step.workload),
      ),
    ),
    thresholds,
    ...(repeat ? { repeat } : {}),
  };
}

/** In the order of the help; what the workload does not know any more, behind. */
function askedStep(
  { name, workload, config, withheld = {} }: StepFile,
  kind: Workload | undefined,
): AskedStep {
  const keys = [
    ...new Set([...Object.keys(kind?.fields ?? {}), ...Object.keys(config), ...Object.keys(withheld)]),
  ];
  return {
    name,
    workload,
    settings: keys
      .filter((key) => key !== THRESHOLDS)
      .flatMap((key) => settingsOf(key, kind?.fields[key], config[key], withheld[key] ?? [])),
  };
}

function settingsOf(
  key: string,
  field: Field | undefined,
  value: unknown,
  withheld: readonly string[],
): Setting[] {
  const name = field?.flag ?? key;
  if (field?.kind === "map" || withheld.length > 0) return mapSettings(name, value, withheld);
  const known = value ?? field?.default;
  if (known === undefined || isDeepStrictEqual(known, [])) return [];
  const isDefault = field !== undefined && isDeepStrictEqual(value, field.schema.safeParse(undefined).data);
  return [
    { name, value: textOf(field, known), ...(isDefault || value === undefined ? { isDefault: true } : {}) },
  ];
}

/** One for each of the names: what may be secret is not told. */
function mapSettings(name: string, value: unknown, withheld: readonly string[]): Setting[] {
  const values = Object.entries(Object(value ?? {}) as Record<string, unknown>);
  const told = values.filter(([one]) => !withheld.includes(one) && !isSecretName(one));
  const hidden = [...values.map(([one]) => one).filter(isSecretName), ...withheld];
  return [
    ...told.map(([one, text]) => ({ name: `${name} ${one}`, value: String(text) })),
    ...[...new Set(hidden)].map((one) => ({ name: `${name} ${one}`, value: "", withheld: true })),
  ];
}

function textOf(field: Field | undefined, value: unknown): string {
  if (field?.kind === "duration" && typeof value === "number") return writeDuration(value);
  if (field?.kind === "boolean") return String(field.negated ? !value : value);
  if (Array.isArray(value)) return value.map(String).join(", ");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

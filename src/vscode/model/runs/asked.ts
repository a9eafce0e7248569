import { readFile } from "node:fs/promises";
import path from "node:path";
import type { Workload } from "../../../contract/workload.ts";
import { type RunFile, readRunFile, SCENARIO_FILE } from "../../../runs/run-file.ts";

/** What an earlier run was asked for, as far as it can be asked for again. */
export type AskedRun =
  /** One workload by itself, by the keys of its fields. */
  | { kind: "workload"; workload: Workload; config: Record<string, unknown> }
  /** A scenario's file, as it was written. */
  | { kind: "scenario"; file: string }
  /** It went on with what another run had left, or only its command says it. */
  | { kind: "none" };

/** Reads what the run's folder says. Rejects where its run.json cannot be read. */
export async function readAsked(folder: string, startable: readonly Workload[]): Promise<AskedRun> {
  const file = path.join(folder, SCENARIO_FILE);
  const hasScenario = await readFile(file, "utf8").then(
    () => true,
    () => false,
  );
  if (hasScenario) return { kind: "scenario", file };
  return askedWorkload(await readRunFile(folder), startable) ?? { kind: "none" };
}

type Asked = Pick<RunFile, "steps" | "thresholds" | "limit">;

/** undefined where it was not one step of a workload that a person can start. */
export function askedWorkload(
  { steps, thresholds, limit }: Asked,
  startable: readonly Workload[],
): Extract<AskedRun, { kind: "workload" }> | undefined {
  const [step, ...more] = steps;
  const workload = startable.find(({ name }) => name === step?.workload);
  if (!step || !workload || more.length > 0 || limit || step.begin || step.profile) return undefined;
  const { fields } = workload;
  const told = Object.entries(step.config).filter(([key]) => fields[key]?.flag !== undefined);
  const held = [step.config.thresholds ?? [], thresholds ?? []].flat();
  return {
    kind: "workload",
    workload,
    // What the settings hold new runs to is not what this one was held to.
    config: { ...Object.fromEntries(told), ...(fields.thresholds ? { thresholds: held } : {}) },
  };
}

/** The configuration that does again what failed, and nothing else; undefined where that cannot be, or nothing failed. */
export function failedOnly(asked: AskedRun, failed: number): Record<string, unknown> | undefined {
  if (asked.kind !== "workload" || failed === 0) return undefined;
  return asked.workload.onlyFailed?.(asked.config, failed);
}

/** What can be asked for once more of a run that is over: `failed` is that what failed can be run by itself, too. */
export type Again = "none" | "whole" | "failed";

/** By what a list of runs knows: whether a scenario can be read is found out when it is run. */
export function againOf(run: Asked, failed: number, startable: readonly Workload[]): Again {
  const asked = askedWorkload(run, startable);
  if (asked && failedOnly(asked, failed)) return "failed";
  return asked || run.steps.length > 1 || run.limit ? "whole" : "none";
}

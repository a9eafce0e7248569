import { readFile } from "node:fs/promises";
import path from "node:path";
import type { Uri } from "vscode";
import { readRunFile, SCENARIO_FILE } from "../../../runs/run-file.ts";
import type { WatchedRun } from "../../model/runs/watched-run.ts";
import { saveRun, saveScenario } from "../../model/scenarios/save.ts";

/** A run's scenario as a file: what was run, where it was one already, else what was asked for. */
export async function saveRunAsScenario({
  folder,
  title,
}: Pick<WatchedRun, "folder" | "title">): Promise<Uri | undefined> {
  const text = await readFile(path.join(folder, SCENARIO_FILE), "utf8").catch(() => undefined);
  if (text !== undefined) return saveScenario(text, title);
  // Anew: the runner writes the steps when it knows them.
  const { steps, thresholds, deployment } = await readRunFile(folder);
  return saveRun({
    name: title,
    steps,
    thresholds,
    deployment: deployment.sandbox ? undefined : deployment.url,
  });
}

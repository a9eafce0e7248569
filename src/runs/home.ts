import { mkdirSync } from "node:fs";
import path from "node:path";
import envPaths from "env-paths";

/**
 * The folder that holds everything this product keeps: runs, and `coder` commands fetched from deployments.
 * `CODER_SCALETEST_HOME` names it; otherwise it is where the platform keeps an application's data. The
 * editor and the command line share it, so that a run started in one shows in the other.
 */
export function productHome(env: NodeJS.ProcessEnv = process.env): string {
  const named = env.CODER_SCALETEST_HOME;
  return named ? path.resolve(named) : envPaths("coder-scaletest", { suffix: "" }).data;
}

/** Within the product's folder. */
export const RUNS_FOLDER = "runs";

/** The folder of runs. Made where it is missing, readable by its owner only. */
export function runsFolder(home: string): string {
  const folder = path.join(home, RUNS_FOLDER);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return folder;
}

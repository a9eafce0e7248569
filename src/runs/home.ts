import "./home-variable.ts";
import path from "node:path";
import envPaths from "env-paths";
import { FolderError } from "./folder-error.ts";
import { makeFolder } from "./make-folder.ts";

/**
 * The folder that holds everything this product keeps: runs, and `coder` commands fetched from deployments.
 * `CODER_SCALETEST_HOME` names it; otherwise it is where the platform keeps an application's data. The
 * editor and the command line share it, so that a run started in one shows in the other.
 */
export function productHome(env: NodeJS.ProcessEnv = process.env): string {
  const named = env.CODER_SCALETEST_HOME;
  return named ? path.resolve(named) : envPaths("coder-scaletest", { suffix: "" }).data;
}

/** The folder of runs, made where it is missing, readable by its owner only. Throws FolderError. */
export function runsFolder(home: string): string {
  const folder = runsIn(home);
  try {
    makeFolder(folder);
  } catch (error) {
    throw new FolderError(folder, error);
  }
  return folder;
}

/** Where the runs of a home are; made by nobody here: a list of runs needs no folder that can be written. */
export function runsIn(home: string): string {
  return path.join(home, "runs");
}

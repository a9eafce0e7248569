/** Of files in a run's folder that those name who load no schemas; run-file.ts has the others. */
export const RUN_FILE = "run.json";
export const RUNNER_LOG = "runner.log";

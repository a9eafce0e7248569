/** The names of the files in a run's folder. run-file.ts has them, too; a process that loads no schemas reads them here. */
export const RUN_FILE = "run.json";
export const RUNNER_LOG = "runner.log";
export const RESULT_FILE = "result.json";
export const SUMMARY_FILE = "summary.json";
export const JOURNAL_FILE = "journal.ndjson";
export const EVENTS_FILE = "events.ndjson";
/** Of runs of version 1; later ones have SECONDS_FILE. */
export const SAMPLES_FILE = "samples.ndjson";
/** A line for each second that a step has measured something in. */
export const SECONDS_FILE = "seconds.ndjson";
/** A line for each step: what its seconds are of. */
export const DESCRIPTIONS_FILE = "descriptions.ndjson";
/** The scenario that was run, as it was written. */
export const SCENARIO_FILE = "scenario.yaml";
/** Marks a run that a person has put away. */
export const DISMISSED_FILE = "dismissed";

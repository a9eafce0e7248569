/** What every request for a run may say, by a command, a task or another extension. What it leaves out is asked for. */
export interface RunRequest {
  /** Address of a deployment that is signed in to. */
  url?: string;
  /** Leaves out the last question. */
  start?: boolean;
  /** Host of a deployment that is not marked as one for tests, to say that it is meant. */
  acknowledgedHost?: string;
  /** Keys of the workload's configuration, as a run's run.json has them. */
  config?: Record<string, unknown>;
}

/** A run of any workload that a person can start. */
export interface StartRequest extends RunRequest {
  /** Its name, as on the command line; without it, a person chooses. */
  workload?: string;
}

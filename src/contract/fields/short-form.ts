/** A word of a scenario's step for what takes several fields to say: `over: ssh`. */
export interface ShortForm {
  /** None of the names of the workload's fields. */
  name: string;
  description: string;
  choices: Readonly<Record<string, ShortChoice>>;
}

/** What one choice of a short form stands for. Fields are named by their keys. */
export interface ShortChoice {
  /** What it says of the fields; a file that says these fields by themselves as well is refused. */
  config: Readonly<Record<string, unknown>>;
  /** Fields that have to be said beside it. */
  needs?: readonly string[];
  /** Fields that mean something else, and cannot be said beside it. */
  excludes?: readonly string[];
}

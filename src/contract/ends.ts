/** A time limit ran out: of a job, of the run's stage, or of the clean-up. */
export class TimeLimit extends Error {
  override readonly name = "TimeLimit";
  readonly scope: "job" | "run" | "cleanup";

  constructor(scope: "job" | "run" | "cleanup", message: string) {
    super(message);
    this.scope = scope;
  }
}

/** Somebody asked for an end. */
export class Stopped extends Error {
  override readonly name = "Stopped";
  constructor() {
    super("stopped");
  }
}

/** The session has expired, and nobody has signed in again: the run ends, without having failed. */
export class SessionLost extends Stopped {
  constructor(sentence: string) {
    super();
    this.message = sentence;
  }
}

/** A step goes along with another, which is over: it ends, without having failed. */
export class StepOver extends Stopped {}

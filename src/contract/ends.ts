import { type Message, say } from "../text/message.ts";
import { SaidError } from "../text/said-error.ts";

/** A time limit ran out: of a job, of the run's stage, or of the clean-up. */
export class TimeLimit extends SaidError {
  override readonly name = "TimeLimit";
  readonly scope: "job" | "run" | "cleanup";

  constructor(scope: "job" | "run" | "cleanup", said: Message) {
    super(said);
    this.scope = scope;
  }
}

/** Somebody asked for an end. */
export class Stopped extends SaidError {
  override readonly name = "Stopped";
  constructor(said: Message = say("stopped")) {
    super(said);
  }
}

/** The session has expired, and nobody has signed in again: the run ends, without having failed. */
export class SessionLost extends Stopped {
  constructor(sentence: Message) {
    super(sentence);
  }
}

/** A step goes along with another, which is over: it ends, without having failed. */
export class StepOver extends Stopped {}

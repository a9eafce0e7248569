import { type Message, say } from "../text/message.ts";
import { SaidError } from "../text/said-error.ts";

/** The run is refused before load: sign-in, reach, permission, template. One line that says what to do. */
export class Refusal extends SaidError {
  override readonly name = "Refusal";
}

/** A job's failure with a cause of its own, by which failures are counted. */
export class JobFailure extends SaidError {
  override readonly name = "JobFailure";
  /** Stable, for scripts: `build_failed`. */
  readonly causeId: string;
  /** For people, without what differs from job to job: "build failed: terraform apply, exit status 1". */
  readonly causeText: Message;
  readonly requestId: string | undefined;
  /** Lines to keep with the job: a build log, a command's output. */
  readonly log: string | undefined;
  /** The number of the workspace's build that failed. */
  readonly build: number | undefined;

  constructor(
    causeId: string,
    cause: Message,
    detail?: { said?: Message; requestId?: string | undefined; log?: string | undefined; build?: number },
  ) {
    super(detail?.said ?? cause);
    this.causeId = causeId;
    this.causeText = cause;
    this.requestId = detail?.requestId;
    this.log = detail?.log;
    this.build = detail?.build;
  }
}

/** The deployment could not destroy what a workspace stands for: it can be deleted by leaving that where it is. */
export class DestroyFailure extends JobFailure {
  constructor(reason: Message) {
    super("delete_failed", say("delete failed: {0}", reason));
  }
}

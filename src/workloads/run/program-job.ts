import { oneLine } from "../../coder/errors.ts";
import { JobFailure } from "../../contract/failures.ts";
import type { Job, JobContext } from "../../contract/job.ts";
import type { PrepareContext } from "../../contract/prepare.ts";
import { formatDuration } from "../../protocol/duration.ts";
import { foreign, type Message, say, sayAll } from "../../text/message.ts";
import { saidOf } from "../../text/said-error.ts";
import { step } from "../job-step.ts";
import { programText, type RunConfig } from "./config.ts";
import { type ProgramEnd, runProgram } from "./program.ts";

const LOG_LINES = 20;
/** Of the line that tells why it failed. */
const LONGEST_REASON = 300;

/** Runs the program, and tells when it begins and ends. */
export class ProgramJob implements Job {
  readonly index = 0;
  readonly name: string;
  readonly owner = "";
  readonly #config: RunConfig;
  readonly #folder: string;
  readonly #tell: Pick<PrepareContext, "event">;

  constructor(config: RunConfig, folder: string, tell: Pick<PrepareContext, "event">) {
    this.name = programText(config);
    this.#config = config;
    this.#folder = folder;
    this.#tell = tell;
  }

  async run(context: JobContext): Promise<void> {
    context.state("running", say("running"));
    this.#tell.event(say("program started: {0}", this.name));
    const begun = performance.now();
    const end = await step(context.signal, "program_timed_out", say("program did not end in time"), () =>
      this.#toItsEnd(context),
    ).catch((error: unknown) => {
      this.#tell.event(say("program ended: {0}", saidOf(error)));
      throw error;
    });
    const ms = performance.now() - begun;
    this.#tell.event(say("program ended with {0} after {1}", sayEnd(end), formatDuration(ms)));
    context.phase("program", ms);
    if (end.code !== 0) throw failureOf(end);
  }

  async #toItsEnd(context: JobContext): Promise<ProgramEnd> {
    const { args, shell } = this.#config;
    let output = "";
    try {
      return await runProgram(
        shell === undefined ? { args: args ?? [] } : { shell },
        { folder: this.#folder, signal: context.signal },
        (kept) => {
          output = kept;
        },
      );
    } finally {
      context.keepLog(output);
      for (const line of output.trimEnd().split("\n").slice(-LOG_LINES)) context.log(`> ${line}`);
    }
  }

  /** What the program has done, no clean-up can undo. */
  async cleanup(): Promise<void> {}
}

function sayEnd({ code, killedBy }: ProgramEnd): Message {
  return code === null ? say("signal {0}", killedBy ?? "") : say("exit status {0}", String(code));
}

function failureOf(end: ProgramEnd): JobFailure {
  const line = oneLine(end.lastErrorLine).slice(0, LONGEST_REASON);
  const said = say("program failed with {0}", sayEnd(end));
  return new JobFailure("program_failed", line ? sayAll([said, foreign(line)], ": ") : said);
}

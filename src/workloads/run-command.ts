import { randomBytes } from "node:crypto";
import type { CoderClient } from "../coder/client.ts";
import { openPty } from "../coder/pty.ts";
import type { Agent } from "../coder/schemas.ts";
import { JobFailure } from "../contract/failures.ts";
import type { JobContext } from "../contract/job.ts";
import { formatDuration } from "../protocol/duration.ts";
import { type Message, say, sayAll } from "../text/message.ts";
import { step } from "./job-step.ts";
import { hasPosixShell, NO_POSIX_SHELL, posixScript, posixWord } from "./posix-shell.ts";

interface CommandOptions {
  command: string;
  timeoutMs: number;
  expectOutput: string | undefined;
  expectTimeout: boolean;
  /** What a person can do about it. */
  hints: { noShell: Message; timedOut: Message };
}

/** A command of a job. */
export interface InTerminal extends CommandOptions {
  keepOutput: boolean;
}

interface CommandResult {
  /** From asking for the terminal to its first byte. */
  firstByteMs: number;
  /** From the first byte to the command's end. */
  commandMs: number;
  output: string;
}

const KEPT_OUTPUT = 16 * 1024;
/**
 * The deployment accepts a terminal before it has reached the agent; the way there may need a second
 * handshake, five seconds later (seen on a real server right after an agent became ready). So a terminal
 * counts as open from its first byte, which has a limit and a phase of its own.
 */
const FIRST_BYTE_LIMIT_MS = 30_000;

/** Of a configuration with the fields of command-fields.ts. */
export function commandOptions(config: {
  runTimeoutMs: number;
  runExpectOutput?: string | undefined;
  runExpectTimeout: boolean;
  runLogOutput: boolean;
}): Omit<InTerminal, "command" | "hints"> {
  return {
    timeoutMs: config.runTimeoutMs,
    expectOutput: config.runExpectOutput,
    expectTimeout: config.runExpectTimeout,
    keepOutput: config.runLogOutput,
  };
}

/** A job's command in the web terminal of its agent, as `user`: times it, and keeps its output where that is wanted. */
export async function inTerminal(
  context: JobContext,
  user: CoderClient,
  agent: Agent,
  options: InTerminal,
): Promise<void> {
  if (!hasPosixShell(agent))
    throw new JobFailure("no_posix_shell", NO_POSIX_SHELL, {
      said: say('{0}: agent "{1}" runs Windows; {2}', NO_POSIX_SHELL, agent.name, options.hints.noShell),
    });
  context.doing(say("running the command"));
  const result = await step(context.signal, "command_unfinished", say("command did not end"), () =>
    runCommand(user, agent.id, options, context.signal),
  );
  context.phase("first_byte", result.firstByteMs, result.commandMs);
  context.phase("command", result.commandMs);
  if (!options.keepOutput) return;
  context.keepLog(result.output);
  for (const line of result.output.trimEnd().split("\n")) context.log(`> ${line}`);
}

/**
 * Runs a command in a web terminal and waits for its end. A terminal shows no exit status, so the command
 * is followed by a line of our own that carries it; an end without that line is a lost connection.
 * Throws JobFailure, CoderError, or the signal's reason.
 */
async function runCommand(
  client: CoderClient,
  agentId: string,
  options: CommandOptions,
  signal: AbortSignal,
): Promise<CommandResult> {
  const marker = new Marker();
  const screen = new Screen(marker, options.expectOutput);
  const asked = performance.now();
  const stood = client.transport.session.stoodMs(client.subject);
  const pty = await openPty(client, { agentId, command: marker.wrap(options.command), signal }, (bytes) =>
    screen.take(bytes),
  );
  try {
    const begun = await firstOf({ begun: screen.begun, closed: pty.ended }, FIRST_BYTE_LIMIT_MS, signal);
    if (begun === "timeout") {
      throw new JobFailure(
        "terminal_silent",
        say("web terminal: silent for {0} after it was opened", formatDuration(FIRST_BYTE_LIMIT_MS)),
      );
    }
    const waited = client.transport.session.stoodMs(client.subject) - stood;
    const firstByteMs = (screen.firstByteAt ?? performance.now()) - asked - waited;
    const started = performance.now();
    const end = await firstOf({ finished: screen.finished, closed: pty.ended }, options.timeoutMs, signal);
    const result = { firstByteMs, commandMs: performance.now() - started, output: screen.output() };
    if (end === "timeout") return timedOut(options, result);
    judge(options, screen, result.output);
    return result;
  } finally {
    pty.close();
  }
}

/** Resolves with the name of what came first, or "timeout". Rejects with the signal's reason. */
async function firstOf<N extends string>(
  events: Record<N, Promise<unknown>>,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<N | "timeout"> {
  const limit = withTimer(timeoutMs);
  const stopped = new Promise<never>((_resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true, signal: limit.over });
    if (signal.aborted) reject(signal.reason);
  });
  try {
    const named = Object.entries<Promise<unknown>>(events).map(([name, event]) =>
      event.then(() => name as N),
    );
    return await Promise.race([...named, limit.passed.then(() => "timeout" as const), stopped]);
  } finally {
    limit.end();
  }
}

function withTimer(ms: number): { passed: Promise<void>; over: AbortSignal; end: () => void } {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const passed = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, Math.min(ms, 2 ** 31 - 1));
  });
  return {
    passed,
    over: controller.signal,
    end: () => {
      clearTimeout(timer);
      controller.abort();
    },
  };
}

function timedOut(options: CommandOptions, result: CommandResult): CommandResult {
  if (options.expectTimeout) return result;
  const cause = say("command did not end within {0}", formatDuration(options.timeoutMs));
  throw new JobFailure("command_timed_out", cause, {
    said: sayAll([cause, options.hints.timedOut], "; "),
    log: result.output,
  });
}

function judge(options: CommandOptions, screen: Screen, output: string): void {
  const fail = (id: string, cause: Message) => {
    throw new JobFailure(id, cause, { log: output });
  };
  if (screen.exitStatus === undefined)
    fail("terminal_lost", say("web terminal: connection lost before the command ended"));
  if (options.expectTimeout)
    fail("command_ended", say("command ended, and was expected to run into its time limit"));
  if (screen.exitStatus !== 0)
    fail("command_failed", say("command failed with exit status {0}", String(screen.exitStatus)));
  if (options.expectOutput !== undefined && !screen.sawExpected) {
    fail("output_missing", say("command did not print the expected text"));
  }
}

/** A line that no command prints by accident, and that is nowhere in the command as it is written. */
class Marker {
  readonly #left = `__scaletest_${randomBytes(6).toString("hex")}`;
  readonly #right = randomBytes(6).toString("hex");
  readonly begin = `${this.#left}_${this.#right}_begin`;
  readonly end = `${this.#left}_${this.#right}_end:`;

  /** The command is the login shell's own, and a process of its own: an `exit` in it does not skip our line. */
  wrap(command: string): string {
    const print = (tail: string) => `printf "%s_%s_${tail}" "${this.#left}" "${this.#right}"`;
    const run = `"$SHELL" -c ${posixWord(command)}`;
    return posixScript(`${print("begin\\n")}; ${run}; ${print("end:%d\\n")} $?`);
  }
}

/** What came from the terminal, read line by line as it comes. */
class Screen {
  firstByteAt: number | undefined;
  exitStatus: number | undefined;
  sawExpected = false;
  readonly begun: Promise<void>;
  readonly finished: Promise<void>;
  #begin: () => void = () => undefined;
  #finish: () => void = () => undefined;
  #marker: Marker;
  #expected: string | undefined;
  #line = "";
  #kept = "";
  #decoder = new TextDecoder();

  constructor(marker: Marker, expected: string | undefined) {
    this.#marker = marker;
    this.#expected = expected;
    this.begun = new Promise((resolve) => {
      this.#begin = resolve;
    });
    this.finished = new Promise((resolve) => {
      this.#finish = resolve;
    });
  }

  take(bytes: Buffer): void {
    this.firstByteAt ??= performance.now();
    this.#begin();
    const text = this.#line + this.#decoder.decode(bytes, { stream: true });
    const lines = text.split("\n");
    this.#line = (lines.pop() ?? "").slice(-KEPT_OUTPUT);
    for (const line of lines) this.#takeLine(line.replace(/\r$/, ""));
  }

  #takeLine(line: string): void {
    if (line.endsWith(this.#marker.begin)) return;
    const at = line.indexOf(this.#marker.end);
    const shown = at < 0 ? line : line.slice(0, at);
    if (this.#expected !== undefined && shown.includes(this.#expected)) this.sawExpected = true;
    if (at < 0 || shown) this.#kept = `${this.#kept}${shown}\n`.slice(-KEPT_OUTPUT);
    if (at >= 0) {
      this.exitStatus = Number.parseInt(line.slice(at + this.#marker.end.length), 10);
      this.#finish();
    }
  }

  output(): string {
    return (this.#kept + this.#line).slice(-KEPT_OUTPUT);
  }
}

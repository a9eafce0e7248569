import { randomBytes } from "node:crypto";
import type { CoderClient } from "../../coder/client.ts";
import { openPty } from "../../coder/pty.ts";
import { formatDuration } from "../../protocol/duration.ts";
import { JobFailure } from "../workload.ts";

export interface CommandOptions {
  command: string;
  timeoutMs: number;
  expectOutput: string | undefined;
  expectTimeout: boolean;
}

export interface CommandResult {
  /** From the opening of the terminal to its first byte. */
  firstByteMs: number;
  commandMs: number;
  output: string;
}

const KEPT_OUTPUT = 16 * 1024;

/**
 * Runs a command in a web terminal and waits for its end. A terminal shows no exit status, so the command
 * is followed by a line of our own that carries it; an end without that line is a lost connection.
 * Throws JobFailure, CoderError, or the signal's reason.
 */
export async function runCommand(
  client: CoderClient,
  agentId: string,
  options: CommandOptions,
  signal: AbortSignal,
): Promise<CommandResult> {
  const marker = new Marker();
  const screen = new Screen(marker, options.expectOutput);
  const asked = performance.now();
  const pty = await openPty(client, { agentId, command: marker.wrap(options.command), signal }, (bytes) =>
    screen.take(bytes),
  );
  const opened = performance.now();
  const timeout = AbortSignal.timeout(Math.min(options.timeoutMs, 2 ** 31 - 1));
  const end = await Promise.race([
    screen.finished.then(() => "marker" as const),
    pty.ended.then(() => "closed" as const),
    aborted(timeout).then(() => "timeout" as const),
    aborted(signal).then(() => "aborted" as const),
  ]);
  pty.close();
  if (end === "aborted") throw signal.reason;
  const firstByteMs = (screen.firstByteAt ?? performance.now()) - asked;
  const commandMs = performance.now() - opened;
  const result = { firstByteMs, commandMs, output: screen.output() };
  if (end === "timeout") return timedOut(options, result);
  judge(options, screen, result.output);
  return result;
}

function timedOut(options: CommandOptions, result: CommandResult): CommandResult {
  if (options.expectTimeout) return result;
  throw new JobFailure(
    "command_timed_out",
    `command did not end within ${formatDuration(options.timeoutMs)}`,
    {
      log: result.output,
    },
  );
}

function judge(options: CommandOptions, screen: Screen, output: string): void {
  const fail = (id: string, cause: string) => {
    throw new JobFailure(id, cause, { log: output });
  };
  if (screen.exitStatus === undefined)
    fail("terminal_lost", "web terminal: connection lost before the command ended");
  if (options.expectTimeout)
    fail("command_ended", "command ended, and was expected to run into its time limit");
  if (screen.exitStatus !== 0) fail("command_failed", `command failed with exit status ${screen.exitStatus}`);
  if (options.expectOutput !== undefined && !screen.sawExpected) {
    fail("output_missing", "command did not print the expected text");
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

/** A line that no command prints by accident, and that is nowhere in the command as it is written. */
class Marker {
  readonly #left = `__scaletest_${randomBytes(6).toString("hex")}`;
  readonly #right = randomBytes(6).toString("hex");
  readonly begin = `${this.#left}_${this.#right}_begin`;
  readonly end = `${this.#left}_${this.#right}_end:`;

  /** The subshell keeps an `exit` in the command from skipping our line; the new line ends a comment. */
  wrap(command: string): string {
    const print = (tail: string) => `printf '%s_%s_${tail}' '${this.#left}' '${this.#right}'`;
    return `${print("begin\\n")}; (${command}\n); ${print("end:%d\\n")} $?`;
  }
}

/** What came from the terminal, read line by line as it comes. */
class Screen {
  firstByteAt: number | undefined;
  exitStatus: number | undefined;
  sawExpected = false;
  readonly finished: Promise<void>;
  #finish: () => void = () => undefined;
  #marker: Marker;
  #expected: string | undefined;
  #line = "";
  #kept = "";
  #decoder = new TextDecoder();

  constructor(marker: Marker, expected: string | undefined) {
    this.#marker = marker;
    this.#expected = expected;
    this.finished = new Promise((resolve) => {
      this.#finish = resolve;
    });
  }

  take(bytes: Buffer): void {
    this.firstByteAt ??= performance.now();
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

import { type ChildProcess, spawn } from "node:child_process";
import { availableParallelism, freemem } from "node:os";
import { Duplex, PassThrough } from "node:stream";
import pLimit, { type LimitFunction } from "p-limit";
import type { Network } from "../../protocol/target.ts";
import { type Message, say } from "../../text/message.ts";
import { SaidError } from "../../text/said-error.ts";
import { oneLine } from "../errors.ts";
import type { Pacer } from "../pacer.ts";
import type { Session } from "../session.ts";
import { cliEnvironment } from "./cli-environment.ts";
import type { Dialed, DialTarget, WorkspaceDialer } from "./dialer.ts";

/** Resident memory of one `coder ssh --stdio`, with room for its sessions (measured: about 60 MB at most). */
const BYTES_PER_PROCESS = 80 * 1024 * 1024;
const PROCESSES_PER_CORE = 8;
/**
 * The busiest path that each process asks for, the same for all of them; the deployment's rate limit is by
 * path and address, so this is the one that fills up first (contract/cli/ssh-stdio.txt).
 */
const SHARED_PATH = "/api/v2/workspaceagents/connection";

export interface CliDialerOptions {
  /** Program and leading arguments, without `ssh`. */
  command: readonly string[];
  url: string;
  mode: "derp" | "direct";
  /** The command goes the same way as we do: proxy, certificates, headers. */
  network: Network;
  pacer: Pacer;
  /** Whose token may expire while processes wait for a place. */
  session: Session;
  /**
   * Folder for the command's own configuration and temporary files, so that a person's login is neither used
   * nor changed, and what it leaves behind goes with the run.
   */
  folder: string;
  /** Processes at the same time; by default what memory and cores allow. */
  maxProcesses?: number;
}

/** What memory and cores allow, at least one. */
export function maxCliProcesses(): number {
  return Math.max(
    1,
    Math.min(availableParallelism() * PROCESSES_PER_CORE, Math.floor((freemem() * 0.6) / BYTES_PER_PROCESS)),
  );
}

/** SSH over the standard input and output of `coder ssh --stdio`: one process for each connection. */
export class CliDialer implements WorkspaceDialer {
  readonly description: Message;
  #options: CliDialerOptions;
  #places: LimitFunction;
  #children = new Set<ChildProcess>();

  constructor(options: CliDialerOptions) {
    this.#options = options;
    this.#places = pLimit(options.maxProcesses ?? maxCliProcesses());
    this.description =
      options.mode === "derp"
        ? say("coder ssh --stdio, through the deployment's relay")
        : say("coder ssh --stdio, direct where it can");
  }

  load(): { processes: number; waiting: number } {
    return { processes: this.#children.size, waiting: this.#places.pendingCount };
  }

  dial(target: DialTarget, signal: AbortSignal, onStart: () => void = () => undefined): Promise<Dialed> {
    const asked = performance.now();
    return new Promise((resolve, reject) => {
      // The place is held until the process has ended, not just until it has started.
      void this.#places(async () => {
        try {
          signal.throwIfAborted();
          const { session, pacer } = this.#options;
          const token = await session.usable(target.token, target.subject ?? "run", signal);
          await pacer.take(SHARED_PATH, signal);
          const waitedMs = performance.now() - asked;
          onStart();
          const child = this.#spawn({ ...target, token });
          const ended = new Promise<void>((done) => child.once("close", () => done()));
          resolve({ stream: streamOf(child, signal), waitedMs });
          await ended;
        } catch (error) {
          reject(error);
        }
      });
    });
  }

  #spawn(target: DialTarget): ChildProcess {
    const { command, url, mode, network, folder } = this.#options;
    const [program = "coder", ...leading] = command;
    const child = spawn(
      program,
      [
        ...leading,
        ...(mode === "derp" ? ["--disable-direct-connections"] : []),
        "ssh",
        "--stdio",
        "--wait=no",
        "--disable-autostart",
        `${target.owner}/${target.workspace}.${target.agent}`,
      ],
      {
        stdio: ["pipe", "pipe", "pipe"],
        windowsHide: true,
        env: cliEnvironment({ url, token: target.token, network, folder }),
      },
    );
    this.#children.add(child);
    const forget = () => this.#children.delete(child);
    child.once("close", forget);
    child.once("error", forget);
    return child;
  }

  async close(): Promise<void> {
    this.#places.clearQueue();
    await Promise.all([...this.#children].map((child) => endProcess(child)));
  }
}

/** Joins a process's pipes into one stream, whose error is the process's own last word. */
function streamOf(child: ChildProcess, signal: AbortSignal): Duplex {
  const { stdin, stdout, stderr } = child;
  if (!stdin || !stdout || !stderr) throw new SaidError(say("the coder command has no pipes"));
  let lastWords = "";
  stderr.setEncoding("utf8");
  stderr.on("data", (text: string) => {
    lastWords = (lastWords + text).slice(-2_000);
  });
  stdin.on("error", () => undefined);
  // Its output ends a moment before the process does, and only then is it known what that meant.
  const output = stdout.pipe(new PassThrough(), { end: false });
  const stream = Duplex.from({ readable: output, writable: stdin });
  const abort = () =>
    stream.destroy(signal.reason instanceof Error ? signal.reason : new SaidError(say("stopped")));
  signal.addEventListener("abort", abort, { once: true });
  stream.once("close", () => {
    signal.removeEventListener("abort", abort);
    void endProcess(child);
  });
  child.once("error", (error) =>
    stream.destroy(new SaidError(say("the coder command could not be started ({0})", error.message))),
  );
  child.once("close", (code) => {
    const line = lastMeaningfulLine(lastWords);
    if (code && !stream.destroyed)
      stream.destroy(
        new SaidError(
          line
            ? say("coder ssh ended with status {0}: {1}", String(code), line)
            : say("coder ssh ended with status {0}", String(code)),
        ),
      );
    else output.end();
  });
  return stream;
}

function lastMeaningfulLine(text: string): string {
  const lines = text.split("\n").map((line) => oneLine(line));
  // The command lets suggestions follow, such as to use `coder login`.
  const told = lines.findLast((line) => line.startsWith("error: "));
  if (told) return told.slice("error: ".length);
  return lines.findLast((line) => line.length > 0) ?? "";
}

/** Asks a process to end, then makes it. Resolves when it is gone. */
async function endProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  child.kill("SIGTERM");
  const force = setTimeout(() => child.kill("SIGKILL"), 2_000);
  await gone;
  clearTimeout(force);
}

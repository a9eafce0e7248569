import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { JobFailure } from "../../contract/failures.ts";
import { withoutSecrets } from "../../protocol/secret-variables.ts";
import { endGroup, OWN_GROUP } from "../../system/process-group.ts";
import { say } from "../../text/message.ts";
import { saidOf } from "../../text/said-error.ts";

/** Exactly one: words that no shell sees, or a line for the machine's shell. */
export type Line = { args: readonly string[] } | { shell: string };

export interface ProgramEnd {
  /** null: it was ended by a signal. */
  code: number | null;
  killedBy: string | null;
  lastErrorLine: string;
}

/** More than the run keeps in the end: it hides secrets before it cuts. */
const KEPT_OUTPUT = 72 * 1024;
const KEPT_ERROR = 4 * 1024;
/** Somebody else may hold the pipes of a program that has ended. */
const PIPES_LIMIT_MS = 500;

/**
 * Runs a program to its end. With the signal it is killed, and all that it has started; what is left of that when it ends
 * by itself is killed, too. Nobody types into it, and no session token is in its environment. `output` is told of its
 * output's last part, standard error among it. Rejects with JobFailure where it cannot be started, or with the signal's
 * reason once it is gone.
 */
export async function runProgram(
  line: Line,
  { folder, signal }: { folder: string; signal: AbortSignal },
  output: (kept: string) => void,
): Promise<ProgramEnd> {
  signal.throwIfAborted();
  const child = start(line, folder);
  const lastWords = listen(child, output);
  let ending: Promise<void> | undefined;
  const stop = () => {
    ending ??= endGroup(child);
  };
  signal.addEventListener("abort", stop, { once: true });
  try {
    const end = await ended(child, line);
    ending ??= endGroup(child);
    await ending;
    signal.throwIfAborted();
    return { ...end, lastErrorLine: lastLine(lastWords()) };
  } finally {
    signal.removeEventListener("abort", stop);
    child.stdout?.destroy();
    child.stderr?.destroy();
  }
}

function start(line: Line, cwd: string): ChildProcess {
  const options: SpawnOptions = {
    cwd,
    env: environment(process.env),
    stdio: ["ignore", "pipe", "pipe"],
    ...OWN_GROUP,
  };
  if ("shell" in line) return spawn(line.shell, { ...options, shell: true });
  const [file = "", ...args] = line.args;
  return spawn(file, args, options);
}

/** Without what the runner has for itself: it is Electron's as Node.js in an editor, and is thrifty with memory. */
function environment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { ELECTRON_RUN_AS_NODE: _node, MALLOC_ARENA_MAX: _arenas, ...others } = withoutSecrets(env);
  return others;
}

/** Answers with the end of standard error. */
function listen({ stdout, stderr }: ChildProcess, output: (kept: string) => void): () => string {
  let kept = "";
  let errors = "";
  const take = (text: string) => {
    kept = (kept + text).slice(-KEPT_OUTPUT);
    output(kept);
  };
  stdout?.setEncoding("utf8").on("data", take);
  stderr?.setEncoding("utf8").on("data", (text: string) => {
    errors = (errors + text).slice(-KEPT_ERROR);
    take(text);
  });
  return () => errors;
}

/** Resolves when it has ended and said all. */
function ended(child: ChildProcess, line: Line): Promise<Pick<ProgramEnd, "code" | "killedBy">> {
  return new Promise((resolve, reject) => {
    child.once("error", (error: NodeJS.ErrnoException) => reject(notStarted(error, line)));
    child.once("exit", (code, killedBy) => {
      const finish = () => resolve({ code, killedBy });
      const limit = setTimeout(finish, PIPES_LIMIT_MS);
      child.once("close", () => {
        clearTimeout(limit);
        finish();
      });
    });
  });
}

function notStarted(error: NodeJS.ErrnoException, line: Line): JobFailure {
  const reason =
    error.code === "ENOENT"
      ? say("there is no such program")
      : error.code === "EACCES"
        ? say("it is not executable")
        : saidOf(error);
  const name = "shell" in line ? say("the shell") : say('"{0}"', line.args[0] ?? "");
  return new JobFailure("program_not_started", say("{0} could not be started: {1}", name, reason));
}

function lastLine(text: string): string {
  // Without the colours of a terminal.
  const plain = text.replace(/\u001b\[[\d;]*[A-Za-z]/g, "");
  return (
    plain
      .split("\n")
      .map((line) => line.trim())
      .findLast(Boolean) ?? ""
  );
}

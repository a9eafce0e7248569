import { MOST_SHELLS, SHELL_BYTES } from "../limits.ts";
import { COMMANDS, openFile } from "./commands.ts";
import { type Node, type Pipeline, parseScript, type Redirect, type Script, type Word } from "./parse.ts";
import {
  DISCARD,
  Exit,
  Interrupted,
  type Io,
  type Machine,
  Pipe,
  type Session,
  untilRoom,
  Variables,
} from "./process.ts";

const INTERRUPTED_STATUS = 130;
/** bash's own, where it cannot start a process. */
const FORK_STATUS = 254;

/** A loop runs no further: a script must not be able to hold the sandbox for ever without waiting. */
const MAX_ROUNDS = 1_000_000;

export function newSession(machine: Machine, stop: AbortSignal): Session {
  const processId = machine.processId();
  return {
    machine,
    variables: new Variables([
      ["HOME", `/home/${machine.user}`],
      ["PATH", "/usr/local/bin:/usr/bin:/bin"],
      ["PWD", `/home/${machine.user}`],
      ["SHELL", "/bin/bash"],
      ["TERM", "xterm-256color"],
      ["USER", machine.user],
      ["CODER", "true"],
      ["CODER_WORKSPACE_NAME", machine.hostname],
    ]),
    status: 0,
    processId,
    stop,
    ignoreInterrupt: false,
    shells: { running: 1 },
  };
}

/** Runs `<shell> -c source`. @returns the exit status; never throws */
export async function runShell(source: string, io: Io, session: Session): Promise<number> {
  try {
    return await runScript(parseScript(source), io, session);
  } catch (error) {
    if (error instanceof Exit) return error.status;
    if (error instanceof Interrupted) return INTERRUPTED_STATUS;
    const text = error instanceof Error ? error.message : "internal error";
    io.stderr(Buffer.from(`/bin/bash: -c: line 1: ${text}\n`));
    return 2;
  }
}

async function runScript(script: Script, io: Io, session: Session): Promise<number> {
  for (const { when, pipeline } of script.items) {
    if (when === "&&" && session.status !== 0) continue;
    if (when === "||" && session.status === 0) continue;
    if (session.stop.aborted) throw new Interrupted();
    session.status = await runPipeline(pipeline, io, session);
  }
  return session.status;
}

async function runPipeline(pipeline: Pipeline, io: Io, session: Session): Promise<number> {
  const [only, ...more] = pipeline.parts;
  const status =
    only && !more.length ? await runNode(only, io, session) : await runPipes(pipeline.parts, io, session);
  if (!pipeline.negated) return status;
  return status === 0 ? 1 : 0;
}

/** Each part in a subshell of its own, all at once; the last one's status counts. */
async function runPipes(parts: Node[], io: Io, session: Session): Promise<number> {
  let stdin = io.stdin;
  const running = parts.map((part, at) => {
    const own = stdin;
    const pipe = at < parts.length - 1 ? new Pipe() : undefined;
    const before = own instanceof Pipe ? own : undefined;
    if (pipe) stdin = pipe;
    return inSubshell(session, (inner) =>
      runNode(
        part,
        {
          ...io,
          stdin: own,
          stdout: pipe?.sink ?? io.stdout,
          room: () => pipe?.room() ?? io.room?.(),
        },
        inner,
      ),
    ).finally(() => {
      pipe?.end();
      before?.close();
    });
  });
  const statuses = await Promise.all(running);
  return statuses.at(-1) ?? 0;
}

/** Variables and `exit` stay inside. */
async function inSubshell(session: Session, run: (inner: Session) => Promise<number>): Promise<number> {
  const inner: Session = { ...session, variables: new Variables(session.variables) };
  try {
    return await run(inner);
  } catch (error) {
    if (error instanceof Exit) return error.status;
    throw error;
  }
}

async function runNode(node: Node, io: Io, session: Session): Promise<number> {
  if (node.kind === "command") return runCommand(node, io, session);
  const redirected = await redirect(node.redirects, io, session);
  if (!redirected) return 1;
  switch (node.kind) {
    case "subshell":
      return inSubshell(session, (inner) => runScript(node.body, redirected, inner));
    case "group":
      return runScript(node.body, redirected, session);
    case "for":
      return runFor(node, redirected, session);
    case "while":
      return runWhile(node, redirected, session);
    case "if":
      return runIf(node, redirected, session);
  }
}

/** What loops without a wait would starve everybody else. */
function othersFirst(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

async function runFor(node: Extract<Node, { kind: "for" }>, io: Io, session: Session): Promise<number> {
  session.status = 0;
  for (const value of await expandAll(node.words, io, session)) {
    session.variables.set(node.name, value);
    await runScript(node.body, io, session);
    await othersFirst();
  }
  return session.status;
}

async function runWhile(node: Extract<Node, { kind: "while" }>, io: Io, session: Session): Promise<number> {
  let status = 0;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const held = (await runScript(node.condition, io, session)) === 0;
    if (held === node.until) break;
    status = await runScript(node.body, io, session);
    await othersFirst();
  }
  return status;
}

async function runIf(node: Extract<Node, { kind: "if" }>, io: Io, session: Session): Promise<number> {
  if ((await runScript(node.condition, io, session)) === 0) return runScript(node.then, io, session);
  session.status = 0;
  return node.otherwise ? runScript(node.otherwise, io, session) : 0;
}

async function runCommand(
  node: Extract<Node, { kind: "command" }>,
  io: Io,
  session: Session,
): Promise<number> {
  const words = await expandAll(node.words, io, session);
  const redirected = await redirect(node.redirects, io, session);
  if (!redirected) return 1;
  const replaces = words[0] === "exec";
  const [name, ...args] = replaces ? words.slice(1) : words;
  for (const { name: variable, value } of node.assignments) {
    session.variables.set(variable, (await expand(value, io, session)).join(" "));
  }
  if (name === undefined) return 0;
  const command =
    COMMANDS.get(name.replace(/^\/(usr\/)?bin\//, "")) ??
    SHELL_COMMANDS.get(name.replace(/^\/(usr\/)?bin\//, ""));
  if (!command) {
    redirected.stderr(Buffer.from(`/bin/bash: line 1: ${name}: command not found\n`));
    if (replaces) throw new Exit(127);
    return 127;
  }
  const status = await command(args, redirected, session);
  await untilRoom(io, session);
  if (replaces) throw new Exit(status);
  return status;
}

/** `sh -c SCRIPT` and `timeout N COMMAND…`: commands that run others. */
const SHELL_COMMANDS: ReadonlyMap<string, (args: string[], io: Io, session: Session) => Promise<number>> =
  new Map(
    ["sh", "bash"].map((name) => [
      name,
      async (args: string[], io: Io, session: Session) => {
        const at = args.findIndex((arg) => /^-[a-z]*c$/.test(arg));
        const script = at < 0 ? undefined : args[at + 1];
        if (script === undefined) return 0;
        if (session.shells.running >= MOST_SHELLS) {
          io.stderr(Buffer.from("bash: fork: retry: Resource temporarily unavailable\n"));
          return FORK_STATUS;
        }
        session.shells.running++;
        await othersFirst();
        const inner = { ...session, variables: new Variables(session.variables) };
        return runShell(script, io, inner).finally(() => {
          session.shells.running--;
        });
      },
    ]),
  );

/** The streams after redirections, or undefined when a file is not there. */
async function redirect(redirects: Redirect[], io: Io, session: Session): Promise<Io | undefined> {
  const result = { ...io };
  for (const { descriptor, how, target } of redirects) {
    const path = (await expand(target, io, session)).join(" ");
    if (how === ">&") {
      const from = path === "2" ? result.stderr : result.stdout;
      if (descriptor === 2) result.stderr = from;
      else result.stdout = from;
    } else if (how === "<") {
      const source = path === "/dev/stdin" ? io.stdin : openFile(path, session);
      if (!source) {
        io.stderr(Buffer.from(`/bin/bash: line 1: ${path}: No such file or directory\n`));
        return undefined;
      }
      result.stdin = source;
    } else {
      // Files go nowhere: a simulated machine has no disk.
      const sink = path === "/dev/stdout" ? io.stdout : path === "/dev/stderr" ? io.stderr : DISCARD;
      if (descriptor === 2) result.stderr = sink;
      else result.stdout = sink;
    }
  }
  return result;
}

async function expandAll(words: Word[], io: Io, session: Session): Promise<string[]> {
  const all: string[] = [];
  for (const word of words) all.push(...(await expand(word, io, session)));
  return all;
}

/** Variables and command substitutions; what is not quoted is split at white space. */
async function expand(word: Word, io: Io, session: Session): Promise<string[]> {
  const fields: string[] = [];
  let current: string | undefined;
  for (const piece of word) {
    const value =
      piece.kind === "text"
        ? piece.text
        : piece.kind === "variable"
          ? variable(piece.name, session)
          : await substitute(piece.script, io, session);
    if (piece.quoted || piece.kind === "text") {
      current = (current ?? "") + value;
      continue;
    }
    value.split(/[ \t\n]+/).forEach((part, at) => {
      if (at > 0 && current !== undefined) {
        fields.push(current);
        current = undefined;
      }
      if (part !== "") current = (current ?? "") + part;
    });
  }
  if (current !== undefined) fields.push(current);
  return fields;
}

/** The agent started every process of a terminal; the processes themselves count from 1000 on. */
const AGENT_PROCESS_ID = 999;

function variable(name: string, session: Session): string {
  if (name === "?") return String(session.status);
  if (name === "$") return String(session.processId);
  if (name === "0") return "/bin/bash";
  if (name === "-") return "hBc";
  if (name === "PPID") return String(AGENT_PROCESS_ID);
  if (name === "#") return "0";
  if (name === "HOSTNAME") return session.machine.hostname;
  return session.variables.get(name) ?? "";
}

async function substitute(script: Script, io: Io, session: Session): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  const keep = (chunk: Buffer) => {
    if (bytes < SHELL_BYTES) chunks.push(Buffer.from(chunk));
    bytes += chunk.length;
  };
  session.status = await inSubshell(session, (inner) =>
    runScript(script, { ...io, stdout: keep, room: undefined }, inner),
  );
  if (bytes > SHELL_BYTES) throw new Error("cannot allocate memory");
  return Buffer.concat(chunks).toString("utf8").replace(/\n+$/, "");
}

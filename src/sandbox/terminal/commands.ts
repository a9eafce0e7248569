import { dd } from "./dd.ts";
import { applyStty, EMPTY, Exit, type Io, type Session, until } from "./process.ts";
import type { Source } from "./tty.ts";

/** A command: its arguments without its name. @returns its exit status */
export type Command = (args: string[], io: Io, session: Session) => number | Promise<number>;

const print = (io: Io, text: string) => io.stdout(Buffer.from(text));
const complain = (io: Io, text: string) => io.stderr(Buffer.from(text));

const ESCAPES: Record<string, string> = {
  n: "\n",
  t: "\t",
  r: "\r",
  a: "\x07",
  b: "\b",
  f: "\f",
  v: "\v",
  e: "\x1b",
  "\\": "\\",
  '"': '"',
};

function expandEscapes(text: string): string {
  return text.replace(/\\(x[0-9a-fA-F]{1,2}|0?[0-7]{1,3}|.)/g, (whole, what: string) => {
    if (/^x[0-9a-fA-F]/.test(what)) return String.fromCharCode(Number.parseInt(what.slice(1), 16));
    if (/^[0-7]/.test(what)) return String.fromCharCode(Number.parseInt(what, 8) & 0xff);
    return ESCAPES[what] ?? whole;
  });
}

const echo: Command = (args, io) => {
  let newline = true;
  let escapes = false;
  let at = 0;
  for (; /^-[neE]+$/.test(args[at] ?? ""); at++) {
    if (args[at]?.includes("n")) newline = false;
    if (args[at]?.includes("e")) escapes = true;
  }
  const text = args.slice(at).join(" ");
  print(io, (escapes ? expandEscapes(text) : text) + (newline ? "\n" : ""));
  return 0;
};

const printf: Command = (args, io) => {
  const [format, ...values] = args;
  if (format === undefined) {
    complain(io, "printf: usage: printf format [arguments]\n");
    return 2;
  }
  const plain = expandEscapes(format);
  let taken = 0;
  const round = () =>
    plain.replace(
      /%(-?0?\d*)(?:\.(\d+))?([sdixXocbuq%])/g,
      (_whole, width: string, digits: string | undefined, kind: string) =>
        kind === "%" ? "%" : pad(formatOne(values[taken++] ?? "", kind, digits), width),
    );
  let text = round();
  while (taken > 0 && taken < values.length) text += round();
  print(io, text);
  return 0;
};

function formatOne(value: string, kind: string, digits: string | undefined): string {
  if (kind === "s" || kind === "q") return digits === undefined ? value : value.slice(0, Number(digits));
  if (kind === "b") return expandEscapes(value);
  if (kind === "c") return value.slice(0, 1);
  const number = Math.trunc(Number(value || 0)) || 0;
  if (kind === "x") return number.toString(16);
  if (kind === "X") return number.toString(16).toUpperCase();
  return kind === "o" ? number.toString(8) : String(number);
}

/** No field is wider: a format must not be able to fill the memory. */
const MAX_WIDTH = 4096;

function pad(text: string, width: string): string {
  const size = Math.min(Math.abs(Number(width) || 0), MAX_WIDTH);
  if (width.startsWith("-")) return text.padEnd(size);
  return text.padStart(size, /^0\d/.test(width) ? "0" : " ");
}

const UNITS: Record<string, number> = { "": 1, s: 1, m: 60, h: 3600, d: 86_400 };

/** Milliseconds of `1`, `0.5`, `2m`; undefined when it is no duration. */
function durationMs(text: string): number | undefined {
  const match = /^(\d*\.?\d+|\d+\.)([smhd]?)$/.exec(text);
  if (match) return Number(match[1]) * (UNITS[match[2] ?? ""] ?? 1) * 1000;
  return text === "infinity" ? 2 ** 31 - 1 : undefined;
}

const sleep: Command = (args, io, session) => {
  let total = 0;
  for (const arg of args) {
    const ms = durationMs(arg);
    if (ms === undefined) {
      complain(io, `sleep: invalid time interval '${arg}'\n`);
      return 1;
    }
    total += ms;
  }
  if (!args.length) {
    complain(io, "sleep: missing operand\n");
    return 1;
  }
  return until<number>(session, (done) => session.machine.after(Math.min(total, 2 ** 31 - 1), () => done(0)));
};

/** The few files that a simulated machine has. */
export function openFile(path: string, session: Session): Source | undefined {
  if (path === "/dev/null") return EMPTY;
  const content =
    path === "/etc/hostname"
      ? `${session.machine.hostname}\n`
      : path === "/proc/version" || path === "/etc/os-release"
        ? 'NAME="Sandbox Linux"\n'
        : undefined;
  if (content === undefined) return undefined;
  return {
    attach(reader) {
      queueMicrotask(() => {
        reader.data(Buffer.from(content));
        reader.end();
      });
      return () => undefined;
    },
  };
}

const cat: Command = async (args, io, session) => {
  let status = 0;
  for (const path of args.length ? args : ["-"]) {
    const source = path === "-" || path === "/dev/stdin" ? io.stdin : openFile(path, session);
    if (!source) {
      complain(io, `cat: ${path}: No such file or directory\n`);
      status = 1;
      continue;
    }
    await until<void>(session, (done) => source.attach({ data: io.stdout, end: () => done() }));
  }
  return status;
};

const stty: Command = (args, io) => {
  const { tty } = io;
  if (!tty) {
    complain(io, "stty: 'standard input': Inappropriate ioctl for device\n");
    return 1;
  }
  if (!args.length) print(io, "speed 38400 baud; line = 0;\n");
  for (let at = 0; at < args.length; at++) {
    const word = args[at] ?? "";
    if (word === "size") print(io, `${tty.rows} ${tty.columns}\n`);
    else if (word === "-a" || word === "--all") {
      print(io, `speed 38400 baud; rows ${tty.rows}; columns ${tty.columns}; line = 0;\n`);
    } else if (word === "rows" || word === "cols" || word === "columns") {
      const size = Number(args[++at]);
      if (word === "rows") tty.rows = size;
      else tty.columns = size;
    } else if (!applyStty(tty, word)) {
      complain(io, `stty: invalid argument '${word}'\n`);
      return 1;
    }
  }
  return 0;
};

const env: Command = (_args, io, session) => {
  for (const [name, value] of session.variables) print(io, `${name}=${value}\n`);
  return 0;
};

const uname: Command = (args, io, session) => {
  const parts: [string, string][] = [
    ["s", "Linux"],
    ["n", session.machine.hostname],
    ["r", "6.8.0-sandbox"],
    ["v", "#1 SMP"],
    ["m", "x86_64"],
    ["o", "GNU/Linux"],
  ];
  const asked = args.join("").replaceAll("-", "") || "s";
  const wanted = parts.filter(([flag]) => asked.includes("a") || asked.includes(flag));
  print(io, `${wanted.map(([, value]) => value).join(" ")}\n`);
  return 0;
};

const wc: Command = async (args, io, session) => {
  let bytes = 0;
  let lines = 0;
  await until<void>(session, (done) =>
    io.stdin.attach({
      data(chunk) {
        bytes += chunk.length;
        for (const byte of chunk) if (byte === 0x0a) lines++;
      },
      end: () => done(),
    }),
  );
  print(io, args.includes("-l") ? `${lines}\n` : args.includes("-c") ? `${bytes}\n` : `${lines} ${bytes}\n`);
  return 0;
};

const test: Command = (args) => {
  const [first = "", operator, second = ""] = args;
  if (operator === undefined) return first === "" ? 1 : 0;
  if (first === "-n") return operator === "" ? 1 : 0;
  if (first === "-z") return operator === "" ? 0 : 1;
  if (operator === "=" || operator === "==") return first === second ? 0 : 1;
  if (operator === "!=") return first === second ? 1 : 0;
  const [a, b] = [Number(first), Number(second)];
  const compared: Record<string, boolean> = {
    "-eq": a === b,
    "-ne": a !== b,
    "-lt": a < b,
    "-le": a <= b,
    "-gt": a > b,
    "-ge": a >= b,
  };
  const result = compared[operator];
  return result === undefined ? 2 : result ? 0 : 1;
};

const exit: Command = (args, io, session) => {
  const [given] = args;
  if (given === undefined) throw new Exit(session.status);
  if (/^-?\d+$/.test(given)) throw new Exit(Number(given) & 0xff);
  complain(io, `exit: ${given}: numeric argument required\n`);
  throw new Exit(2);
};

const trap: Command = (args, _io, session) => {
  if (args.includes("INT") || args.includes("SIGINT")) session.ignoreInterrupt = args[0] === "";
  return 0;
};

const assign: Command = (args, _io, session) => {
  for (const arg of args) {
    const at = arg.indexOf("=");
    if (at > 0) session.variables.set(arg.slice(0, at), arg.slice(at + 1));
  }
  return 0;
};

const says =
  (text: (session: Session) => string): Command =>
  (_args, io, session) => {
    print(io, `${text(session)}\n`);
    return 0;
  };

const succeed: Command = () => 0;

export const COMMANDS: ReadonlyMap<string, Command> = new Map<string, Command>([
  ["echo", echo],
  ["printf", printf],
  ["sleep", sleep],
  ["hostname", says((session) => session.machine.hostname)],
  ["whoami", says((session) => session.machine.user)],
  ["id", says((session) => `uid=1000(${session.machine.user}) gid=1000(${session.machine.user})`)],
  ["pwd", says((session) => `/home/${session.machine.user}`)],
  ["nproc", says(() => "4")],
  ["true", succeed],
  [":", succeed],
  ["cd", succeed],
  ["set", succeed],
  ["false", () => 1],
  ["exit", exit],
  ["cat", cat],
  ["dd", dd],
  ["stty", stty],
  ["env", env],
  ["export", assign],
  ["uname", uname],
  ["wc", wc],
  ["test", test],
  ["[", (args, io, session) => test(args.slice(0, -1), io, session)],
  ["trap", trap],
  [
    "tty",
    (_args, io) => {
      print(io, io.tty ? "/dev/pts/0\n" : "not a tty\n");
      return io.tty ? 0 : 1;
    },
  ],
]);

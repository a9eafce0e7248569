import { type Io, type Session, until, untilRoom } from "./process.ts";

const SIZES: Record<string, number> = {
  "": 1,
  c: 1,
  k: 1024,
  K: 1024,
  M: 1024 ** 2,
  kB: 1000,
  MB: 1e6,
  G: 1024 ** 3,
};

function size(text: string): number | undefined {
  const match = /^(\d+)(c|k|K|M|kB|MB|G)?$/.exec(text);
  return match ? Number(match[1]) * (SIZES[match[2] ?? ""] ?? 1) : undefined;
}

/** At most this much is written at once, whatever the block size says. */
const MAX_BLOCK = 1024 * 1024;

interface Options {
  input: string;
  output: string;
  block: number;
  count: number;
  quiet: boolean;
}

/** The exit status, or what was asked for. */
function parse(args: string[], io: Io): Options | undefined {
  const options: Options = {
    input: "/dev/stdin",
    output: "/dev/stdout",
    block: 512,
    count: Infinity,
    quiet: false,
  };
  for (const arg of args) {
    const at = arg.indexOf("=");
    const [name, value] = [arg.slice(0, at), arg.slice(at + 1)];
    const number = size(value);
    if (name === "if") options.input = value;
    else if (name === "of") options.output = value;
    else if (name === "status") options.quiet = value === "none";
    else if ((name === "bs" || name === "ibs" || name === "obs") && number) options.block = number;
    else if (name === "count" && number !== undefined) options.count = number;
    else if (name !== "conv" && name !== "iflag" && name !== "oflag") {
      io.stderr(Buffer.from(`dd: unrecognized operand '${arg}'\n`));
      return undefined;
    }
  }
  return options;
}

/** Copies blocks; the command that scale tests echo with. */
export async function dd(args: string[], io: Io, session: Session): Promise<number> {
  const options = parse(args, io);
  if (!options) return 1;
  const sink = options.output === "/dev/null" ? undefined : io.stdout;
  let total = 0;
  const copy = (bytes: Buffer) => {
    total += bytes.length;
    sink?.(bytes);
  };
  if (options.input === "/dev/zero" || options.input === "/dev/urandom")
    await copyZeros(options, io, session, copy);
  else if (options.input === "/dev/stdin") await copyInput(options, io, session, copy);
  else if (options.input !== "/dev/null") {
    io.stderr(Buffer.from(`dd: failed to open '${options.input}': No such file or directory\n`));
    return 1;
  }
  if (!options.quiet) {
    const blocks = Math.floor(total / options.block);
    const rest = total % options.block ? 1 : 0;
    io.stderr(
      Buffer.from(`${blocks}+${rest} records in\n${blocks}+${rest} records out\n${total} bytes copied\n`),
    );
  }
  return 0;
}

function copyInput(options: Options, io: Io, session: Session, copy: (bytes: Buffer) => void): Promise<void> {
  let reads = 0;
  return until<void>(session, (done) =>
    io.stdin.attach({
      data(bytes) {
        for (let at = 0; at < bytes.length && reads < options.count; at += options.block) {
          copy(bytes.subarray(at, at + options.block));
          reads++;
        }
        if (reads >= options.count) done();
      },
      end: () => done(),
    }),
  );
}

async function copyZeros(
  options: Options,
  io: Io,
  session: Session,
  copy: (bytes: Buffer) => void,
): Promise<void> {
  const block = Buffer.alloc(Math.min(options.block, MAX_BLOCK));
  for (let done = 0; done < options.count; done++) {
    copy(block);
    await untilRoom(io, session);
    // Lets ^C, other terminals and the network in between two blocks.
    await until<void>(session, (next) => session.machine.after(0, () => next()));
  }
}

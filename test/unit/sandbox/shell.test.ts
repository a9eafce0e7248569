import { describe, expect, test } from "vitest";
import { DISCARD, EMPTY, type Io, type Machine } from "../../../src/sandbox/terminal/process.ts";
import { newSession, runShell } from "../../../src/sandbox/terminal/shell.ts";

const machine: Machine = {
  hostname: "box",
  user: "coder",
  after(ms, run) {
    const timer = setTimeout(run, Math.min(ms, 5));
    return () => clearTimeout(timer);
  },
  processId: () => 4711,
};

async function run(source: string, input = EMPTY, stop = new AbortController()) {
  let out = "";
  let err = "";
  const io: Io = {
    stdin: input,
    stdout: (bytes) => {
      out += bytes;
    },
    stderr: (bytes) => {
      err += bytes;
    },
    tty: undefined,
  };
  const status = await runShell(source, io, newSession(machine, stop.signal));
  return { out, err, status };
}

describe("commands", () => {
  test.each([
    ["echo hello world", "hello world\n", 0],
    ["echo -n 'a  b' \"c  d\"", "a  b c  d", 0],
    ["echo -e 'a\\tb'", "a\tb\n", 0],
    ["printf 'MARKER:%d' 3", "MARKER:3", 0],
    ["printf '%s-%05d|' a 7 b 8", "a-00007|b-00008|", 0],
    ["printf '%%\\n'", "%\n", 0],
    ["sleep 2 && echo hello", "hello\n", 0],
    ["hostname; whoami; uname; uname -m", "box\ncoder\nLinux\nx86_64\n", 0],
    ["true", "", 0],
    ["false", "", 1],
    ["cat /etc/hostname", "box\n", 0],
    ["dd if=/dev/null status=none", "", 0],
    ["env | wc -l", "8\n", 0],
    ["test a = a && [ 1 -lt 2 ] && echo yes", "yes\n", 0],
    ["sh -c 'exit 4'", "", 4],
  ])("%s", async (source, out, status) => {
    expect(await run(source)).toEqual({ out, err: "", status });
  });

  test("unknown commands, options and files", async () => {
    expect(await run("nope")).toEqual({
      out: "",
      err: "/bin/bash: line 1: nope: command not found\n",
      status: 127,
    });
    expect(await run("sleep soon")).toMatchObject({ status: 1 });
    expect(await run("cat /no/such")).toMatchObject({
      status: 1,
      err: "cat: /no/such: No such file or directory\n",
    });
    expect(await run("stty raw")).toMatchObject({ status: 1 });
  });
});

describe("the language", () => {
  test.each([
    ["true && echo a || echo b", "a\n", 0],
    ["false && echo a || echo b", "b\n", 0],
    ["false; echo $?", "1\n", 0],
    ["(exit 3); printf 'MARKER:%d' $?", "MARKER:3", 0],
    ["( sleep 2 && echo hello ); printf 'MARKER:%d' $?", "hello\nMARKER:0", 0],
    ["(echo a\nfalse\n); printf 'MARKER:%d' $?", "a\nMARKER:1", 0],
    ["{ echo a; echo b; }; exit 5; echo never", "a\nb\n", 5],
    ["x=1; (x=2); echo $x $" + "{x}y", "1 1y\n", 0],
    ["echo \"$USER at $HOSTNAME\" '$USER'", "coder at box $USER\n", 0],
    ["echo $(echo nested $(hostname))", "nested box\n", 0],
    ["echo a >/dev/null; echo b 2>&1", "b\n", 0],
    ["nope 2>/dev/null; echo $?", "127\n", 0],
    ["nope >/dev/null 2>&1 || echo caught", "caught\n", 0],
    ["for i in 1 2 3; do echo $i; done", "1\n2\n3\n", 0],
    ["if false; then echo a; else echo b; fi", "b\n", 0],
    ["until true; do echo never; done; ! false", "", 0],
    ["exec echo over; echo never", "over\n", 0],
    ["echo a | cat | cat", "a\n", 0],
    ["echo 'it''s' # a comment", "its\n", 0],
    ["echo $$", "4711\n", 0],
    ["", "", 0],
  ])("%s", async (source, out, status) => {
    expect(await run(source)).toEqual({ out, err: "", status });
  });

  test.each(["(", "echo 'open", "if true; then", "&& echo", "echo )", "$(", `${"(".repeat(500)}`])(
    "a syntax error: %s",
    async (source) => {
      const { status, err } = await run(source);
      expect(status).toBe(2);
      expect(err).toMatch(/^\/bin\/bash: -c: line 1: /);
    },
  );

  test("an interruption ends it with 130", async () => {
    const stop = new AbortController();
    const running = run("cat; echo never", { attach: () => DISCARD as () => void }, stop);
    stop.abort();
    expect(await running).toEqual({ out: "", err: "", status: 130 });
  });
});

describe("white space that separates nothing", () => {
  // A tokenizer that stops at these and takes none of them fills the memory within seconds.
  test.each(["\v", "\f", "\u00a0", "\u1680", "\u2003", "\u2028", "\u2029", "\u3000", "\ufeff"])(
    "%j is a part of its word",
    async (space) => {
      expect(await run(`echo a ${space} b${space}c`)).toEqual({
        out: `a ${space} b${space}c\n`,
        err: "",
        status: 0,
      });
    },
  );
});

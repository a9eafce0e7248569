import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Line, runProgram } from "../../../src/workloads/run/program.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "program-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const node = (source: string, ...args: string[]): Line => ({
  args: [process.execPath, "-e", source, "--", ...args],
});

async function run(line: Line, signal = new AbortController().signal) {
  let output = "";
  const end = await runProgram(line, { folder, signal }, (kept) => {
    output = kept;
  });
  return { ...end, output };
}

describe("a program on this machine", () => {
  it("gets its words as they are, and no shell sees them", async () => {
    const { code, output } = await run(node("console.log(process.argv.at(-1))", "$HOME; `ls` \"'"));
    expect([code, output]).toEqual([0, "$HOME; `ls` \"'\n"]);
  });

  it("runs in the folder, with what the runner has in its environment but no secrets", async () => {
    process.env.CODER_SESSION_TOKEN = "secret-token";
    process.env.CODER_HEADER = "x-secret=1";
    process.env.SCALETEST_SEEN = "yes";
    try {
      const { output } = await run(
        node("console.log(process.cwd()); console.log(JSON.stringify(process.env))"),
      );
      const [cwd, env] = output.trim().split("\n");
      expect(cwd).toBe(realpathSync(folder));
      const seen = JSON.parse(env ?? "") as Record<string, string>;
      expect(seen.SCALETEST_SEEN).toBe("yes");
      expect(Object.keys(seen)).not.toEqual(expect.arrayContaining(["CODER_SESSION_TOKEN"]));
      expect(Object.keys(seen)).not.toEqual(expect.arrayContaining(["CODER_HEADER"]));
    } finally {
      for (const name of ["CODER_SESSION_TOKEN", "CODER_HEADER", "SCALETEST_SEEN"]) delete process.env[name];
    }
  });

  it("is kept the last part of what it says, whatever it says", async () => {
    const { output } = await run(node("process.stdout.write('x'.repeat(3e6) + 'the end')"));
    expect(output.length).toBeLessThan(100_000);
    expect(output.endsWith("xthe end")).toBe(true);
  });

  it("fails by the last line of its standard error, without colours", async () => {
    const end = await run(
      node(
        "console.error('first\\n\\u001b[31mno such pod\\u001b[0m\\n\\n'); console.log('out'); process.exit(3)",
      ),
    );
    expect(end).toMatchObject({ code: 3, killedBy: null, lastErrorLine: "no such pod" });
    expect(end.output).toContain("out");
  });

  it("says that it could not be started, and why", async () => {
    await expect(run({ args: ["no-such-program-here"] })).rejects.toMatchObject({
      causeId: "program_not_started",
      message: '"no-such-program-here" could not be started: there is no such program',
    });
  });

  it.skipIf(process.platform === "win32")("takes what it has started with it when it ends", async () => {
    const begun = performance.now();
    const { code, output } = await run({ shell: "sleep 60 & echo $!" });
    expect(code).toBe(0);
    // Its child held the output open.
    expect(performance.now() - begun).toBeLessThan(10_000);
    const pid = Number(output.trim());
    expect(pid).toBeGreaterThan(0);
    const { spawnSync } = await import("node:child_process");
    expect(spawnSync("ps", ["-o", "stat=", "-p", String(pid)], { encoding: "utf8" }).stdout).toMatch(
      /^(Z|$)/,
    );
  });

  it("rejects with why it was ended, once it is gone", async () => {
    const stop = new AbortController();
    const ended = run(node("setInterval(() => {}, 1e3); console.log('up')"), stop.signal);
    setTimeout(() => stop.abort(new Error("stopped by the test")), 200);
    await expect(ended).rejects.toThrow("stopped by the test");
  });
});

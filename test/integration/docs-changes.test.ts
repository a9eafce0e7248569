import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CommandLine } from "./product.ts";

/** What the pages on adding something tell people to do, done: on a copy, built and used. */
const execute = promisify(execFile);
const root = fileURLToPath(new URL("../..", import.meta.url));
const copy = mkdtempSync(path.join(tmpdir(), "scaletest-docs-"));

/** Each block of a page is the change of one file. */
async function follow(page: string): Promise<void> {
  const text = readFileSync(path.join(root, "docs", page), "utf8");
  for (const [, block = ""] of text.matchAll(/^```diff\n([\s\S]*?)^```/gm)) {
    const file = path.join(copy, "change.patch");
    writeFileSync(file, block);
    // The pages leave out most of what stands around a change.
    await execute("git", ["apply", "--recount", "-C1", file], { cwd: copy });
  }
}

describe("what the documents tell people to change", () => {
  beforeAll(async () => {
    for (const name of [
      "src",
      "test/rooms",
      "scripts",
      "examples",
      "package.json",
      "package.nls.json",
      "esbuild.mjs",
      "tsconfig.base.json",
    ])
      cpSync(path.join(root, name), path.join(copy, name), { recursive: true });
    symlinkSync(path.join(root, "node_modules"), path.join(copy, "node_modules"));
    for (const page of ["adding-a-fault.md", "adding-a-workload.md"]) await follow(page);
    await execute(process.execPath, ["esbuild.mjs"], { cwd: copy });
  });

  afterAll(() => rmSync(copy, { recursive: true, force: true }));

  it("has the right types", async () => {
    const tsc = path.join(root, "node_modules", "typescript", "bin", "tsc");
    await execute(process.execPath, [tsc, "-b", "src"], { cwd: copy });
  });

  it("is a figure of a run, and a fault of the sandbox", async () => {
    const flags = ["--json", "--fault", "stop-fails=1", "--workspaces", "2"];
    const sandbox = product(["sandbox", ...flags]);
    const [line] = await sandbox.until(/\{.*\}/);
    const { url, token } = JSON.parse(line);
    try {
      const env = { CODER_URL: url, CODER_SESSION_TOKEN: token };
      const held = ["--threshold", "attempt.p95<1m", "--output", "json"];
      const command = await product(["command", "--run-command", "true", ...held], env).ended;
      expect(command).toMatchObject({ code: 0, stdout: expect.stringContaining("attempt.p95") });
      const builds = await product(["builds"], env).ended;
      expect(builds.stdout).toContain("could not be stopped");
    } finally {
      sandbox.child.kill("SIGTERM");
      await sandbox.ended;
    }
  });
});

/** Of the copy. */
function product(args: readonly string[], env = {}): CommandLine {
  return new CommandLine(args, env, undefined, path.join(copy, "dist"));
}

import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const execute = promisify(execFile);
const folder = mkdtempSync(path.join(tmpdir(), "scaletest-installed-"));
const inFolder = (name: string) => path.join(folder, name);
const env = {
  HOME: inFolder("home"),
  PATH: [inFolder("tools"), inFolder("prefix/bin")].join(path.delimiter),
  npm_config_update_notifier: "false",
};

/** In an empty folder, with an empty home, and with Node and what comes with it alone on PATH. */
async function sh(command: string): Promise<{ stdout: string; stderr: string }> {
  return execute("/bin/sh", ["-c", command], { cwd: inFolder("work"), env });
}

async function npmPath(): Promise<string> {
  const { stdout } = await execute("/bin/sh", ["-c", "command -v npm"]);
  return realpathSync(stdout.trim());
}

describe.skipIf(process.platform === "win32")("the command line as a package", () => {
  beforeAll(async () => {
    for (const name of ["home", "work", "tools", "packed"]) mkdirSync(inFolder(name));
    symlinkSync(process.execPath, inFolder("tools/node"));
    symlinkSync(await npmPath(), inFolder("tools/npm"));
    const { stdout } = await execute(process.execPath, ["scripts/pack-cli.mjs", inFolder("packed")]);
    await sh(`npm install -g --offline --prefix ${inFolder("prefix")} ${stdout.trim()}`);
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("runs a preset on the sandbox", async () => {
    const sets = ["steps.create.count=2", "steps.terminals.ramp=0s", "steps.terminals.hold=2s"];
    const args = [
      "--sandbox",
      "--output json",
      "--output html:report.html",
      ...sets.map((one) => `--set ${one}`),
    ];
    // A machine that runs other tests beside this one may be too slow for an objective.
    const { stdout } = await sh(`coder-scaletest run 200-users ${args.join(" ")} || test $? = 99 -o $? = 4`);
    expect(JSON.parse(stdout).outcome).toMatchObject({ orphans: 0, failed: 0 });
    expect(readdirSync(inFolder("work"))).toEqual(["report.html"]);
  });

  it("completes its words in a shell", async () => {
    expect((await sh("coder-scaletest complete -- run 2")).stdout).toContain("200-users\t");
    expect((await sh("coder-scaletest complete -- workspace-tr")).stdout).toContain("workspace-traffic\t");
    expect((await sh("coder-scaletest complete -- run --out")).stdout).toContain("--output\t");
    expect((await sh("coder-scaletest completion zsh")).stdout).toContain("compdef");
  });

  it("leaves nothing once it is taken away", async () => {
    // Results are a person's own: they stay, in the one folder that the README names.
    rmSync(inFolder("home/.local/share/coder-scaletest"), { recursive: true });
    await sh(`npm uninstall -g --prefix ${inFolder("prefix")} coder-scaletest`);
    const left = ["home", "prefix"].flatMap((name) =>
      readdirSync(inFolder(name), { recursive: true, withFileTypes: true })
        .filter((entry) => !entry.isDirectory())
        .map(({ parentPath, name: file }) => path.relative(folder, path.join(parentPath, file))),
    );
    expect(left.filter((file) => !file.startsWith("home/.npm/"))).toEqual([]);
  });
});

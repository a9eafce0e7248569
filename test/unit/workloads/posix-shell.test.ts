import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { posixScript, posixWord } from "../../../src/workloads/posix-shell.ts";

const folders = (process.env.PATH ?? "").split(":");
const SHELLS = ["sh", "bash", "dash", "zsh", "fish", "tcsh", "pwsh"].filter((name) =>
  folders.some((folder) => existsSync(`${folder}/${name}`)),
);

/** Some shells keep a history there. */
const home = mkdtempSync(path.join(tmpdir(), "shells-"));
afterAll(() => rmSync(home, { recursive: true, force: true }));

const run = (shell: string, command: string) =>
  spawnSync(shell, ["-c", command], {
    encoding: "utf8",
    env: { PATH: process.env.PATH, HOME: home, SHELL: shell },
  });

describe.each(SHELLS)("a command for %s, which an agent runs by it", (shell) => {
  it("has any text whole", () => {
    const texts = [
      "plain",
      `it's "quoted" $HOME \`x\` %s 100%`,
      "back\\slash \\n \\\\",
      "two\nlines",
      "héllo ✓",
      "!x #y",
    ];
    for (const text of texts) {
      expect(run(shell, posixScript(`printf %s ${posixWord(text)}`)).stdout).toBe(text);
    }
  });

  it("has the status of what the login shell runs", () => {
    const { stdout } = run(
      shell,
      posixScript(`"$SHELL" -c ${posixWord("exit 7")}; printf "%d\n" $?`.replace("\n", "\\n")),
    );
    expect(stdout).toBe("7\n");
  });
});

describe("a word of a script", () => {
  it("has whatever a text holds, but new lines at its end", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (drawn) => {
        const text = drawn.replaceAll("\0", "").replace(/\n+$/, "");
        expect(run("sh", posixScript(`printf %s ${posixWord(text)}`)).stdout).toBe(
          Buffer.from(text).toString(),
        );
      }),
      { numRuns: 60 },
    );
  });

  it("is no place for what would end the quotes", () => {
    expect(() => posixScript("echo 'x'")).toThrow();
  });
});

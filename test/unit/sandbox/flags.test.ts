import { expect, test } from "vitest";
import { sandboxOptions, sandboxProgram } from "../../../src/cli/sandbox-command.ts";

/** The flags as commander reads them, without starting anything. */
function flagsOf(...words: string[]) {
  const program = sandboxProgram();
  program.action(() => undefined);
  program.parse(words, { from: "user" });
  return sandboxOptions(program.opts());
}

test.each([
  [[], {}],
  [["--fresh"], { fresh: true }],
  [["--disable-owner-workspace-access"], { ownerExecDisabled: true }],
  [
    ["--workspaces", "3", "--wildcard-host", "*.apps.localhost"],
    { workspaces: 3, wildcardHost: "*.apps.localhost" },
  ],
  [["--build-time", "1s-2s", "--daemons", "4"], { buildTimeMs: [1_000, 2_000], daemons: 4 }],
  [["--workspace-proxy-port", "0"], { workspaceProxyPort: 0 }],
] as const)("%j", (words, options) => {
  expect(flagsOf(...words)).toEqual(options);
});

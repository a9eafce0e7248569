import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { readCliLogin } from "../../../src/vscode/features/deployments/cli-login.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "scaletest-cli-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it("takes over what the coder command has kept", async () => {
  writeFileSync(path.join(folder, "url"), "https://coder.example.com/\n");
  writeFileSync(path.join(folder, "session"), "aaaaaaaaaa-bbbbbbbbbbbbbbbbbbbbbb\n");
  expect(await readCliLogin({ CODER_CONFIG_DIR: folder })).toEqual({
    url: "https://coder.example.com",
    token: "aaaaaaaaaa-bbbbbbbbbbbbbbbbbbbbbb",
  });
});

it("finds nothing where the command is logged out, or was never there", async () => {
  expect(await readCliLogin({ CODER_CONFIG_DIR: folder })).toBeUndefined();
  writeFileSync(path.join(folder, "url"), "https://coder.example.com");
  expect(await readCliLogin({ CODER_CONFIG_DIR: folder })).toBeUndefined();
  expect(await readCliLogin({ XDG_CONFIG_HOME: path.join(folder, "none") }, "linux")).toBeUndefined();
});

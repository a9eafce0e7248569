import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { type Deployed, deploy, dismantle, envOf } from "./deployed.ts";
import { CommandLine, type Ended, removeFolder } from "./product.ts";

/** Commands without an address and a token, after a login: ours, or that of Coder's own command. */

let deployed: Deployed;
let config: string;
beforeAll(async () => {
  deployed = await deploy({});
});
afterAll(() => dismantle(deployed));
beforeEach(() => {
  config = mkdtempSync(path.join(tmpdir(), "scaletest-login-"));
  mkdirSync(path.join(config, "none"));
});
afterEach(() => removeFolder(config));

const PREFLIGHT = ["preflight", "--template", "kubernetes"];
function cli(args: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
  const nowhere = { CODER_CONFIG_DIR: path.join(config, "none") };
  return new CommandLine(args, { ...nowhere, ...env }, deployed.home).ended;
}

it("our own login is good for what comes after it, until the logout", async () => {
  const { url, token } = deployed.sandbox;
  expect(await cli(PREFLIGHT)).toMatchObject({ code: 2, stderr: expect.stringMatching(/which deployment/) });
  const bad = await cli(["login", url], { CODER_SESSION_TOKEN: "aaaaaaaaaa-bbbbbbbbbbbbbbbbbbbbbb" });
  expect(bad).toMatchObject({ code: 3, stderr: expect.stringMatching(/not accepted/) });
  const logged = await cli(["login", `${url}/workspaces`], { CODER_SESSION_TOKEN: token });
  expect(logged).toMatchObject({ code: 0, stdout: `logged in to ${url} as admin, an owner\n`, stderr: "" });
  expect(await cli(PREFLIGHT)).toMatchObject({ code: 0, stderr: "" });
  expect(await cli(["logout"])).toMatchObject({ code: 0, stdout: `logged out of ${url}\n` });
  expect(await cli(PREFLIGHT)).toMatchObject({ code: 2 });
  expect(await cli(["logout", url])).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/not logged in/),
  });
});

it("so is that of Coder's own command, for its own deployment", async () => {
  writeFileSync(path.join(config, "url"), deployed.sandbox.url);
  writeFileSync(path.join(config, "session"), deployed.sandbox.token);
  expect(await cli(PREFLIGHT, { CODER_CONFIG_DIR: config })).toMatchObject({ code: 0 });
  expect(await cli([...PREFLIGHT, "--global-config", config])).toMatchObject({ code: 0 });
  expect(await cli(["--global-config", config, ...PREFLIGHT])).toMatchObject({ code: 0 });
  const elsewhere = await cli([...PREFLIGHT, "--global-config", config, "--url", "http://127.0.0.1:1"]);
  expect(elsewhere).toMatchObject({ code: 2, stderr: expect.stringMatching(/no token for http:\/\/127/) });
});

it("flags before the command count for it, its own win, and a token there is warned of", async () => {
  const { url, token } = deployed.sandbox;
  const before = await cli(["--url", url, "--token", token, ...PREFLIGHT]);
  expect(before).toMatchObject({ code: 0, stderr: expect.stringMatching(/^warning: .*list of processes/) });
  expect(before.stderr).not.toContain(token);
  const both = await cli(["--url", "http://127.0.0.1:1", ...PREFLIGHT, "--url", url], envOf({ url, token }));
  expect(both).toMatchObject({ code: 0, stderr: "" });
  const nested = await cli(["--url", url, "preflight", "workspace-traffic"], { CODER_SESSION_TOKEN: token });
  expect(nested).toMatchObject({ code: 3, stdout: expect.stringMatching(/Workspaces/) });
});

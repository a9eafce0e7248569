import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readCoderLogin } from "../../../src/app/sign-in/coder-login.ts";
import { knownAddress, knownToken } from "../../../src/app/sign-in/known-session.ts";
import { forgetSession, keepSession, ownSessions } from "../../../src/app/sign-in/own-sessions.ts";
import { TokenCommandError } from "../../../src/app/sign-in/token-command.ts";
import { whoIsSignedIn } from "../../../src/app/sign-in/who.ts";
import { startSandbox } from "../../../src/sandbox/server.ts";
import { inEnglish } from "../../../test/support/in-english.ts";

const TOKEN = "aaaaaaaaaa-bbbbbbbbbbbbbbbbbbbbbb";
const OTHER = "cccccccccc-dddddddddddddddddddddd";
const URL = "https://coder.example.com";

let folder: string;
let home: string;
let config: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "sign-in-"));
  home = path.join(folder, "home");
  config = path.join(folder, "config");
  mkdirSync(config);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function coderLogin(url: string, session?: string, at = config): void {
  mkdirSync(at, { recursive: true });
  writeFileSync(path.join(at, "url"), `${url}\n`);
  if (session) writeFileSync(path.join(at, "session"), `${session}\n`);
}
const sources = (env: Record<string, string> = {}, platform = "linux") => ({
  env: { CODER_CONFIG_DIR: config, ...env },
  home,
  platform,
});

describe("the login of Coder's own command", () => {
  it("is read where its flag, its variable or the system puts it, in this order", async () => {
    const [flagged, usual] = [path.join(folder, "flagged"), path.join(folder, "usual", "coderv2")];
    coderLogin(`${URL}/`, TOKEN);
    coderLogin("https://flagged", TOKEN, flagged);
    coderLogin("https://usual", TOKEN, usual);
    const env = { CODER_CONFIG_DIR: config, XDG_CONFIG_HOME: path.dirname(usual) };
    expect(await readCoderLogin({ env, globalConfig: flagged })).toMatchObject({ url: "https://flagged" });
    expect(await readCoderLogin({ env })).toEqual({ kind: "session", url: `${URL}/`, token: TOKEN });
    const { XDG_CONFIG_HOME } = env;
    expect(await readCoderLogin({ env: { XDG_CONFIG_HOME }, platform: "linux" })).toMatchObject({
      url: "https://usual",
    });
  });

  it("is good for its own deployment only", async () => {
    coderLogin(`${URL}/`, TOKEN);
    expect(await knownAddress(sources())).toBe(`${URL}/`);
    expect(await knownToken(URL, sources())).toEqual({ kind: "token", token: TOKEN });
    for (const elsewhere of ["https://coder.example.org", "http://coder.example.com", `${URL}:8443`])
      expect(await knownToken(elsewhere, sources())).toEqual({ kind: "none" });
  });

  it("may be in the system's keychain, which is told; on Linux it is a logout", async () => {
    coderLogin(URL);
    expect(await knownToken(URL, sources({}, "darwin"))).toMatchObject({ kind: "keychain" });
    expect(await knownToken("https://other", sources({}, "darwin"))).toEqual({ kind: "none" });
    expect(await knownToken(URL, sources())).toEqual({ kind: "none" });
    expect(await knownAddress(sources())).toBeUndefined();
  });
});

describe("a login of our own", () => {
  const session = (url: string, token = TOKEN) => ({ url, token, username: "admin" });

  it("is kept by origin, in a file for its owner only, and wins over that of Coder's command", async () => {
    coderLogin(URL, TOKEN);
    await keepSession(home, session(URL));
    await keepSession(home, session("https://other.example.com/below"));
    await keepSession(home, session(`${URL}/`, OTHER));
    expect((await ownSessions(home)).map(({ url }) => url)).toEqual([
      `${URL}/`,
      "https://other.example.com/below",
    ]);
    expect(await knownToken(URL, sources())).toEqual({ kind: "token", token: OTHER });
    expect(await knownToken("https://other.example.com", sources())).toMatchObject({ token: TOKEN });
    expect(await knownAddress(sources())).toBe(`${URL}/`);
    if (process.platform !== "win32")
      expect(statSync(path.join(home, "sessions.json")).mode & 0o777).toBe(0o600);
  });

  it("is forgotten alone", async () => {
    await keepSession(home, session(URL));
    await keepSession(home, session("https://other"));
    expect(await forgetSession(home, URL)).toBe(true);
    expect(await forgetSession(home, URL)).toBe(false);
    expect((await ownSessions(home)).map(({ url }) => url)).toEqual(["https://other"]);
  });

  it("whose file cannot be read is none", async () => {
    mkdirSync(home);
    writeFileSync(path.join(home, "sessions.json"), "{");
    expect(await ownSessions(home)).toEqual([]);
  });
});

describe("a command that supplies tokens", () => {
  it("is asked with the deployment's address, before any login", async () => {
    coderLogin(URL, TOKEN);
    const command = `test "$CODER_URL" = ${URL} && echo ${OTHER}`;
    const env = { CODER_SCALETEST_TOKEN_COMMAND: command };
    expect(await knownToken(URL, sources(env))).toEqual({ kind: "token", token: OTHER });
  });

  it("that fails is told, and not what it printed", async () => {
    const env = { CODER_SCALETEST_TOKEN_COMMAND: `echo ${OTHER}; exit 3` };
    const asked = knownToken(URL, sources(env));
    await expect(asked).rejects.toThrow(TokenCommandError);
    await expect(asked).rejects.toThrow(/^CODER_SCALETEST_TOKEN_COMMAND failed with exit status 3$/);
  });
});

it("who is signed in is asked as a run asks; what has to be mended is named", async () => {
  const sandbox = await startSandbox({});
  const target = { url: sandbox.url, token: sandbox.token, network: {} };
  expect(await whoIsSignedIn(target)).toMatchObject({
    kind: "signed_in",
    isOwner: true,
    deployment: { url: sandbox.url, sandbox: true },
  });
  expect(inEnglish(await whoIsSignedIn({ ...target, token: TOKEN }))).toMatchObject({
    kind: "refused",
    field: "token",
    said: expect.stringMatching(/the token is not accepted/),
  });
  expect(inEnglish(await whoIsSignedIn({ ...target, url: "http://127.0.0.1:1" }))).toMatchObject({
    kind: "refused",
    field: "url",
    said: expect.stringMatching(/cannot reach/),
  });
  await sandbox.close();
});

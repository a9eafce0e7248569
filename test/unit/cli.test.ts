import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseOutputs } from "../../src/cli/outputs.ts";
import { targetOf } from "../../src/cli/target.ts";
import { configOf } from "../../src/cli/workload-command.ts";
import { bypasses } from "../../src/coder/network.ts";
import { checkVersion } from "../../src/coder/version.ts";
import { splitCommand } from "../../src/system/programs.ts";
import { workloadByName } from "../../src/workloads/index.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "cli-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const workload = (name: string) => {
  const found = workloadByName(name);
  if (!found) throw new Error(name);
  return found;
};
const create = (flags: Record<string, unknown>, env: Record<string, string> = {}) =>
  configOf(workload("create-workspaces"), { template: "t", ...flags }, env).config;

describe("create-workspaces' flags", () => {
  it("has the defaults of Coder's own tool", () => {
    expect(create({})).toMatchObject({
      count: 1,
      concurrency: 1,
      timeoutMs: 30 * 60_000,
      jobTimeoutMs: 5 * 60_000,
      cleanupTimeoutMs: 30 * 60_000,
      cleanupJobTimeoutMs: 5 * 60_000,
      runTimeoutMs: 30_000,
      connectHoldMs: 30_000,
      connectIntervalMs: 1_000,
      connectTimeoutMs: 5_000,
      connectMode: "derp",
      retry: 0,
      ssh: true,
      cleanup: true,
      waitForAgents: true,
      useHostLogin: false,
    });
  });

  it("reads Coder's environment variables; a flag wins over them", () => {
    const env = {
      CODER_SCALETEST_COUNT: "7",
      CODER_SCALETEST_NO_CLEANUP: "true",
      CODER_RICH_PARAMETER: "a=1,b=2",
    };
    expect(create({}, env)).toMatchObject({ count: 7, cleanup: false, parameters: { a: "1", b: "2" } });
    expect(create({ count: "3" }, env)).toMatchObject({ count: 3 });
  });

  it("a parameter's value may hold an equals sign; a flag wins over the file", async () => {
    const file = path.join(folder, "parameters.yaml");
    await writeFile(file, "cpu: 4\nzones: [a, b]\nname: from file\n");
    const config = create({ richParameterFile: file, parameters: ["name=x=y"] });
    expect(config.parameters).toEqual({ cpu: "4", zones: '["a","b"]', name: "x=y" });
  });

  it.each([
    [{ count: "0" }, /--count must be 1 or more/],
    [{ count: "-3" }, /--count must be 1 or more/],
    [{ count: "3.5" }, /--count must be a whole number/],
    [{ timeoutMs: "5x" }, /--timeout must be a duration/],
    [{ concurrency: "-1" }, /--concurrency must be 0 or more/],
    [{ connectMode: "vpn" }, /--connect-mode must be one of derp, direct/],
    [{ parameters: ["novalue"] }, /must be NAME=VALUE/],
    [{ richParameterFile: "/does/not/exist.yaml" }, /cannot be read/],
    [{ traceCoder: true }, /--trace-coder is not supported: .*--trace sends traces/],
    [{ template: undefined }, /--template is required/],
    [{ connectUrl: "not a url" }, /--connect-url must be a URL/],
  ])("%j is refused in one line", (flags, message) => {
    expect(() => create(flags)).toThrow(message);
  });
});

describe("--output", () => {
  it("takes several, each to its own place", () => {
    const file = path.join(folder, "r.json");
    expect(parseOutputs(["text", `json:${file}`])).toEqual([
      { format: "text", path: undefined },
      { format: "json", path: file },
    ]);
  });
  it.each([
    ["xml", /must be text, json, junit, .* or prometheus-textfile/],
    ["json:", /names no file/],
    ["json:/no/such/folder/r.json", /does not exist/],
  ])("%s is refused before anything runs", (spec, message) =>
    expect(() => parseOutputs([spec])).toThrow(message),
  );
  it("a folder is no file", () => expect(() => parseOutputs([`json:${folder}`])).toThrow(/it is a folder/));
  it("only one can go to standard output", () =>
    expect(() => parseOutputs(["text", "json"])).toThrow(/only one/));
});

describe("the deployment", () => {
  const token = "abcdefghij-abcdefghijklmnopqrstuv";
  it("is named by flag or environment, with or without a scheme", async () => {
    expect((await targetOf({ url: "coder.example.com/", token }, {})).url).toBe("https://coder.example.com");
    expect((await targetOf({}, { CODER_URL: "http://localhost:3000", CODER_SESSION_TOKEN: token })).url).toBe(
      "http://localhost:3000",
    );
  });
  it("is plain http on this machine, where no proxy takes it", async () => {
    const env = { HTTP_PROXY: "http://proxy:3128", HTTPS_PROXY: "http://proxy:3128" };
    for (const url of ["127.0.0.1:3000", "localhost:3000"]) {
      const target = await targetOf({ url, token }, env);
      expect(target).toMatchObject({ url: `http://${url}`, network: {} });
      expect(target.network.proxy).toBeUndefined();
    }
  });
  it("goes through the proxy of the environment", async () => {
    const env = { HTTPS_PROXY: "http://proxy:3128", NO_PROXY: ".internal" };
    expect((await targetOf({ url: "https://coder.example.com", token }, env)).network).toMatchObject({
      proxy: "http://proxy:3128",
      noProxy: ".internal",
    });
    expect((await targetOf({ url: "http://coder.example.com", token }, env)).network.proxy).toBeUndefined();
  });
  it.each([
    [{}, /which deployment/],
    [{ url: "https://c.example.com" }, /no token/],
    [{ url: "ftp://c.example.com", token }, /must begin with https/],
    [{ url: "https://c.example.com", token: "short" }, /not one of Coder's/],
  ])("%j is refused", (flags, message) => expect(targetOf(flags, {})).rejects.toThrow(message));

  it("sends the headers that Coder's own command is told to send", async () => {
    const named = { CODER_HEADER: "X-A=1,X-B=two=2" };
    expect((await targetOf({ url: "https://c.example.com", token }, named)).network.headers).toEqual({
      "X-A": "1",
      "X-B": "two=2",
    });
    const command = {
      CODER_HEADER_COMMAND: `"${process.execPath}" -e "console.log('X-Url=' + process.env.CODER_URL)"`,
    };
    const { network } = await targetOf(
      { url: "https://c.example.com", token },
      { ...process.env, ...command },
    );
    expect(network.headers).toEqual({ "X-Url": "https://c.example.com" });
  });

  it.each([
    ["exit 3", /exit status 3/],
    ["echo no header", /NAME=VALUE/],
  ])(
    "a header command that does %j is refused, and what it printed is not repeated",
    async (command, message) => {
      const env = { ...process.env, CODER_HEADER_COMMAND: command };
      await expect(targetOf({ url: "https://c.example.com", token }, env)).rejects.toThrow(message);
    },
  );

  it("hosts that bypass the proxy", () => {
    const cases: [string, string, boolean][] = [
      ["a.internal", ".internal", true],
      ["internal", ".internal", true],
      ["a.internal", "*.internal,other", true],
      ["example.com", "other, example.com:443", true],
      ["badexample.com", "example.com", false],
      ["any", "*", true],
    ];
    for (const [host, list, expected] of cases)
      expect([host, list, bypasses(host, list)]).toEqual([host, list, expected]);
  });

  it("old servers are told from new ones, and builds from source from both", () => {
    expect(
      ["v2.15.9", "v2.16.0", "v3.0.0+abc", "v0.0.0-devel+f80a7ca", "nonsense"].map(checkVersion),
    ).toEqual(["too_old", "supported", "supported", "unknown", "unknown"]);
  });
});

it("a command is split at spaces outside quotes; backslashes stay", () => {
  expect(splitCommand(`"C:\\Program Files\\coder.exe" --verbose 'a b' x"y z"`)).toEqual([
    "C:\\Program Files\\coder.exe",
    "--verbose",
    "a b",
    "xy z",
  ]);
});

import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { run } from "./product.ts";

/** The built product against the sandbox: what a person gets who has no coder command. */
let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox({ buildTimeMs: [50, 100], deleteTimeMs: [20, 50] });
});
afterAll(() => sandbox.close());

const electron = fileURLToPath(new URL("../support/electron-crypto.cjs", import.meta.url));

async function create(flags: readonly string[], env: Record<string, string> = {}) {
  const ended = await run(
    ["create-workspaces", "--template", "kubernetes", "--count", "3", "--concurrency", "0", ...flags],
    { CODER_URL: sandbox.url, CODER_SESSION_TOKEN: sandbox.token, ...env },
  );
  return { code: ended.code, text: ended.stdout + ended.stderr };
}

describe("SSH by the built product", () => {
  test("is native, with no coder command anywhere", async () => {
    const { code, text } = await create([], { PATH: "/nonexistent" });
    expect({ code, text }).toMatchObject({ code: 0 });
    expect(text).toContain("SSH goes by our own tailnet nodes, through the deployment's relay");
    expect(text).toMatch(/\n {2}ssh +3 /);
    expect(text).toContain("Left behind: 0");
  });

  test("works with what VS Code's Electron leaves of node:crypto", async () => {
    const { code, text } = await create([], { NODE_OPTIONS: `--require ${electron}` });
    expect({ code, text }).toMatchObject({ code: 0 });
    expect(text).toMatch(/\n {2}ssh +3 /);
  });

  test("goes by a command where that is asked for, and says so", async () => {
    const { code, text } = await create(["--ssh-via", "cli"]);
    expect({ code, text }).toMatchObject({ code: 0 });
    expect(text).toContain("SSH goes by coder ssh --stdio");
  });

  test("asks the address through the connection, one node for each connection", async () => {
    const { code, text } = await create([
      "--connections-per-node",
      "1",
      "--connect-url",
      "http://localhost:8080/",
      "--connect-hold",
      "1s",
    ]);
    expect({ code, text }).toMatchObject({ code: 0 });
  });
});

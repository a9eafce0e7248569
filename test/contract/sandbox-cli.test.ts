import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";

/** A full build of Coder's own command, which is not in any package: the tests are skipped without it. */
const binary = process.env.CODER_BINARY ?? "";

describe.skipIf(binary === "")(
  "Coder's own command line, unchanged (skipped unless CODER_BINARY names it)",
  () => {
    const folder = mkdtempSync(join(tmpdir(), "sandbox-cli-"));
    let sandbox: Sandbox;

    beforeAll(async () => {
      sandbox = await startSandbox({ workspaces: 2, buildTimeMs: [100, 300], deleteTimeMs: [50, 100] });
    });

    afterAll(async () => {
      await sandbox.close();
      rmSync(folder, { recursive: true });
    });

    function coder(...args: string[]): Promise<{ code: number | null; output: string }> {
      const child = spawn(binary, args, {
        env: { HOME: folder, CODER_CONFIG_DIR: folder, PATH: process.env.PATH },
      });
      let output = "";
      child.stdout.on("data", (chunk) => {
        output += chunk;
      });
      child.stderr.on("data", (chunk) => {
        output += chunk;
      });
      child.stdin.end();
      return new Promise((resolve) => child.on("close", (code) => resolve({ code, output })));
    }

    async function succeeds(args: string[], says: RegExp): Promise<void> {
      const { code, output } = await coder(...args);
      expect(output).toMatch(says);
      expect(code, output).toBe(0);
    }

    test("signs in and lists", async () => {
      await succeeds(
        ["login", sandbox.url, "--token", sandbox.token, "--use-token-as-session"],
        /authenticated/,
      );
      await succeeds(["whoami"], /admin/);
      await succeeds(["list", "--all"], /scaletest-sandbox-2\/scaletest-sandbox-2\s+kubernetes\s+Started/);
      await succeeds(["users", "list"], /sandbox-1@scaletest\.local/);
      await succeeds(["templates", "list"], /kubernetes/);
    });

    test("a workspace's life", async () => {
      await succeeds(
        ["create", "--template", "kubernetes", "--parameter", "home_disk_size=10", "-y", "mine"],
        /has been created/,
      );
      await succeeds(["show", "mine"], /main \(linux, amd64\)/);
      await succeeds(["stop", "-y", "mine"], /has been stopped/);
      await succeeds(["start", "-y", "mine"], /has been started/);
      await succeeds(["delete", "-y", "mine"], /has been deleted/);
    });

    test("ping and ssh, by the sandbox's own tailnet", async () => {
      const workspace = "scaletest-sandbox-1/scaletest-sandbox-1";
      await succeeds(["ping", "-n", "1", workspace], /pong from/);
      await succeeds(["ssh", "--wait", "no", workspace, "echo hi"], /hi/);
    }, 60_000);

    test("exp scaletest workspace-traffic --ssh", async () => {
      const times = ["--concurrency", "0", "--timeout", "30s", "--job-timeout", "3s"];
      const metrics = ["--scaletest-prometheus-address", "127.0.0.1:0", "--scaletest-prometheus-wait", "0s"];
      const traffic = ["workspace-traffic", "--ssh", "--template", "kubernetes"];
      await succeeds(["exp", "scaletest", ...traffic, ...times, ...metrics], /Pass:\s+2/);
    }, 60_000);

    test("exp scaletest create-workspaces, workspace-traffic, cleanup", async () => {
      const create = [
        "create-workspaces",
        "--count",
        "3",
        "--template",
        "kubernetes",
        "--parameter",
        "home_disk_size=10",
      ];
      const command = ["--run-command", "sleep 1 && echo hello", "--run-expect-output", "hello"];
      await succeeds(
        ["exp", "scaletest", ...create, ...command, "--no-cleanup", "--timeout", "1m"],
        /Pass:\s+3/,
      );
      const traffic = [
        "--template",
        "kubernetes",
        "--concurrency",
        "0",
        "--timeout",
        "20s",
        "--job-timeout",
        "3s",
      ];
      const metrics = ["--scaletest-prometheus-address", "127.0.0.1:0", "--scaletest-prometheus-wait", "0s"];
      await succeeds(["exp", "scaletest", "workspace-traffic", ...traffic, ...metrics], /Pass:\s+5/);
      await succeeds(
        ["exp", "scaletest", "cleanup", "--template", "kubernetes", "--cleanup-concurrency", "0"],
        /Pass:\s+5/,
      );
      expect(sandbox.deployment.workspaces.live().size).toBe(0);
    }, 90_000);
  },
);

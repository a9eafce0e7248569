import { readdirSync, readFileSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { WebSocket } from "ws";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { eventually } from "./replay.ts";

const FOLDER = fileURLToPath(new URL("./recordings/cli/", import.meta.url));
const WORKSPACE = "scaletest-sandbox-1";

/** What the real command asked, in the order in which a workspace lives through them. */
const COMMANDS = [
  ...["login.txt", "whoami.txt", "list.txt", "users-list.txt", "templates-list.txt", "show.txt", "ping.txt"],
  ...["ssh.txt", "ssh-stdio.txt", "workspace-traffic.txt", "workspace-traffic-ssh.txt"],
  ...["stop.txt", "start.txt", "delete.txt", "create-workspaces.txt"],
];

let sandbox: Sandbox;
/** The ids that stand for the recorded ones, by what comes before them in a path. */
const ids: Record<string, string> = {};
/** Of the user that was made on the way. */
let memberToken = "";

beforeAll(async () => {
  sandbox = await startSandbox({ workspaces: 1, buildTimeMs: [50, 50], deleteTimeMs: [50, 50] });
  const { catalogue, workspaces, owner } = sandbox.deployment;
  const organization = catalogue.organization("default");
  const template = catalogue.templates(organization).find((one) => one.name === "kubernetes");
  const [workspace] = workspaces.live();
  const build = workspace?.builds[0];
  Object.assign(ids, {
    organizations: organization?.id,
    templates: template?.id,
    templateversions: template?.version.id,
    workspaces: workspace?.id,
    workspacebuilds: build?.id,
    workspaceagents: build?.resources[0]?.agents[0]?.id,
    users: owner.id,
  });
});

afterAll(() => sandbox.close());

interface Call {
  how: string;
  path: string;
  status: number;
  flags: string;
}

function callsOf(file: string): Call[] {
  const text = readFileSync(FOLDER + file, "utf8");
  return [...text.matchAll(/^([A-Z]+(?:\(DERP\))?) (\S+) -> (\d+)(.*)$/gm)].map(
    ([, how = "", path = "", status, flags = ""]) => ({ how, path, status: Number(status), flags }),
  );
}

const UUID = "[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}";

function translate(path: string): string {
  return path
    .replace(/scaletest-GIuLuu9t-0|scaletest-7xtryJAR-0/g, WORKSPACE)
    .replaceAll("rec-scale", "kubernetes")
    .replace(new RegExp(`/([a-z-]+)/${UUID}`, "g"), (_all, kind: string) => `/${kind}/${ids[kind]}`);
}

/** What the command sends with it. */
function bodyOf(path: string, file: string): Record<string, unknown> | undefined {
  const parameters = [{ name: "home_disk_size", value: "10" }];
  if (path.endsWith("/dry-run")) return { workspace_name: "x", rich_parameter_values: parameters };
  if (path.endsWith("/builds")) return { transition: file.replace(".txt", "") };
  if (path.endsWith("/usage")) return {};
  const email = "scaletest-new@scaletest.local";
  const password = "SomeStrongPass!1234";
  if (path === "/api/v2/users/login") return { email, password };
  if (path === "/api/v2/users")
    return {
      ...{ username: "scaletest-new", email, password, login_type: "password" },
      organization_ids: [ids.organizations],
    };
  if (path.endsWith("/workspaces"))
    return { name: "scaletest-new", template_id: ids.templates, rich_parameter_values: parameters };
  return undefined;
}

function headersOf({ flags }: Call): Record<string, string> {
  const token = memberToken || sandbox.token;
  return {
    ...(flags.includes("[no token]")
      ? {}
      : flags.includes("[cookie auth]")
        ? { Cookie: `coder_session_token=${token}` }
        : { "Coder-Session-Token": token }),
    ...(flags.includes("[bypass header]") ? { "X-Coder-Bypass-Ratelimit": "true" } : {}),
  };
}

/** The status, and the body where it is JSON; event streams are left as soon as they begin. */
function ask(call: Call, path: string, body: unknown): Promise<{ status: number; body: unknown }> {
  const { hostname, port } = new URL(sandbox.url);
  const upgrade = call.how === "UPGRADE(DERP)";
  return new Promise((resolve, reject) => {
    const asked = httpRequest({
      ...{ hostname, port, path, method: upgrade ? "GET" : call.how },
      headers: { ...headersOf(call), ...(upgrade ? { Connection: "Upgrade", Upgrade: "DERP" } : {}) },
    });
    asked.on("upgrade", (response, socket) => {
      socket.destroy();
      resolve({ status: response.statusCode ?? 0, body: undefined });
    });
    asked.on("response", (response) => {
      const status = response.statusCode ?? 0;
      if (response.headers["content-type"] === "text/event-stream") {
        response.destroy();
        return resolve({ status, body: undefined });
      }
      let text = "";
      response.on("data", (chunk) => {
        text += chunk;
      });
      response.on("end", () => {
        const isJson = response.headers["content-type"]?.includes("json");
        resolve({ status, body: isJson ? JSON.parse(text) : text });
      });
    });
    asked.on("error", reject);
    asked.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

/** A log is followed to its end, as the command does; other sockets are left when they are open. */
async function follow(call: Call, path: string): Promise<number> {
  const socket = new WebSocket(sandbox.url.replace("http", "ws") + path, { headers: headersOf(call) });
  socket.on("error", () => undefined);
  const status = await new Promise<number>((resolve) => {
    socket.on("open", () => resolve(101));
    socket.on("unexpected-response", (_request, response) => resolve(response.statusCode ?? 0));
  });
  if (status === 101 && path.includes("logs?follow"))
    await new Promise((resolve) => socket.once("close", resolve));
  else socket.terminate();
  return status;
}

/** What was made is what the following calls are about. */
function remember(path: string, body: unknown): void {
  const made = body as { id?: string; session_token?: string; latest_build?: { id: string } };
  if (path.endsWith("/dry-run")) ids["dry-run"] = made.id ?? "";
  if (path.endsWith("/builds")) ids.workspacebuilds = made.id ?? "";
  if (path === "/api/v2/users") ids.users = made.id ?? "";
  if (made.session_token) memberToken = made.session_token;
  if (made.latest_build) {
    ids.workspaces = made.id ?? "";
    ids.workspacebuilds = made.latest_build.id;
  }
}

test.each(COMMANDS)("every call of %s is answered as it was", async (file) => {
  const calls = callsOf(file);
  expect(calls.length).toBeGreaterThan(0);
  for (const call of calls) {
    const path = translate(call.path);
    const label = `${call.how} ${path}`;
    if (call.how === "WS") {
      expect(await follow(call, path), label).toBe(call.status);
      continue;
    }
    const answer = await ask(call, path, call.how === "POST" ? bodyOf(path, file) : undefined);
    expect(answer.status, `${label}: ${JSON.stringify(answer.body)?.slice(0, 200)}`).toBe(call.status);
    if (call.how === "POST") remember(path, answer.body);
  }
  // The next command finds the build done.
  const build = sandbox.deployment.workspaces.build(ids.workspacebuilds ?? "");
  await eventually(() => build?.job.completedAt, "the build");
});

test("each recorded command is among them", () => {
  expect(readdirSync(FOLDER).sort()).toEqual([...COMMANDS].sort());
});

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  type Details,
  detailNodes,
  type KnownDetails,
} from "../../../src/vscode/features/deployments/details.ts";
import { inspectDeployment } from "../../../src/vscode/features/deployments/inspect.ts";
import { deploymentNodes } from "../../../src/vscode/features/deployments/tree-model.ts";

const URL = "https://coder.example.com";
const known: KnownDetails = {
  kind: "known",
  at: 0,
  version: "v2.26.1",
  versionIsTooOld: false,
  username: "admin",
  isOwner: true,
  daemons: { total: 4, busy: 2 },
  replicas: 2,
  rateLimit: 512,
  leftovers: {
    workspaces: 4,
    users: 3,
    runs: [
      { run: "abcdefgh", workspaces: 3, users: 2 },
      { run: undefined, workspaces: 1, users: 1 },
    ],
  },
};
const lines = (details: Details, tag: "" | "staging" | "sandbox" = "") =>
  detailNodes(URL, details, { tag, metrics: 0 }).map(({ label, description }) => `${label}: ${description}`);

describe("what is known of a deployment", () => {
  it("is a line each, with units", () => {
    expect(lines(known)).toEqual([
      "Environment: production",
      "Version: v2.26.1",
      "User: admin · owner",
      "Provisioner daemons: 4 · 2 busy",
      "Replicas: 2",
      "Rate limit: 512 calls a minute",
      "Server metrics: not connected",
      "Leftovers: 4 workspaces, 3 users",
    ]);
  });

  it("says what it cannot tell, and warns of what a test would trip over", () => {
    const poor = {
      ...known,
      daemons: undefined,
      replicas: undefined,
      leftovers: undefined,
      rateLimit: undefined,
    };
    expect(lines(poor, "staging")).toEqual([
      "Environment: staging",
      "Version: v2.26.1",
      "User: admin · owner",
      "Provisioner daemons: unknown",
      "Replicas: unknown",
      "Rate limit: none reported",
      "Server metrics: not connected",
      "Leftovers: unknown",
    ]);
    const bad = { ...known, isOwner: false, versionIsTooOld: true, daemons: { total: 0, busy: 0 } };
    const warned = detailNodes(URL, bad, { tag: "", metrics: 0 }).filter(({ icon }) => icon === "warning");
    expect(warned.map(({ label }) => label)).toEqual(["Version", "User", "Provisioner daemons"]);
  });

  it("lists what runs have left below their deployment, known here or not, each with its way out", () => {
    const line = (titles: Map<string, string>) =>
      detailNodes(URL, known, { tag: "", metrics: 0 }, titles).find(
        ({ context }) => context === "detail.leftovers",
      );
    const shown = (titles: Map<string, string>) =>
      line(titles)?.children?.map(({ label, description, context, runId }) => [
        ...[label, description, context, runId],
      ]);
    expect(shown(new Map())).toEqual([
      ["3 workspaces", "Run abcdefgh · unknown here", "detail.leftRun", "abcdefgh"],
      ["1 workspace", "Of another tool", "detail", undefined],
    ]);
    expect(shown(new Map([["abcdefgh", "create 3 × docker"]]))?.[0]?.[1]).toBe("create 3 × docker");
  });

  it("leads from leftovers to their list, and from an ended session to the sign-in", () => {
    const command = (details: Details) =>
      detailNodes(URL, details, { tag: "", metrics: 0 }).flatMap(({ command: id, context }) =>
        id ? [[id, context]] : [],
      );
    expect(command(known)).toEqual([
      ["scaletest.connectServerMetrics", "detail.metrics"],
      ["scaletest.findLeftovers", "detail.leftovers"],
    ]);
    expect(command({ kind: "signed_out", at: 0, message: "expired" })).toEqual([
      ["scaletest.signIn", "detail.signIn"],
    ]);
    expect(command({ kind: "unreachable", at: 0, message: "refused" })).toEqual([
      ["scaletest.refreshDeployments", "detail.retry"],
    ]);
  });

  it("shows at the deployment itself that it did not answer", () => {
    const deployment = { url: URL, username: "admin", version: "v2.26.1", sandbox: false };
    const [node] = deploymentNodes(
      [deployment],
      () => false,
      () => "unreachable",
    );
    expect(node).toMatchObject({ description: "no answer · production · admin", icon: "warning" });
  });

  it("locks what counts as production, and nothing else", () => {
    const deployment = { url: URL, username: "admin", version: "v2.26.1", sandbox: false };
    const look = (sandbox: boolean, isStaging: boolean) => {
      const [node] = deploymentNodes([{ ...deployment, sandbox }], () => isStaging);
      return [node?.icon, node?.description];
    };
    expect(look(false, false)).toEqual(["lock", "production · admin"]);
    expect(look(false, true)).toEqual(["server-environment", "staging · admin"]);
    expect(look(true, false)).toEqual(["beaker", ""]);
  });

  it("names no user where the token is gone, or is not accepted any more", () => {
    const deployment = { url: URL, username: "admin", version: "v2.26.1", sandbox: false };
    const [node] = deploymentNodes(
      [deployment],
      () => true,
      () => "signed_out",
    );
    expect(node).toMatchObject({ description: "signed out · staging", icon: "key" });
    expect(node?.spoken).not.toContain("admin");
    expect(node?.tooltip).not.toContain("signed in as");
  });
});

describe("asking a deployment", () => {
  const routes = new Map<string, { status: number; body: unknown }>();
  let asked: string[];
  const server = createServer((request, response) => {
    const { pathname: path, searchParams } = new globalThis.URL(request.url ?? "", "http://x");
    asked.push(path);
    const isBehindTheEnd = Number(searchParams.get("offset") ?? 0) > 0;
    const { status, body } = routes.get(isBehindTheEnd ? `${path}?` : path) ?? {
      status: 404,
      body: { message: "no such route" },
    };
    response.writeHead(status, { "content-type": "application/json", "x-ratelimit-limit": "512" });
    response.end(JSON.stringify(body));
  });
  let target: { url: string; token: string; network: Record<string, never> };

  beforeEach(async () => {
    asked = [];
    routes.clear();
    const user = { id: "u", username: "admin", roles: [{ name: "owner" }] };
    const daemons = [
      { id: "1", name: "a", status: "busy" },
      { id: "2", name: "b", status: "idle" },
      { id: "3", name: "c", status: "offline" },
    ];
    const userOf = (name: string, at: string) => ({ id: `u-${name}`, username: name, email: `${name}${at}` });
    const job = { id: "j", status: "succeeded", created_at: "2026-01-01T00:00:00Z" };
    const latest_build = { id: "b", build_number: 1, transition: "start", status: "running", job };
    const left = ["scaletest-1-a", "scaletest-1-b"].map((name) => ({
      id: name,
      name,
      owner_id: "u-scaletest-1",
      owner_name: "scaletest-1",
      created_at: "2026-01-01T00:00:00Z",
      latest_build,
    }));
    const answers: [string, unknown][] = [
      ["/api/v2/buildinfo", { version: "v2.26.1" }],
      ["/api/v2/users/me", user],
      [
        "/api/v2/organizations",
        [
          { id: "o1", name: "one" },
          { id: "o2", name: "two" },
        ],
      ],
      ["/api/v2/organizations/o1/provisionerdaemons", daemons],
      ["/api/v2/organizations/o2/provisionerdaemons", daemons.slice(0, 2)],
      ["/api/v2/workspaces", { workspaces: left, count: 2 }],
      ["/api/v2/users?", { users: [], count: 0 }],
      // A person whose name only looks like it is none of ours.
      [
        "/api/v2/users",
        {
          users: [userOf("scaletest-1", "@scaletest.local"), userOf("scaletest-fan", "@example.com")],
          count: 2,
        },
      ],
    ];
    for (const [path, body] of answers) routes.set(path, { status: 200, body });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    target = { url: `http://127.0.0.1:${port}`, token: "aaaaaaaaaa-bbbbbbbbbbbbbbbbbbbbbb", network: {} };
  });
  afterEach(() => new Promise((resolve) => server.close(resolve)));

  it("takes few calls, and counts a daemon that serves two organizations once", async () => {
    expect(await inspectDeployment(target)).toMatchObject({
      kind: "known",
      version: "v2.26.1",
      isOwner: true,
      daemons: { total: 2, busy: 1 },
      replicas: undefined,
      rateLimit: 512,
      leftovers: {
        workspaces: 2,
        users: 1,
        runs: [expect.objectContaining({ workspaces: expect.any(Number) })],
      },
    });
    expect(asked).toHaveLength(9);
  });

  it("tells an ended session from a deployment that is not there", async () => {
    routes.set("/api/v2/users/me", { status: 401, body: { message: "the session has expired" } });
    expect((await inspectDeployment(target)).kind).toBe("signed_out");
    const nobody = { ...target, url: "http://127.0.0.1:1" };
    expect((await inspectDeployment(nobody)).kind).toBe("unreachable");
  });

  it("leaves out what this user may not read", async () => {
    routes.set("/api/v2/users", { status: 403, body: { message: "forbidden" } });
    expect(await inspectDeployment(target)).toMatchObject({ kind: "known", leftovers: undefined });
  });
});

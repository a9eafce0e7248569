import { randomUUID } from "node:crypto";
import { connect } from "node:net";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { WebSocket } from "ws";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { DISCARD, EMPTY } from "../../src/sandbox/terminal/process.ts";
import { newSession, runShell } from "../../src/sandbox/terminal/shell.ts";
import { send } from "./replay.ts";
import { agentIdOf } from "./seeded.ts";

/** More with FUZZ_RUNS=2000; the default is what the ordinary test run can afford. */
const RUNS = Number(process.env.FUZZ_RUNS ?? 150);
/** What a run may add to the memory, whatever is sent; terminals that nobody is attached to live for 5 minutes. */
const MEMORY_LIMIT = (300 + RUNS / 20) * 1024 * 1024;

let sandbox: Sandbox;
let agentId = "";
let memoryBefore = 0;

beforeAll(async () => {
  sandbox = await startSandbox({ workspaces: 2, buildTimeMs: [5, 10], deleteTimeMs: [5, 10] });
  agentId = agentIdOf(sandbox);
  memoryBefore = process.memoryUsage().rss;
});

afterAll(() => sandbox.close());

/** It answers as before, and has not grown. */
async function expectAlive(): Promise<void> {
  const answer = await send(sandbox.url, "GET", "/api/v2/users/me", { "Coder-Session-Token": sandbox.token });
  expect(answer.status).toBe(200);
  expect(process.memoryUsage().rss - memoryBefore).toBeLessThan(MEMORY_LIMIT);
}

const segment = fc.oneof(
  fc.constantFrom(
    "api",
    "v2",
    "users",
    "me",
    "workspaces",
    "templates",
    "workspaceagents",
    "pty",
    "keys",
    "tokens",
    "builds",
  ),
  fc.constantFrom(
    "@admin",
    "apps",
    "echo",
    "sandbox",
    "stats",
    "ssh",
    "..",
    "%",
    "%zz",
    "%00",
    "%2e%2e",
    "__proto__",
    "constructor",
  ),
  fc.uuid(),
  fc.webSegment({ size: "small" }),
);
/** Routes that read a body or a query, with WORKSPACE and VERSION for what is there. */
const ROUTES = [
  ...[
    "users",
    "users/login",
    "users/me/keys/tokens",
    "users/admin/workspaces",
    "authcheck",
    "workspaces",
    "templates",
  ],
  ...["workspaces/WORKSPACE/builds", "workspaces/WORKSPACE/ttl", "workspaces/WORKSPACE/autoupdates"],
  ...["templateversions/VERSION/dry-run", "templateversions/VERSION/dynamic-parameters/evaluate"],
  ...["organizations/default/provisionerjobs", "organizations/default/provisionerdaemons"],
];
const path = fc.oneof(
  fc.array(segment, { maxLength: 8 }).map((segments) => `/${segments.join("/")}`),
  fc.constantFrom(...ROUTES).map((one) => `/api/v2/${one}`),
);
const query = fc.oneof(
  fc.constant(""),
  fc.webQueryParameters({ size: "small" }).map((text) => `?${text}`),
);
const method = fc.constantFrom("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE");
const body = fc.oneof(
  fc.json(),
  fc.string({ maxLength: 200 }),
  fc
    .record(
      {
        email: fc.oneof(fc.emailAddress(), fc.anything()),
        username: fc.oneof(fc.string(), fc.anything()),
        organization_ids: fc.anything(),
        name: fc.anything(),
        transition: fc.constantFrom("start", "stop", "delete", "x", null),
        rich_parameter_values: fc.anything(),
        lifetime: fc.anything(),
        checks: fc.anything(),
        ttl_ms: fc.anything(),
      },
      { requiredKeys: [] },
    )
    .map((value) => stringify(value)),
);

function stringify(value: unknown): string {
  try {
    return (
      JSON.stringify(value, (_key, inner: unknown) => (typeof inner === "bigint" ? String(inner) : inner)) ??
      ""
    );
  } catch {
    return "{}";
  }
}

test("any request is answered, and none with a 5xx that names a bug", async () => {
  await fc.assert(
    fc.asyncProperty(method, path, query, body, async (one, where, what, payload) => {
      // Not the one whose terminals the tests below use: a build may well stop or delete it.
      const workspace = [...sandbox.deployment.workspaces.live()].filter((one) => one.name.endsWith("-2"))[0];
      const [version] = sandbox.deployment.catalogue.templates();
      const target = (where + what)
        .replace("WORKSPACE", workspace?.id ?? "")
        .replace("VERSION", version?.version.id ?? "");
      const answer = await send(
        sandbox.url,
        one,
        target,
        {
          "Coder-Session-Token": sandbox.token,
          "Content-Type": "application/json",
          "Content-Length": String(Buffer.byteLength(payload)),
        },
        payload,
      );
      expect(answer.status).toBeGreaterThanOrEqual(200);
      // Errors of the sandbox's own code carry their text as the detail of this message.
      const { message, detail } = (answer.body ?? {}) as { message?: string; detail?: string };
      if (answer.status === 500 && message === "An internal server error occurred.")
        expect(detail).toBeUndefined();
    }),
    { numRuns: RUNS },
  );
  await expectAlive();
}, 120_000);

test("any bytes on a connection", async () => {
  const { hostname, port } = new URL(sandbox.url);
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 2000 }), fc.boolean(), async (bytes, afterHead) => {
      const socket = connect(Number(port), hostname);
      socket.on("error", () => undefined);
      if (afterHead) {
        socket.write(
          `GET /api/v2/workspaceagents/${agentId}/pty?reconnect=${randomUUID()}&command=cat HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nCoder-Session-Token: ${sandbox.token}\r\n\r\n`,
        );
      }
      socket.end(bytes);
      await new Promise((resolve) => socket.on("close", resolve).resume());
    }),
    { numRuns: RUNS },
  );
  await expectAlive();
}, 120_000);

test("any input of a terminal", async () => {
  const message = fc.oneof(
    fc.record({ data: fc.string({ unit: "binary", maxLength: 300 }) }).map((value) => JSON.stringify(value)),
    fc.record({ height: fc.integer(), width: fc.integer() }).map((value) => JSON.stringify(value)),
    fc.json(),
    fc.string(),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom("", "cat", "dd of=/dev/null", "sleep 5", "stty raw -echo; cat"),
      fc.array(message, { maxLength: 12 }),
      async (command, messages) => {
        const url = `${sandbox.url.replace("http", "ws")}/api/v2/workspaceagents/${agentId}/pty?reconnect=${randomUUID()}&command=${encodeURIComponent(command)}`;
        const socket = new WebSocket(url, { headers: { "Coder-Session-Token": sandbox.token } });
        socket.on("error", () => undefined);
        const closed = new Promise((resolve) => socket.on("close", resolve));
        await new Promise((resolve, reject) => {
          socket.on("open", resolve);
          socket.on("error", reject);
        });
        for (const one of messages) socket.send(Buffer.from(one));
        // Still there and answering, or ended by what was sent.
        const ponged = new Promise((resolve) => socket.on("pong", resolve));
        if (socket.readyState === WebSocket.OPEN) socket.ping();
        const stuck = new Promise((_resolve, reject) =>
          setTimeout(() => reject(new Error("no answer")), 5000).unref(),
        );
        await Promise.race([ponged, closed, stuck]);
        socket.terminate();
        await closed;
      },
    ),
    { numRuns: RUNS },
  );
  await expectAlive();
}, 120_000);

test("any script ends", async () => {
  const word = fc.oneof(
    fc.constantFrom(
      "echo",
      "printf",
      "cat",
      "dd",
      "stty",
      "env",
      "test",
      "exit",
      "exec",
      "for",
      "in",
      "do",
      "done",
      "if",
      "then",
      "fi",
      "while",
      "true",
      "false",
    ),
    fc.constantFrom(
      "&&",
      "||",
      ";",
      "|",
      "(",
      ")",
      "{",
      "}",
      ">/dev/null",
      "2>&1",
      "$?",
      "$(",
      "'",
      '"',
      "$x",
      "%s%999999999d",
      "count=1",
      "\n",
    ),
    fc.string({ maxLength: 10 }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(word, { maxLength: 25 }), async (words) => {
      const stop = new AbortController();
      const machine = {
        hostname: "box",
        user: "coder",
        after: (ms: number, run: () => void) => {
          const timer = setTimeout(run, Math.min(ms, 1));
          return () => clearTimeout(timer);
        },
        processId: () => 1,
      };
      const io = { stdin: EMPTY, stdout: DISCARD, stderr: DISCARD, tty: undefined };
      const limit = setTimeout(() => stop.abort(), 50);
      const status = await runShell(words.join(" "), io, newSession(machine, stop.signal));
      clearTimeout(limit);
      expect(status).toBeGreaterThanOrEqual(0);
    }),
    { numRuns: RUNS * 4 },
  );
}, 120_000);

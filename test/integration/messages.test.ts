import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { BUNDLE, textsIn } from "../../scripts/l10n.ts";
import { readRecord } from "../../src/app/runs/record.ts";
import { parseNdjson } from "../../src/runs/ndjson.ts";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { hasNoWords, type Message } from "../../src/text/message.ts";
import { messagesIn } from "../support/in-english.ts";
import { CommandLine, removeFolder, runFolder } from "./product.ts";

/** What runs really say, held against the texts that can be translated: none of it may be missing. */

const bundle = new Map<string, string>(Object.entries(JSON.parse(readFileSync(BUNDLE, "utf8"))));
const isKnown = (text: string) => hasNoWords(text) || /^p\d+$/.test(text) || bundle.has(text);

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await startSandbox({ buildTimeMs: [50, 100] });
});
afterEach(() => sandbox.close());

interface Said {
  /** In the run's own files. */
  messages: Message[];
  /** What of it no bundle has. */
  unknown: string[];
  output: string;
}

/** Runs to the end, and returns all that was said. */
async function saidBy(...args: string[]): Promise<Said> {
  const line = new CommandLine(args, { CODER_URL: sandbox.url, CODER_SESSION_TOKEN: sandbox.token });
  const { stdout, stderr } = await line.ended;
  const folder = runFolder(line.home);
  const own = readdirSync(folder).filter((name) => /\.(nd)?json$/.test(name) && name !== "result.json");
  const files = own.map((name) => parsed(path.join(folder, name)));
  const messages = files.flatMap(messagesIn);
  const record = await readRecord(folder);
  const result: unknown = JSON.parse(readFileSync(path.join(folder, "result.json"), "utf8"));
  removeFolder(line.home);
  if (!record) throw new Error("the run did not come to its end");
  expect(messagesIn(result), "scripts read English").toEqual([]);
  expect(stdout + stderr).not.toContain("[object Object]");
  const texts = [
    ...messages.flatMap(({ id, one }) => (one === undefined ? [id] : [id, one])),
    ...record.snapshot.steps.flatMap(({ description }) => textsIn(description)),
  ];
  const unknown = [...new Set(texts)].filter((text) => !isKnown(text));
  return { messages, unknown, output: stdout + stderr };
}

function parsed(file: string): unknown {
  const text = readFileSync(file, "utf8");
  return file.endsWith(".ndjson") ? parseNdjson(text) : JSON.parse(text);
}

const ids = ({ messages }: Said) => new Set(messages.map(({ id }) => id));
const thresholds = (...all: string[]) => all.flatMap((one) => ["--threshold", one]);

it("of a creation in which much goes wrong can all be translated", async () => {
  sandbox.deployment.faults.set({ buildFailureRate: 0.3, startupFails: 0.2 });
  const said = await saidBy(
    ...["create-workspaces", "--count", "20", "--template", "two-agents", "--concurrency", "0"],
    ...["--run-command", "echo hello", "--preset", "none"],
    ...thresholds(
      "ready.p95<1ms",
      "queue.p99<1m over 1s",
      "failures.rate<1%",
      "failures.count<1",
      "api.max<1m",
    ),
  );
  expect(said.unknown).toEqual([]);
  for (const id of ["build failed: {0}", "{0} failed", "{0} thresholds broken: {1}", "deleted"])
    expect(ids(said)).toContain(id);
  expect(said.output).toMatch(/2 thresholds broken|[34] thresholds broken/);
});

it("of traffic to what a run has kept, and of the clean-up after it, can all be translated", async () => {
  const kept = await saidBy(
    ...["create-workspaces", "--count", "3", "--template", "kubernetes", "--concurrency", "0"],
    ...["--no-cleanup"],
  );
  expect(kept.unknown).toEqual([]);
  const traffic = await saidBy(
    ...["workspace-traffic", "--ssh", "--rate", "10KB/s", "--duration", "2s"],
    ...thresholds("round_trip.p95<1ms", "achieved.rate>=10%", "ticks.missed<1", "connections.dropped<9"),
  );
  expect(traffic.unknown).toEqual([]);
  expect(ids(traffic)).toContain("{0} connections open; measured for {1}");
  expect((await saidBy("cleanup", "--yes")).unknown).toEqual([]);
});

it("of a refusal is a message, and English for scripts", async () => {
  const said = await saidBy("create-workspaces", "--template", "nowhere");
  expect(said.unknown).toEqual([]);
  expect(ids(said)).toContain('no template "{0}"; there is {1}');
  expect(said.output).toContain('no template "nowhere"; there is ');
});

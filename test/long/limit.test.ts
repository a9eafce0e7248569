import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { type RunResult, runResultSchema } from "../../src/protocol/result.ts";
import { type LoadModelOptions, NO_LOAD_MODEL } from "../../src/sandbox/model/load-model.ts";
import { startSandbox } from "../../src/sandbox/server.ts";
import { CommandLine, removeFolder, run } from "../integration/product.ts";

const MINUTE = 60_000;
const BUDGET = "8m";
const LONGEST_MS = 11 * MINUTE;
const WORKSPACES = 10;
/** A connection sends so often; the deployment carries ten times as many messages as the right level has connections. */
const PER_SECOND = 10;
const RIGHT = 50;

interface Search {
  model: Partial<LoadModelOptions>;
  buildTimeMs: [number, number];
  /** More than are ever built at the same time: else builds wait for one, and take no longer. */
  daemons?: number;
  /** Workspaces that are there before. */
  workspaces: number;
  args(folder: string): string[];
  /** Of the sandbox's own model. */
  right: string;
  answer: number;
}

const messages = { requestMs: 0, requestDatabaseMs: 0, buildCpuSeconds: 0 };
const small = { ...messages, coderdCores: 1, messageMs: 1_000 / (RIGHT * PER_SECOND) };
const rightAnswer = `of=answer&limit_ms=200&messages_per_second=${PER_SECOND}`;
const traffic = (...more: string[]) => [
  ...["limit", "workspace-traffic", "--bytes-per-tick", "40", "--tick-interval", "100ms", ...more],
  ...["--vary", "connections", "--from", "20", "--to", "200", "--threshold", "round_trip.p95<200ms"],
];
const loaded = { model: small, buildTimeMs: [50, 100] as [number, number], workspaces: WORKSPACES };

const SEARCHES: Record<string, Search> = {
  "terminal connections": { ...loaded, args: () => traffic(), right: rightAnswer, answer: RIGHT },
  "SSH sessions": { ...loaded, args: () => traffic("--ssh"), right: rightAnswer, answer: RIGHT },
  "users of a mixed scenario": {
    ...loaded,
    args: (folder) => ["run", mixed(folder)],
    ...{ right: rightAnswer, answer: RIGHT },
  },
  "concurrent builds": {
    model: { ...messages, coderdCores: 8, buildCpuSeconds: 2 },
    ...{ buildTimeMs: [4_000, 4_000], daemons: 100, workspaces: 0 },
    args: () => [
      ...["limit", "create-workspaces", "--count", "4000", "--template", "kubernetes", "--no-ssh"],
      // A job that waits for an agent is none that builds.
      ...[
        "--no-wait-for-agents",
        "--vary",
        "builds",
        "--from",
        "12",
        "--to",
        "48",
        "--threshold",
        "provision.p50<6.1s",
      ],
      // Each deletion is a build, too: at the model's rate, all of them would take as long again.
      "--no-cleanup",
    ],
    ...{ right: "of=build&limit_ms=6100&builds=1&build_ms=4000", answer: 24 },
  },
};

function mixed(folder: string): string {
  const file = path.join(folder, "mixed.scaletest.yaml");
  const load = "bytesPerTick: 40, tickInterval: 100ms";
  const text = [
    "steps:",
    `  - traffic: { ${load}, share: 60% }`,
    "    name: terminals",
    "    hold: 1m",
    `  - traffic: { ${load}, over: ssh, share: 40% }`,
    "    name: ssh",
    "    with: terminals",
    'thresholds: ["round_trip{step=terminals}.p95 < 200ms", "round_trip{step=ssh}.p95 < 200ms"]',
    `search: { vary: users, from: 20, to: 200, budget: ${BUDGET} }`,
  ];
  writeFileSync(file, `${text.join("\n")}\n`);
  return file;
}

/** Runs one on a sandbox of its own; what the model says is checked first. */
async function searched({
  model,
  buildTimeMs,
  daemons = 10,
  workspaces,
  args,
  right,
  answer,
}: Search): Promise<RunResult> {
  const folder = mkdtempSync(path.join(tmpdir(), "scaletest-long-"));
  const sandbox = await startSandbox({
    ...{ buildTimeMs, daemons, deleteTimeMs: [50, 100] as [number, number] },
    model: { ...NO_LOAD_MODEL, ...model },
  });
  try {
    const env = { CODER_URL: sandbox.url, CODER_SESSION_TOKEN: sandbox.token };
    const said = await fetch(`${sandbox.url}/sandbox/model?${right}`);
    expect(await said.json()).toMatchObject({ largestLoad: answer });
    if (workspaces > 0) {
      const create = ["create-workspaces", "--count", String(workspaces), "--template", "kubernetes"];
      const made = await run([...create, "--concurrency", "0", "--no-cleanup", "--no-ssh"], env);
      expect(made.code, made.stderr).toBe(0);
    }
    const asked = args(folder);
    const budget = asked[0] === "limit" ? ["--budget", BUDGET] : [];
    const line = new CommandLine([...asked, ...budget, "--output", "json"], env);
    const { stdout, stderr } = await line.ended;
    removeFolder(line.home);
    const result = runResultSchema.parse(JSON.parse(stdout));
    const shown = result.limit?.levels.map(
      ({ level, verdict, looks }) => `${level} ${verdict} ×${looks.length}`,
    );
    process.stderr.write(`${JSON.stringify(result.limit?.end)}\n${shown?.join(", ")}\n`);
    // The search ends its own builds; what is half made then is kept, too, where nothing is cleaned up.
    if (!asked.includes("--no-cleanup")) expect(result.outcome.orphans, stderr).toBe(0);
    return result;
  } finally {
    await sandbox.close();
    removeFolder(folder);
  }
}

/** Within 5 %, and a whole number beside it. */
function isRight(level: number, answer: number): boolean {
  return Math.abs(level - answer) <= Math.max(1, 0.05 * answer);
}

describe("a search in real time finds what the model says", () => {
  for (const [name, search] of Object.entries(SEARCHES))
    it(
      name,
      async () => {
        const { limit } = await searched(search);
        const end = limit?.end;
        if (end?.kind !== "found") throw new Error(JSON.stringify(end));
        expect({ level: end.passing.level, isRight: isRight(end.passing.level, search.answer) }).toEqual({
          ...{ level: end.passing.level, isRight: true },
        });
        expect(limit?.levels.length).toBeLessThanOrEqual(12);
      },
      LONGEST_MS,
    );
});

describe("a search beside a machine that is busy", () => {
  it(
    "finds the same, or says that the generator was the limit",
    async () => {
      const search = SEARCHES["terminal connections"];
      if (!search) throw new Error("there is none");
      const busy = Array.from({ length: 2 }, spin);
      try {
        const end = (await searched(search)).limit?.end;
        if (end?.kind === "invalid") return;
        if (end?.kind !== "found") throw new Error(JSON.stringify(end));
        expect(isRight(end.passing.level, search.answer), JSON.stringify(end)).toBe(true);
      } finally {
        for (const one of busy) one.kill("SIGKILL");
      }
    },
    LONGEST_MS,
  );
});

/** A process that does nothing but work, and ends by itself at last. */
function spin(): ChildProcess {
  const work = `const end = Date.now() + ${LONGEST_MS}; while (Date.now() < end);`;
  return spawn(process.execPath, ["-e", work], { stdio: "ignore" });
}

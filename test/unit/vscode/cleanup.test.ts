import { beforeEach, expect, it } from "vitest";
import { configOf } from "../../../src/cli/workload-command.ts";
import { userSchema, workspaceSchema } from "../../../src/coder/schemas.ts";
import {
  askForCleanup,
  askForOrphaning,
  askForRecovery,
  type CleanupParts,
} from "../../../src/vscode/features/leftovers/command.ts";
import { cleanupSchema } from "../../../src/workloads/cleanup/config.ts";
import { workloadByName } from "../../../src/workloads/index.ts";
import type { Leftover } from "../../../src/workloads/leftovers.ts";
import { recoverSchema } from "../../../src/workloads/recover/config.ts";
import { askedConfig, askedStep } from "../../one-step.ts";
import { type Scripted, scripted } from "./stand-ins.ts";

const URL = "https://coder.example.com";
let leftovers: Leftover[];
let said: string[];
let questions: string[];
let confirmed: boolean;

function leftover(name: string): Leftover {
  const job = { id: "j", status: "succeeded", created_at: "2026-01-01T00:00:00Z" };
  const build = { id: "b", build_number: 1, transition: "start", status: "running", job };
  const workspace = workspaceSchema.parse({
    id: name,
    name,
    owner_id: `u-${name}`,
    owner_name: name,
    created_at: "2026-01-01T00:00:00Z",
    latest_build: build,
  });
  return {
    owner: name,
    user: userSchema.parse({ id: `u-${name}`, username: name }),
    workspaces: [workspace],
  };
}

function parts(...script: Scripted[]): CleanupParts & { inputs: ReturnType<typeof scripted> } {
  return {
    inputs: scripted(...script),
    deployments: () => [{ url: URL, username: "admin", version: "v2.26.1", sandbox: false }],
    target: async (url) => ({ url, token: "t", network: {} }),
    leftovers: async (_, run) =>
      leftovers.filter(({ owner }) => !run || owner.startsWith(`scaletest-${run}-`)),
    titles: async () => new Map([["aaaaaaaa", "create 2 × kubernetes"]]),
    confirm: async (question) => {
      questions.push(question);
      return confirmed;
    },
    say: (text) => said.push(text),
  };
}

const interrupted = {
  id: "aaaaaaaa",
  folder: "/runs/x",
  file: { deployment: { url: URL }, config: {} },
};

beforeEach(() => {
  leftovers = ["scaletest-aaaaaaaa-0", "scaletest-aaaaaaaa-1", "scaletest-bbbbbbbb-0", "scaletest-7"].map(
    leftover,
  );
  said = [];
  questions = [];
  confirmed = true;
});

it("lists what was left by run, asks about the chosen part, and deletes only that", async () => {
  const run = await askForCleanup(parts("Run aaaaaaaa"), {});
  expect(questions).toEqual(["Delete 2 workspaces, 2 users from coder.example.com?"]);
  const names = ["scaletest-aaaaaaaa-0", "scaletest-aaaaaaaa-1"];
  expect(cleanupSchema.parse(askedConfig(run))).toMatchObject({
    run: "aaaaaaaa",
    // As many at once as the command line: one, unless somebody asks for more.
    cleanupConcurrency: cleanupSchema.parse({}).cleanupConcurrency,
    only: { workspaces: names, users: names.map((name) => `u-${name}`) },
  });
});

it("deletes as the command line does, where nobody says otherwise", async () => {
  const workload = workloadByName("cleanup");
  if (!workload) throw new Error("no clean-up");
  const { only, ...config } = cleanupSchema.parse(askedConfig(await askForCleanup(parts("Everything"), {})));
  expect(only?.workspaces).toHaveLength(4);
  expect(config).toEqual(configOf(workload, {}, {}).config);
});

it("can delete everything, that of other tools too", async () => {
  const run = await askForCleanup(parts("Everything"), {});
  expect(questions).toEqual(["Delete 4 workspaces, 4 users from coder.example.com?"]);
  expect(cleanupSchema.parse(askedConfig(run)).run).toBeUndefined();
});

it("asks only whether, where the run is named", async () => {
  const run = await askForCleanup(parts(), { url: URL, runId: "bbbbbbbb" });
  expect(questions).toEqual(["Delete 1 workspace, 1 user from coder.example.com?"]);
  expect(askedConfig(run).run).toBe("bbbbbbbb");
});

it("deletes nothing where the person declines or leaves, or nothing is there", async () => {
  confirmed = false;
  expect(await askForCleanup(parts("Everything"), {})).toBeUndefined();
  expect(await askForCleanup(parts({ leave: true }), {})).toBeUndefined();
  leftovers = [];
  expect(await askForCleanup(parts(), {})).toBeUndefined();
  expect(said).toEqual(["Nothing to clean up on coder.example.com."]);
});

it("cleans up after an interrupted run by its journal", async () => {
  const left = { users: 3, workspaces: 2, tokens: 0 };
  const run = await askForRecovery(parts(), interrupted, left);
  expect(questions).toEqual(["Delete 3 users and 2 workspaces of run aaaaaaaa from coder.example.com?"]);
  expect(askedStep(run).workload).toBe("recover");
  expect(recoverSchema.parse(askedConfig(run))).toMatchObject({ folder: "/runs/x", run: "aaaaaaaa" });
  confirmed = false;
  expect(await askForRecovery(parts(), interrupted, left)).toBeUndefined();
});

it("says of tokens of other users that they are tokens", async () => {
  await askForRecovery(parts(), interrupted, { users: 0, workspaces: 0, tokens: 2 });
  expect(questions).toEqual(["Delete 2 tokens of other users of run aaaaaaaa from coder.example.com?"]);
});

it("deletes without destroying only where the person has confirmed just that", async () => {
  const left = { users: 1, workspaces: 1, tokens: 0 };
  const run = await askForOrphaning(parts(), interrupted, left);
  expect(questions).toEqual([
    "Delete 1 user and 1 workspace from coder.example.com, even where their destroy fails?",
  ]);
  expect(recoverSchema.parse(askedConfig(run))).toMatchObject({ run: "aaaaaaaa", orphan: true });
  const usual = await askForRecovery(parts(), interrupted, left);
  expect(recoverSchema.parse(askedConfig(usual)).orphan).toBe(false);
  confirmed = false;
  expect(await askForOrphaning(parts(), interrupted, left)).toBeUndefined();
});

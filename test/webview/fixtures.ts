import { describeRun } from "../../src/contract/describe.ts";
import type { ToPanel } from "../../src/protocol/panel.ts";
import type { Counts, Sample, WorkspaceRow } from "../../src/protocol/snapshot.ts";
import type { StepView } from "../../src/protocol/steps.ts";
import { foreign, say } from "../../src/text/message.ts";
import { CREATION } from "../../src/workloads/create-workspaces/describe.ts";
import { type OneStep, oneStepRun, wholeOf } from "../one-step.ts";
import { figuresOf, type Numbers, valuesOf } from "./described.ts";

export const CREATION_DESCRIPTION = describeRun(CREATION);

/**
 * A run of `count` workspaces, as it would look `at` milliseconds after its begin: thirty builds at a time,
 * four seconds each. Everything follows from these numbers, so a picture of it is the same every time.
 */
const LIFE = { api: 120, queue: 0, provision: 3_600, agent: 900, script: 700, ssh: 450, command: 2_100 };
const DAEMONS = 30;
const STEP = "create-workspaces";

export function fixtureRow(index: number, at: number, count: number): WorkspaceRow {
  const startedAt = 3_000 + index * 20;
  const queue = Math.floor(index / DAEMONS) * LIFE.provision;
  const jitter = ((index * 7_919) % 101) / 100;
  const failed = index % 97 === 41;
  const phases: Record<string, number> = {};
  const steps: [string, number, WorkspaceRow["state"], string][] = [
    ["api", LIFE.api * (0.6 + jitter), "creating", "creating the workspace"],
    ["queue", queue * (0.9 + jitter / 5), "queued", "waiting for a provisioner daemon"],
    ["provision", LIFE.provision * (0.7 + jitter), "building", "building"],
    ["agent_connect", LIFE.agent * (0.5 + jitter), "starting", "waiting for the agent"],
    ["startup_script", LIFE.script * (0.8 + jitter / 2), "starting", "startup script"],
    ["wait_for_ssh", 40 * jitter, "active", "waiting for a place to connect by SSH"],
    ["ssh", LIFE.ssh * (0.6 + jitter), "active", "connecting by SSH"],
    ["first_byte", 60 + 80 * jitter, "active", "ready"],
    ["command", LIFE.command, "active", "running the command"],
    ["delete", 800 + 400 * jitter, "succeeded", "deleting"],
  ];
  const base = {
    step: STEP,
    index,
    name: `scaletest-k3x9q2ab-${index}`,
    owner: `scaletest-k3x9q2ab-${index}`,
    prebuilt: false,
    phases,
  };
  if (at < startedAt || index >= count)
    return { ...base, state: "waiting", doing: say("waiting for a place"), apiCalls: 0 };
  const begun = { ...base, startedAt, workspaceId: `workspace-${index}` };
  let spent = startedAt;
  let ready: number | undefined;
  for (const [name, ms, state, doing] of steps) {
    if (spent + ms > at)
      return { ...begun, state, doing: say(doing), apiCalls: 4, ...(ready ? { readyMs: ready } : {}) };
    spent += ms;
    phases[name] = Math.round(ms);
    if (name === "startup_script") ready = Math.round(spent - startedAt);
    if (failed && name === "provision") {
      const error = say("build failed: {0}", "terraform apply: exit status 1");
      const log =
        'Initializing the backend...\nkubernetes_pod.main: Creating...\nError: pods "main" is forbidden: exceeded quota';
      return {
        ...begun,
        state: "failed",
        doing: say("deleted"),
        apiCalls: 7,
        cause: error,
        error,
        log,
      };
    }
  }
  return { ...begun, state: "succeeded", doing: say("deleted"), apiCalls: 7, readyMs: ready ?? 0 };
}

export function fixtureRows(count: number, at: number): WorkspaceRow[] {
  return Array.from({ length: count }, (_, index) => fixtureRow(index, at, count));
}

export function countRows(rows: readonly WorkspaceRow[]): Counts {
  const counts = noCounts(rows.length);
  for (const row of rows) counts[row.state] = (counts[row.state] ?? 0) + 1;
  return counts;
}

/** Nobody is anywhere yet. */
export function noCounts(total: number): Counts {
  const states = CREATION_DESCRIPTION.states.map(({ id }) => [id, 0]);
  return { waiting: 0, succeeded: 0, failed: 0, canceled: 0, ...Object.fromEntries(states), total };
}

/** The second that ends at `t`; `numbers` are of figures that are to differ. */
export function fixtureSample(count: number, t: number, numbers: Numbers = {}): Sample {
  const rows = fixtureRows(count, t);
  const counts = countRows(rows);
  const second = Math.max(0, Math.round(t / 1_000) - 1);
  return {
    step: STEP,
    second,
    values: valuesOf(CREATION_DESCRIPTION, {
      ...Object.fromEntries(
        Object.entries(counts).map(([state, jobs]) => [`jobs{state="${state}"}.last`, jobs]),
      ),
      "ready.ended": readyBetween(rows, t - 1_000, t),
      "api_calls.count": Math.round(count * 0.2),
      "rate_limit_wait.count": 0,
      "loop_lateness.p99": 1 + ((t / 1_000) % 5) / 4,
      "generator_cpu.mean": 0.3 + (counts.active ?? 0) / 200,
      ...numbers,
    }),
  };
}

function readyBetween(rows: readonly WorkspaceRow[], from: number, until: number): number {
  return rows.filter(({ startedAt = Number.NaN, readyMs = Number.NaN }) => {
    const at = startedAt + readyMs;
    return at > from && at <= until;
  }).length;
}

export function fixtureSamples(count: number, until: number): Sample[] {
  return Array.from({ length: Math.floor(until / 1_000) }, (_, second) =>
    fixtureSample(count, (second + 1) * 1_000),
  );
}

export function fixtureSnapshot(count: number, at: number, changes: Partial<OneStep> = {}): StepView {
  const rows = fixtureRows(count, at);
  const counts = countRows(rows);
  return oneStepRun({
    run: {
      id: "k3x9q2ab",
      title: `create-workspaces ${count} × kubernetes`,
      workload: STEP,
      deployment: {
        url: "https://coder.example.com",
        host: "coder.example.com",
        version: "v2.26.1",
        user: "admin",
        sandbox: false,
      },
      createdAt: 1_764_000_000_000,
      host: "loadgen-1",
    },
    state: "running",
    elapsedMs: at,
    remainingMs: 41_000,
    stages: [
      { id: "check", label: say("Check"), state: "done", done: 0, total: 0 },
      {
        id: "jobs",
        label: say("Create and use"),
        state: "active",
        done: counts.succeeded + counts.failed,
        total: count,
      },
      { id: "cleanup", label: say("Clean up"), state: "pending", done: 0, total: count },
    ],
    counts,
    readyCount: rows.filter(({ readyMs }) => readyMs !== undefined).length,
    existing: { users: count - counts.waiting, workspaces: count - counts.waiting - counts.succeeded },
    phases: phasesOf(rows),
    causes: causesOf(counts),
    causesOmitted: 0,
    api: {
      calls: 1_204,
      maxPerWorkspace: 7,
      meanPerWorkspace: 5.8,
      runCalls: 14,
      rateLimited: 0,
      rateLimitWaitMs: 0,
    },
    generator: { latenessP99Ms: 1.2, cpu: 0.41, rssBytes: 148_000_000, cliProcesses: 8, cliWaiting: 2 },
    warnings: [],
    events: [
      { t: 200, level: "info", text: say('checking template "{0}" (dry run)', "kubernetes") },
      {
        t: 2_900,
        level: "info",
        text: say("SSH goes by {0}", say("our own tailnet nodes, through the deployment's relay")),
      },
      {
        t: 9_400,
        level: "error",
        text: say("build failed: {0}", "terraform apply: exit status 1"),
        workspace: "scaletest-k3x9q2ab-41",
      },
    ],
    outcome: null,
    description: CREATION_DESCRIPTION,
    figures: figuresOf(CREATION_DESCRIPTION, {}),
    validity: { measured: Math.floor(at / 1_000), valid: Math.floor(at / 1_000), tooFew: false },
    ...changes,
  });
}

/** What a runner says of a run of one step, as it is posted to a page. */
export function said(run: OneStep): Extract<ToPanel, { type: "snapshot" }> {
  return { type: "snapshot", snapshot: wholeOf(run) };
}

function phasesOf(rows: readonly WorkspaceRow[]): StepView["phases"] {
  return CREATION.phases.map(({ name, label }) => {
    const values = rows.flatMap((row) => row.phases[name] ?? []).sort((a, b) => a - b);
    const at = (q: number) => values[Math.min(values.length - 1, Math.floor(q * values.length))] ?? 0;
    const mean = values.reduce((sum, ms) => sum + ms, 0) / Math.max(1, values.length);
    return {
      name,
      label,
      count: values.length,
      mean,
      p50: at(0.5),
      p95: at(0.95),
      p99: at(0.99),
      max: at(1),
    };
  });
}

function causesOf(counts: Counts): StepView["causes"] {
  if (counts.failed === 0) return [];
  const example = {
    workspace: "scaletest-k3x9q2ab-41",
    message: foreign('pods "main" is forbidden: exceeded quota'),
  };
  return [
    {
      id: "build_failed",
      cause: say("build failed: {0}", "terraform apply: exit status 1"),
      count: counts.failed,
      example,
    },
  ];
}

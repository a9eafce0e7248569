import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach } from "vitest";
import type { User } from "../../../src/coder/schemas.ts";
import type { Demand } from "../../../src/contract/demand.ts";
import type { Job } from "../../../src/contract/job.ts";
import type { Plan } from "../../../src/contract/plan.ts";
import type { PrepareContext } from "../../../src/contract/prepare.ts";
import { JobMeasures } from "../../../src/engine/measuring/job-measures.ts";
import { Run } from "../../../src/engine/run.ts";
import type { RunInput } from "../../../src/engine/run-input.ts";
import { Board } from "../../../src/engine/steps/board.ts";
import type { StepInput } from "../../../src/engine/steps/step.ts";
import { NOTHING_LEFT } from "../../../src/protocol/left.ts";
import type { Begin, Profile } from "../../../src/protocol/step-request.ts";
import type { Message } from "../../../src/text/message.ts";
import { say } from "../../../src/text/message.ts";

/** Nobody listens there: a run that asks the network fails. */
const NOWHERE = "http://127.0.0.1:9";

export interface FakeStep {
  name?: string;
  begin?: Begin;
  profile?: Profile;
  /** What the workload makes; or all of its preparation. */
  plan?: Partial<Plan>;
  prepare?: (context: PrepareContext) => Promise<Plan>;
  demand?: Demand;
  needsOwner?: Message;
  program?: string;
}

export interface FakeRun extends Partial<Omit<RunInput, "steps" | "folder">>, FakeStep {
  /** Of a run of several. */
  steps?: readonly FakeStep[];
}

/** Whose run it is, where no deployment is asked. */
export const ADMIN = { id: "1", username: "admin", email: "", roles: [{ name: "owner" }] } as unknown as User;

function fakeStep({
  name = "test",
  begin,
  profile,
  plan,
  prepare,
  demand,
  needsOwner,
  program,
}: FakeStep): StepInput {
  return {
    name,
    workload: "test",
    begin,
    profile,
    checked: {
      config: {},
      title: "test",
      demand,
      demandOn: () => demand,
      makes: 0,
      endless: false,
      needsOwner,
      program,
      prepare: prepare ?? (async () => fakePlan(plan)),
      preflight: async () => [],
    },
  };
}

/** A job of the test's own. */
export function fakeJob(
  index: number,
  run: Job["run"] = async () => undefined,
  cleanup: Job["cleanup"] = async () => undefined,
): Job {
  return { index, name: `scaletest-abcdefgh-${index}`, owner: "o", run, cleanup };
}

/** Works for so long, or until it is ended. */
export const work =
  (ms: number): Job["run"] =>
  ({ signal }) =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(resolve, ms);
      signal.addEventListener("abort", () => {
        clearTimeout(timer);
        reject(signal.reason);
      });
    });

export function fakePlan(changes: Partial<Plan> = {}): Plan {
  return {
    jobs: [],
    description: { states: [], phases: [] },
    jobsLabel: say("Work"),
    concurrency: 0,
    timeoutMs: 0,
    jobTimeoutMs: 0,
    cleanup: { label: say("Clean up"), concurrency: 0, timeoutMs: 0, jobTimeoutMs: 0 },
    countLeft: async () => ({ left: NOTHING_LEFT }),
    close: async () => undefined,
    testName: "test",
    ...changes,
  };
}

/** A board whose measurements are kept as they are made. */
export function measuredBoard({ ms = 0, lateMs = 0 } = {}) {
  const durations: { metric: string; ms: number; window: string }[] = [];
  const nevers: { metric: string; ms: number; window: string }[] = [];
  const failures: { n: number; window: string }[] = [];
  const measures = new JobMeasures(
    { ms },
    {
      duration: (metric, taken, { window }) => durations.push({ metric, ms: taken, window }),
      never: (metric, waited, { window }) => nevers.push({ metric, ms: waited, window }),
      share: (_metric, n, _of, window) => failures.push({ n, window }),
    },
    () => lateMs,
  );
  return { board: new Board(measures), durations, nevers, failures };
}

/** A folder for each test, and runs of a fake workload in the real engine. */
export function fakeRuns() {
  let runs: string;
  let folder: string;
  beforeEach(() => {
    runs = mkdtempSync(path.join(tmpdir(), "engine-"));
    folder = mkdtempSync(path.join(runs, "run-"));
  });
  afterEach(() => rmSync(runs, { recursive: true, force: true }));
  return {
    folder: () => folder,
    open({
      name,
      begin,
      profile,
      plan,
      prepare,
      demand,
      needsOwner,
      program,
      steps,
      ...input
    }: FakeRun = {}): Promise<Run> {
      const deployment = { url: NOWHERE, host: "nowhere", version: "", user: "", sandbox: true };
      return Run.open({
        header: { id: "abcdefgh", title: "t", workload: "test", deployment, createdAt: 0, host: "h" },
        folder,
        steps: (steps ?? [{ name, begin, profile, plan, prepare, demand, needsOwner, program }]).map((step) =>
          fakeStep(step as FakeStep),
        ),
        signIn: async () => ADMIN,
        target: { url: NOWHERE, token: "t", network: {} },
        files: { sandboxCoder: [], shardScript: "", cliFolder: folder, runFolder: folder },
        guard: { tag: "staging", limits: {} },
        signInLimitMs: 0,
        ...input,
      });
    },
  };
}

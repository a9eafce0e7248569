import type { Plan } from "../contract/plan.ts";
import { isObserved } from "../protocol/percentile.ts";
import type { Outcome, RunHeader, RunState, Snapshot } from "../protocol/snapshot.ts";
import type { JournalState } from "../runs/journal-state.ts";
import { leftOf } from "../runs/left.ts";
import type { Message } from "../text/message.ts";
import type { ApiMeter } from "./api-meter.ts";
import type { Board } from "./board.ts";
import type { JobRun } from "./job.ts";
import type { Measuring } from "./measuring.ts";
import type { Mistakes } from "./mistakes.ts";
import type { Estimates } from "./pace.ts";
import type { RunLog } from "./run-log.ts";
import type { SignIn } from "./sign-in.ts";
import type { Standstill } from "./time.ts";

const SHOWN_CAUSES = 20;
const SHOWN_WARNINGS = 20;

/** What a snapshot is made of. */
export interface Shown {
  header: RunHeader;
  state: RunState;
  plan: Plan | undefined;
  board: Board;
  jobs: readonly JobRun[];
  journal: JournalState;
  measuring: Measuring;
  meter: ApiMeter;
  mistakes: Mistakes;
  log: RunLog;
  signIn: SignIn;
  still: Standstill;
  rest: Standstill;
  estimates: Estimates;
  paused: boolean;
  warnings: readonly Message[];
  /** Milliseconds of the run so far, or in all. */
  elapsedMs: number;
  outcome: Outcome | null;
}

/** An outcome is told with the state that says it is one: before that, its record is still being written. */
export function snapshotOf(shown: Shown): Snapshot {
  const { board, measuring, signIn, still, mistakes, plan, state } = shown;
  const helpers = mistakes.ask(() => plan?.helpers?.()) ?? { processes: 0, waiting: 0 };
  const ready = measuring.ready();
  const part = mistakes.ask(() => plan?.load?.part());
  return {
    run: shown.header,
    state,
    paused: shown.paused,
    ...(signIn.expired ? { sessionExpired: signIn.expired } : {}),
    ...(still.ms > 0 ? { standstillMs: still.ms } : {}),
    elapsedMs: shown.elapsedMs,
    ...estimateOf(shown),
    stages: board.stages,
    counts: board.counts,
    phases: measuring.phases(),
    ...(ready && isObserved(ready) ? { ready } : {}),
    readyCount: board.readyCount,
    existing: leftOf(shown.journal),
    ...(plan?.thresholds?.length ? { thresholds: measuring.thresholds(state === "finished") } : {}),
    causes: board.causes.list(SHOWN_CAUSES),
    causesOmitted: Math.max(0, board.causes.size - SHOWN_CAUSES),
    api: shown.meter.summary(),
    generator: {
      ...measuring.recorder.last,
      cliProcesses: helpers.processes,
      cliWaiting: helpers.waiting,
    },
    warnings: shown.warnings.slice(0, SHOWN_WARNINGS),
    events: shown.log.events,
    outcome: state === "finished" ? shown.outcome : null,
    description: measuring.measurements.description,
    figures: measuring.figures,
    ...(part ? { part } : {}),
    validity: measuring.measurements.validity,
  };
}

function estimateOf({
  plan,
  state,
  board,
  jobs,
  rest,
  estimates,
}: Shown): Pick<Snapshot, "remainingMs" | "waitsFor"> {
  const id = state === "running" ? "jobs" : state === "cleaning" ? "cleanup" : undefined;
  const stage = board.stages.find((one) => one.id === id);
  if (!plan || !id || !stage || rest.isNow) return { remainingMs: null };
  // All at once, a load ends by the clock, which its own part has.
  const isTogether = plan.concurrency === 0 || plan.concurrency >= plan.jobs.length;
  if (plan.load && id === "jobs" && isTogether) return { remainingMs: null };
  // It stands still with the run.
  return estimates.of(id, stage, jobs, performance.now() - rest.ms);
}

import type { Answer } from "../../protocol/answer.ts";
import type { Baseline } from "../../protocol/baseline.ts";
import type { Bottlenecks } from "../../protocol/bottlenecks.ts";
import type { LimitResult } from "../../protocol/limit.ts";
import type { Outcome, RunHeader, RunState, Snapshot, Stage, Step } from "../../protocol/snapshot.ts";
import type { JournalState } from "../../runs/journal-state.ts";
import { leftOf } from "../../runs/left.ts";
import type { Message } from "../../text/message.ts";
import type { ApiMeter } from "../measuring/api-meter.ts";
import type { Measuring } from "../measuring/measuring.ts";
import type { Mistakes } from "../mistakes.ts";
import type { SignIn } from "../sign-in.ts";
import type { StepRun } from "../steps/step.ts";
import type { Standstill } from "../time.ts";
import type { RunLog } from "./run-log.ts";

const SHOWN_WARNINGS = 20;

/** What a snapshot is made of. */
export interface Shown {
  header: RunHeader;
  state: RunState;
  stages: readonly Stage[];
  steps: readonly StepRun[];
  journal: JournalState;
  measuring: Measuring;
  meter: ApiMeter;
  mistakes: Mistakes;
  log: RunLog;
  signIn: SignIn;
  still: Standstill;
  rest: Standstill;
  /** Somebody stopped the run. */
  stopped: boolean;
  paused: boolean;
  warnings: readonly Message[];
  /** Milliseconds of the run so far, or in all. */
  elapsedMs: number;
  baseline: Baseline | undefined;
  limit: LimitResult | undefined;
  bottlenecks: Bottlenecks | undefined;
  answer: Answer;
  outcome: Outcome | null;
}

/** An outcome is told with the state that says it is one: before that, its record is still being written. */
export function snapshotOf(shown: Shown): Snapshot {
  const { measuring, signIn, still, state } = shown;
  const thresholds = measuring.thresholds(state === "finished");
  return {
    run: shown.header,
    state,
    paused: shown.paused,
    ...(signIn.expired ? { sessionExpired: signIn.expired } : {}),
    ...(still.ms > 0 ? { standstillMs: still.ms } : {}),
    elapsedMs: shown.elapsedMs,
    ...estimateOf(shown),
    stages: [...shown.stages],
    existing: leftOf(shown.journal),
    ...(thresholds.length > 0 ? { thresholds } : {}),
    answer: shown.answer,
    ...(shown.baseline ? { baseline: shown.baseline } : {}),
    ...(shown.limit ? { limit: shown.limit } : {}),
    ...(shown.bottlenecks ? { bottlenecks: shown.bottlenecks } : {}),
    api: shown.meter.summary(),
    generator: { ...measuring.recorder.last, ...helpersOf(shown) },
    warnings: shown.warnings.slice(0, SHOWN_WARNINGS),
    events: shown.log.events,
    outcome: state === "finished" ? shown.outcome : null,
    steps: stepsOf(shown),
  };
}

/** Of several steps, each that is over with what it has come to; of a single one, the run's outcome says it. */
function stepsOf({ steps, stopped, measuring }: Shown): Step[] {
  const isOver = ({ state }: StepRun) => ["done", "failed", "refused", "stopped"].includes(state);
  if (steps.length === 1 || !steps.some(isOver)) return steps.map((step) => step.snapshot());
  const atTheEnd = measuring.thresholds(true);
  return steps.map((step) => {
    if (!isOver(step)) return step.snapshot();
    const { verdict, summary } = step.verdict(stopped, atTheEnd);
    return { ...step.snapshot(), verdict, summary };
  });
}

function helpersOf({ steps, mistakes }: Shown): { cliProcesses: number; cliWaiting: number } {
  const helpers = steps.flatMap(({ plan }) => mistakes.ask(() => plan?.helpers?.()) ?? []);
  return {
    cliProcesses: helpers.reduce((sum, one) => sum + one.processes, 0),
    cliWaiting: helpers.reduce((sum, one) => sum + one.waiting, 0),
  };
}

/** Known where all that is still to come is one step's, or its clean-up. */
function estimateOf({ state, steps, rest }: Shown): Pick<Snapshot, "remainingMs" | "waitsFor"> {
  if (rest.isNow) return { remainingMs: null };
  if (state === "running") {
    const open = steps.filter((step) => ["pending", "preparing", "active"].includes(step.state));
    const working = open.filter((step) => step.state === "active").map((step) => step.estimate("jobs"));
    const [first] = working;
    if (!first) return { remainingMs: null };
    return open.length === 1 ? first : { ...first, remainingMs: null };
  }
  if (state !== "cleaning") return { remainingMs: null };
  const cleaning = steps.find(({ clean }) => clean?.state === "active");
  return cleaning?.estimate("cleanup") ?? { remainingMs: null };
}

import { t, wordsOf } from "../../l10n/text.ts";
import type { Sample, Step, StepState } from "../../protocol/snapshot.ts";
import type { StepView } from "../../protocol/steps.ts";

/** A part of the run's time that has a name: a step, or what a single step is doing. */
export interface Band {
  key: string;
  name: string;
  /** What it came to, or what it is doing. */
  says: string;
  mark: string;
  /** Decides the colour: a verdict or a state of a step, or a part of one. */
  state: string;
  /** Seconds. */
  from: number;
  until: number;
  /** From when on it is measured; seconds. */
  hold: number;
  /** Bands at the same time are below each other. */
  lane: number;
  /** The step that it is; none: a part of the only one. */
  step?: string;
}

/** A step that has not begun has no place in time. */
export type Waiting = Pick<Band, "key" | "name" | "says">;

const STATES: Record<StepState, string> = {
  pending: t("pending"),
  preparing: t("preparing"),
  active: t("running"),
  done: t("done"),
  failed: t("failed"),
  refused: t("did not start"),
  stopped: t("stopped"),
  skipped: t("skipped"),
};
const VERDICTS = {
  passed: t("Passed"),
  failed: t("Failed"),
  refused: t("Refused"),
  interrupted: t("Stopped"),
  invalid: t("Invalid"),
};
const MARKS: Record<StepState, string> = {
  pending: "",
  preparing: "…",
  active: "▸",
  done: "✓",
  failed: "✕",
  refused: "✕",
  stopped: "■",
  skipped: "–",
};

/** Steps of a run of several in the order of their begin, and those that are still to come. `end`: seconds until now. */
export function stepBands(steps: readonly Step[], end: number): { bands: Band[]; waiting: Waiting[] } {
  const bands: Band[] = [];
  const waiting: Waiting[] = [];
  /** Until when each lane is taken. */
  const lanes: number[] = [];
  for (const step of steps) {
    const { name, begunAt, holdAt, endedAt } = step;
    const said = { key: name, name, says: saysOf(step) };
    if (begunAt === undefined) {
      waiting.push(said);
      continue;
    }
    const [from, until] = [begunAt / 1_000, endedAt === undefined ? end : endedAt / 1_000];
    const free = lanes.findIndex((taken) => taken <= from);
    const lane = free < 0 ? lanes.length : free;
    lanes[lane] = until;
    const hold = holdAt === undefined ? from : holdAt / 1_000;
    const state = step.verdict ?? step.state;
    bands.push({ ...said, mark: markOf(step), state, from, until, hold, lane, step: name });
  }
  return { bands, waiting };
}

/** What a single step has gone through: what comes before its measured part, that, and what comes after it. */
export function stageBands(
  { elapsedMs, part }: Pick<StepView, "elapsedMs" | "part">,
  samples: readonly Sample[],
): Band[] {
  const first = samples.findIndex(({ outside }) => !outside);
  const last = samples.findLastIndex(({ outside }) => !outside);
  // Of a run that is measured from its begin to its end there is nothing to tell apart.
  if (!samples.some(({ outside }) => outside)) return [];
  const secondOf = (at: number) => samples[at]?.second ?? 0;
  const end = samples.length > 0 ? secondOf(samples.length - 1) + 1 : elapsedMs / 1_000;
  const [from, until] = first < 0 ? [end, end] : [secondOf(first), secondOf(last) + 1];
  // Only a load on a schedule has parts: others are checked before, and cleaned up after.
  const [before, after] = part
    ? [t("ramp and warm-up"), t("draining")]
    : [t("preparation"), t("after the test")];
  const bands = [
    stage("before", before, 0, from),
    stage("measured", t("measured"), from, until),
    stage("after", after, until, end),
  ];
  return bands.filter((band) => band.until > band.from);
}

function stage(key: string, name: string, from: number, until: number): Band {
  return { key, name, says: "", mark: "", state: key, from, until, hold: from, lane: 0 };
}

/** Of a step that is over, by what it came to. */
function markOf({ state, verdict }: Step): string {
  if (state === "done" && verdict !== undefined && verdict !== "passed")
    return verdict === "invalid" ? "!" : "✕";
  return MARKS[state];
}

/** "Passed", or what it is doing, and what it came to. */
function saysOf({ state, verdict, summary, part }: Step): string {
  const outcome = summary ? wordsOf(summary) : "";
  const word = verdict ? VERDICTS[verdict] : STATES[state];
  if (outcome) return `${word} · ${outcome}`;
  return state === "active" && part ? wordsOf(part.label) : word;
}

import { studentTail, varianceOfMean } from "../compare/statistics.ts";
import type { LimitSide } from "../protocol/limit.ts";
import { DRIFTS, type Looked } from "./look.ts";

/** Nothing is certain. */
const MOST = 0.999;
/** On the scale of logarithms, a figure is no nearer to 0 than this part of its limit. */
const LEAST_PART = 0.01;
/** A look that was not made counts as one that did not agree. */
const LEAST_LOOKS = 2;

/**
 * How sure it is what a level comes to: the share of its looks that agree, times the probability that the figure which
 * decides is on its side of the limit. That follows from its distance to the limit in standard errors of the windows
 * (Student's distribution; windows that follow each other are no independent samples).
 */
export function sideOf(level: number, verdict: "passes" | "breaks", looks: readonly Looked[]): LimitSide {
  const agreeing = looks.filter((look) => look.verdict === verdict);
  const sides = (looks[0]?.past ?? []).map((_, at) => sideOfObjective(verdict, looks, at));
  // All have to be met; one is enough to break.
  sides.sort((one, other) => (verdict === "passes" ? 1 : -1) * (one.sure - other.sure));
  const { distance = 0, sure = 0 } = sides[0] ?? {};
  const share = agreeing.length / Math.max(LEAST_LOOKS, looks.length);
  return {
    level,
    looks: looks.length,
    agreeing: agreeing.length,
    distance: round(Math.min(99, distance), 1),
    confidence: round(share * Math.min(MOST, Math.max(sure, sureOfDrift(verdict, agreeing))), 3),
  };
}

/** A level that goes to its limit and does not settle is broken, though its figures are not yet there. */
function sureOfDrift(verdict: "passes" | "breaks", agreeing: readonly Looked[]): number {
  if (verdict === "passes") return 0;
  const drifting = agreeing.filter(({ because }) => because === "drifts");
  return drifting.length > agreeing.length / 2 ? 1 - DRIFTS : 0;
}

function sideOfObjective(
  verdict: "passes" | "breaks",
  looks: readonly Looked[],
  at: number,
): { distance: number; sure: number } {
  const logs = looks
    .flatMap(({ past }) => past[at] ?? [])
    .map((past) => Math.log(Math.max(LEAST_PART, 1 + past)));
  if (logs.length === 0) return { distance: 0, sure: 0 };
  const mean = (logs.reduce((sum, one) => sum + one, 0) / logs.length) * (verdict === "passes" ? -1 : 1);
  const { value, freedom } = varianceOfMean(logs);
  if (value === 0) return { distance: mean > 0 ? Number.POSITIVE_INFINITY : 0, sure: mean > 0 ? 1 : 0 };
  if (!Number.isFinite(value)) return { distance: 0, sure: 0.5 };
  const distance = mean / Math.sqrt(value);
  return { distance, sure: 1 - studentTail(distance, freedom) };
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}

import type { PlanLane, PlanPicture } from "../protocol/plan-page.ts";
import type { PlannedStep } from "./plan.ts";
import { PlanScale } from "./plan-scale.ts";
import { saysOfEnd, saysOfLoad, saysOfMoment, saysOfStep } from "./plan-words.ts";
import type { Moment } from "./times.ts";

/** A plan as it is drawn, by the command line as by the editor. */
export function planPicture(plan: readonly PlannedStep[]): PlanPicture {
  const scale = new PlanScale(plan);
  const share = (moment: Moment) => Math.min(1, Math.max(0, scale.at(moment) / scale.totalMs));
  const last = plan.reduce<Moment | undefined>(
    (end, step) => (end && scale.at(end) >= scale.at(step.end) ? end : step.end),
    undefined,
  );
  return {
    lanes: plan.map((step) => laneOf(step, share)),
    totalMs: scale.totalMs,
    ticks: ticksOf(plan, scale).map((moment) => ({
      at: share(moment),
      said: saysOfMoment(moment),
      ...(moment.ms === 0 ? { base: moment.after === undefined ? {} : { step: moment.after } } : {}),
    })),
    ...(last ? { end: saysOfEnd(last) } : {}),
  };
}

function laneOf(step: PlannedStep, share: (moment: Moment) => number): PlanLane {
  const { name, kind, begin, hold, end, lengthMs, load, mark, isLoad } = step;
  const said = saysOfLoad(step);
  return {
    name,
    kind,
    from: share(begin),
    until: Math.max(share(begin), share(end)),
    ...(lengthMs === undefined ? { unknownFrom: share(hold) } : {}),
    points: (step.points.length > 0 ? step.points : formOf(step)).map((point) => ({
      at: share(point.at),
      load: point.load,
    })),
    ...(load && said ? { load: { ...load, said } } : {}),
    isLoad,
    isMarked: mark !== undefined,
    sentence: saysOfStep(step),
  };
}

/** Of a load whose size is not known, its form. */
function formOf({ begin, rampMs, end }: PlannedStep): { at: Moment; load: number }[] {
  return [
    { at: begin, load: rampMs > 0 ? 0 : 1 },
    { at: { ...begin, ms: begin.ms + rampMs }, load: 1 },
    { at: end, load: 1 },
  ];
}

/** Where time is counted from, then begins and ends. */
function ticksOf(plan: readonly PlannedStep[], scale: PlanScale): Moment[] {
  const bases = [undefined, ...scale.ends.keys()].filter((base) =>
    plan.some(({ begin }) => begin.after === base),
  );
  const edges = plan.flatMap(({ begin, end }) => [begin, end]).filter(({ ms }) => ms > 0);
  return [...bases.map((after) => ({ after, ms: 0 })), ...edges];
}

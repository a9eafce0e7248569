import { wordOf } from "./kinds.ts";
import { demandOf, workspacesOf } from "./load.ts";
import type { Scenario, Step } from "./model.ts";
import { type Moment, timesOf } from "./times.ts";

/** Load of a step at a time of the plan; between two points it changes evenly. */
export interface LoadPoint {
  at: Moment;
  load: number;
}

/** One lane of a plan. */
export interface PlannedStep {
  name: string;
  workload: string;
  /** The word for its kind. */
  kind: string;
  begin: Moment;
  /** When its measured part begins. */
  hold: Moment;
  end: Moment;
  /** undefined: as long as its work takes. */
  lengthMs: number | undefined;
  rampMs: number;
  holdMs: number | undefined;
  /** It puts a load on the deployment. */
  isLoad: boolean;
  /** The most that it asks for at a time; undefined where the file does not say it. */
  load: { value: number; unit: "connections" | "workspaces" } | undefined;
  points: readonly LoadPoint[];
  /** What it counts from, where that is another step's measured part: "at terminals + 5m". */
  mark: { step: string; ms: number } | undefined;
}

/** What a scenario will do, as far as its file says it, before anything is run. Steps that never run are left out. */
export function planOf({ steps }: Pick<Scenario, "steps">): PlannedStep[] {
  const times = timesOf(steps);
  const workspaces = workspacesOf(steps);
  return steps.flatMap((step) => {
    const known = times.get(step.name);
    if (!known) return [];
    const { begin, end, rampMs, warmUpMs, holdMs } = known;
    const hold = { ...begin, ms: begin.ms + rampMs + warmUpMs };
    const isKnown = end.after === begin.after;
    const load = loadOf(step, workspaces);
    return [
      {
        name: step.name,
        workload: step.workload.name,
        kind: wordOf(step.workload),
        begin,
        hold,
        end,
        lengthMs: isKnown ? end.ms - begin.ms : undefined,
        rampMs,
        holdMs: holdMs === undefined && isKnown ? Math.max(0, end.ms - hold.ms) : holdMs,
        isLoad: step.checked?.demand !== undefined,
        load,
        points: pointsOf(step, { begin, full: { ...begin, ms: begin.ms + rampMs }, hold, end }, load?.value),
        mark: step.begin?.kind === "hold" ? { step: step.begin.step, ms: step.begin.ms } : undefined,
      },
    ];
  });
}

function loadOf(step: Step, workspaces: number): PlannedStep["load"] {
  const demand = demandOf(step, workspaces);
  // Without knowing how many workspaces there are, a demand is of one of them.
  const isOfAll = workspaces > 0 || (step.checked?.makes ?? 0) > 0;
  if (demand?.connections !== undefined && isOfAll) return { value: demand.connections, unit: "connections" };
  if (demand?.workspaces !== undefined) return { value: demand.workspaces, unit: "workspaces" };
  return undefined;
}

function pointsOf(
  { stages }: Step,
  at: Record<"begin" | "full" | "hold" | "end", Moment>,
  full: number | undefined,
): LoadPoint[] {
  if (full === undefined) return [];
  const isRamped = at.full.ms > at.begin.ms;
  const first = stages.length > 0 && !isRamped ? 0 : full;
  const points = [
    { at: at.begin, load: isRamped ? 0 : first },
    { at: at.full, load: first },
  ];
  let { hold } = at;
  for (const { forMs, to } of stages) {
    hold = { ...hold, ms: hold.ms + forMs };
    points.push({ at: hold, load: to });
  }
  return [...points, { at: at.end, load: points.at(-1)?.load ?? full }];
}

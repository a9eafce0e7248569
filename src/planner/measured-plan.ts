import { type Message, say } from "../text/message.ts";
import type { Calibration } from "./calibration.ts";
import type { Plan } from "./plan.ts";

/** What the same users need by what a run has measured, beside the rules of a plan. */
export interface MeasuredPlan {
  /** The run's id. */
  run: string;
  calibration: Calibration;
  /** Connections that coderd would hold: an agent of each workspace that runs, and a session of each user. */
  connections: number;
  /** Cores that coderd would be busy with, in all replicas; null where it cannot be told. */
  busyCores: number | null;
  /** For each replica, so that it is busy to the share that it should; null where it cannot be told. */
  cores: number | null;
  /** GB for each replica, the same. */
  memory: number | null;
  /** Builds that one daemon can do in an hour; null where no build was timed. */
  buildsPerDaemonHour: number | null;
  notes: Message[];
}

/** Coder's docs have a node grow where it is filled to here; a replica needs as much room. */
const FILLED = 0.8;
const GB = 1e9;
/** So many times what was measured, and the answer is more than a guess of where to look. */
const FAR = 3;

/** `calibration`: of this run. */
export function measuredPlan(plan: Plan, run: string, calibration: Calibration): MeasuredPlan {
  const { replicas } = plan.coderd;
  const connections = plan.running + plan.users;
  const { cores, memory, times, most } = calibration;
  const busyCores = cores?.connection
    ? cores.idle * replicas + cores.connection.each * connections + (cores.build?.each ?? 0) * plan.builds
    : null;
  const bytes = memory?.connection ? memory.idle * replicas + memory.connection.each * connections : null;
  const notes = [...calibration.cannotTell.map((what) => say("cannot tell {0}", what))];
  const far = most.connections > 0 ? connections / most.connections : 0;
  if (busyCores !== null && far > FAR)
    notes.unshift(
      say(
        "{0} connections are {1} times what was measured: measure more of them before you rely on it",
        connections,
        Math.round(far),
      ),
    );
  return {
    run,
    calibration,
    connections,
    busyCores: busyCores === null ? null : rounded(busyCores),
    cores: busyCores === null ? null : Math.ceil((busyCores / replicas / FILLED) * 10) / 10,
    memory: bytes === null ? null : Math.ceil((bytes / replicas / FILLED / GB) * 10) / 10,
    buildsPerDaemonHour: times ? Math.floor(3_600_000 / times.meanMs) : null,
    notes,
  };
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}

import type { Calibration, Cost } from "../../../planner/calibration.ts";
import { type MeasuredPlan, measuredPlan } from "../../../planner/measured-plan.ts";
import type { Plan } from "../../../planner/plan.ts";
import { formatDuration } from "../../../protocol/duration.ts";
import { type Message, say } from "../../../text/message.ts";

/** A run that a plan is calibrated by. */
export interface Measured {
  id: string;
  /** For people. */
  label: string;
  calibration: Calibration;
}

/** What stands in the column of the run: for coderd, for the daemons, and below the table. */
export interface MeasuredAnswer {
  coderd: Message;
  daemons: Message | undefined;
  notes: Message[];
}

/** The plan by what a run has measured, for the page. */
export function measuredAnswer(plan: Plan, { id, label, calibration }: Measured): MeasuredAnswer {
  const byRun = measuredPlan(plan, id, calibration);
  const { buildsPerDaemonHour: each } = byRun;
  const { daemons } = plan.provisioners;
  return {
    coderd: sizeOf(plan, byRun),
    daemons: each === null ? undefined : say("{0} builds an hour, {1} for each daemon", each * daemons, each),
    notes: [
      say(
        "{0} had {1} looks at the deployment, with at most {2} connections and {3} builds at a time.",
        ...[label, calibration.moments, calibration.most.connections, calibration.most.builds],
      ),
      ...(byRun.busyCores === null
        ? []
        : [
            say(
              "By this run, coderd is busy with {0} cores for {1} connections, which are 80 % of what it has.",
              ...[byRun.busyCores, byRun.connections],
            ),
          ]),
      ...costsOf(calibration),
      ...byRun.notes.map((note) => say("Note: {0}.", note)),
    ],
  };
}

function sizeOf({ coderd: { replicas } }: Plan, { cores, memory }: MeasuredPlan): Message {
  if (cores === null && memory === null) return say("cannot tell");
  if (memory === null) return say("{0} × {1} cores; memory: cannot tell", replicas, cores ?? 0);
  if (cores === null) return say("{0} × {1} GB; cores: cannot tell", replicas, memory);
  return say("{0} × {1} cores, {2} GB", replicas, cores, memory);
}

/** Each with twice its standard error. */
function costsOf({ cores, memory, times }: Calibration): Message[] {
  const connections = cores?.connection;
  return [
    ...(cores ? [say("It measured {0} cores for an idle replica.", small(cores.idle))] : []),
    ...(connections
      ? [say("It measured {0} (±{1}) cores for each 1,000 connections.", ...per(connections, 1_000))]
      : []),
    ...(cores?.build ? [say("It measured {0} (±{1}) cores for each build.", ...per(cores.build, 1))] : []),
    ...(memory?.connection
      ? [say("It measured {0} (±{1}) MB for each connection.", ...per(memory.connection, 1e-6))]
      : []),
    ...(times
      ? [
          say(
            "Builds took {0} (p50), {1} (p95), of {2} that were timed.",
            ...[formatDuration(times.p50Ms), formatDuration(times.p95Ms), times.count],
          ),
        ]
      : []),
  ];
}

function per({ each, error }: Cost, of: number): [number, number] {
  return [small(each * of), small(2 * error * of)];
}

function small(value: number): number {
  return Number(value.toPrecision(2));
}

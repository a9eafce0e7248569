import { formatDuration } from "../protocol/duration.ts";
import { english } from "../text/message.ts";
import type { Cost } from "./calibration.ts";
import type { MeasuredPlan } from "./measured-plan.ts";
import type { Plan } from "./plan.ts";

/** What a run measured, beside the rules, as lines for a terminal. */
export function measuredLines(plan: Plan, measured: MeasuredPlan): string[] {
  const { run, calibration, connections, busyCores, cores, memory, buildsPerDaemonHour, notes } = measured;
  const { most, moments, times } = calibration;
  const size = [
    cores === null ? "cores: cannot tell" : `${cores} cores`,
    memory === null ? "memory: cannot tell" : `${memory} GB`,
  ];
  return [
    "",
    `By what the run ${run} measured (${moments} looks, at most ${count(most.connections)} connections and ${count(most.builds)} builds at a time):`,
    `  coderd  ${plan.coderd.replicas} × ${size.join(", ")}${busyCores === null ? "" : `, so that the ${busyCores} busy cores are 80 % of them`}, for ${count(connections)} connections`,
    ...costLines(calibration),
    ...(times && buildsPerDaemonHour !== null
      ? [
          `  builds  ${formatDuration(times.p50Ms)} (p50), ${formatDuration(times.p95Ms)} (p95) of ${count(times.count)}: ${count(buildsPerDaemonHour)} an hour for each daemon, ${count(buildsPerDaemonHour * plan.provisioners.daemons)} for ${count(plan.provisioners.daemons)}`,
        ]
      : []),
    ...notes.map((note) => `Note: ${english(note)}.`),
  ];
}

function costLines({ cores, memory }: MeasuredPlan["calibration"]): string[] {
  const parts = [
    ...(cores ? [`${figure(cores.idle)} cores for an idle replica`] : []),
    ...(cores?.connection ? [`${per(cores.connection, 1_000)} cores for each 1,000 connections`] : []),
    ...(cores?.build ? [`${per(cores.build, 1)} cores for each build`] : []),
    ...(memory?.connection ? [`${per(memory.connection, 1e-6)} MB for each connection`] : []),
  ];
  return parts.length > 0 ? [`          ${parts.join("; ")}`] : [];
}

/** With twice its standard error. */
function per({ each, error }: Cost, of: number): string {
  return `${figure(each * of)} (±${figure(2 * error * of)})`;
}

function figure(value: number): string {
  return String(Number(value.toPrecision(2)));
}

function count(value: number): string {
  return Math.round(value).toLocaleString("en");
}

/** The same for scripts: snake case, English, cores and bytes as they are. */
export function measuredJson({ calibration, notes, ...plan }: MeasuredPlan): Record<string, unknown> {
  const { moments, most, cores, memory, times } = calibration;
  return {
    run: plan.run,
    connections: plan.connections,
    busy_cores: plan.busyCores,
    coderd: { cores: plan.cores, memory: plan.memory },
    builds_per_daemon_hour: plan.buildsPerDaemonHour,
    looks: moments,
    most,
    cores: cores ?? null,
    memory_bytes: memory ?? null,
    build_times: times
      ? { p50_ms: times.p50Ms, p95_ms: times.p95Ms, mean_ms: times.meanMs, count: times.count }
      : null,
    notes: notes.map(english),
  };
}

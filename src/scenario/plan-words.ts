import { formatDuration } from "../protocol/duration.ts";
import { foreign, type Message, say, sayAll, sayCount } from "../text/message.ts";
import type { PlannedStep } from "./plan.ts";
import type { Moment } from "./times.ts";

/** "begins when create ends; ramp 1m, hold 10m" */
export function saysOfStep(step: PlannedStep): Message {
  const length = lengthOf(step);
  return sayAll([beginOf(step), ...(length ? [length] : [])], "; ");
}

/** "120 connections"; undefined where the file does not say how many. */
export function saysOfLoad({ load }: Pick<PlannedStep, "load">): Message | undefined {
  if (!load) return undefined;
  return load.unit === "connections"
    ? sayCount(load.value, { one: "{0} connection", other: "{0} connections" })
    : sayCount(load.value, { one: "{0} workspace", other: "{0} workspaces" });
}

/** When the last step ends. */
export function saysOfEnd({ after, ms }: Moment): Message {
  if (after === undefined) return say("ends after {0}", writeShort(ms));
  return ms === 0
    ? say("ends when {0} ends", after)
    : say("ends {0} after the end of {1}", writeShort(ms), after);
}

/** On the line of time: "0", "create ends", "5m", "+5m". */
export function saysOfMoment({ after, ms }: Moment): Message {
  if (ms === 0) return after === undefined ? foreign("0") : say("{0} ends", after);
  return foreign(after === undefined ? writeShort(ms) : `+${writeShort(ms)}`);
}

function beginOf({ begin, mark }: PlannedStep): Message {
  if (mark)
    return mark.ms > 0
      ? say("begins {0} into the hold of {1}", writeShort(mark.ms), mark.step)
      : say("begins with the hold of {0}", mark.step);
  const { after, ms } = begin;
  if (after === undefined) return ms === 0 ? say("begins at once") : say("begins at {0}", writeShort(ms));
  return ms === 0
    ? say("begins when {0} ends", after)
    : say("begins {0} after the end of {1}", writeShort(ms), after);
}

function lengthOf({ rampMs, holdMs }: PlannedStep): Message | undefined {
  const parts = [
    ...(rampMs > 0 ? [say("ramp {0}", writeShort(rampMs))] : []),
    ...(holdMs !== undefined ? [say("hold {0}", writeShort(holdMs))] : []),
  ];
  return parts.length > 0 ? sayAll(parts, ", ") : undefined;
}

/** `10m`, not `10m0s`. */
function writeShort(ms: number): string {
  return formatDuration(ms)
    .replace(/(?<=[hm])0s$/, "")
    .replace(/(?<=h)0m$/, "");
}

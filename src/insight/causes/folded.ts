import { Durations } from "../../measure/durations.ts";
import type { StepSecond, Window } from "../../measure/seconds.ts";
import { seriesOf } from "../../measure/series.ts";
import { addValues, type Value } from "../../measure/values.ts";
import { seriesKey } from "../../protocol/series-key.ts";

const CLIENT: readonly Window[] = ["before", "measured", "always"];
const OF_INVALID: readonly Window[] = ["always"];
const SERVER: readonly Window[] = ["before", "measured", "spoiled", "after", "always"];

/** Labels with many values, which no rule tells apart: to add them up each time would cost more than all the rest. */
const FOLDED = new Set(["route", "query", "source", "method", "place", "code", "reason"]);
/** Keys come again every second. There are as many as a run's limit of series allows. */
const folded = new Map<string, string>();

/**
 * All that was measured in a second, of all steps together, without the labels that no rule tells apart. What the deployment
 * says of itself is of the run, and stands in each of its steps: it is taken once. Of the load, the ramp counts, too; what
 * was measured in a second that does not count is left out.
 */
export function foldedValues(steps: readonly StepSecond[], isLoad: boolean): Record<string, Value> {
  const plain: Record<string, Value> = {};
  const durations = new Map<string, Durations>();
  const told = new Set<string>();
  for (const { values, invalid } of steps) {
    const own = new Set<string>();
    const windows = invalid ? OF_INVALID : CLIENT;
    for (const window of SERVER)
      for (const [key, value] of Object.entries(values[window] ?? {})) {
        const isServer = key.startsWith("server_");
        if (isServer ? told.has(key) : !isLoad || !windows.includes(window)) continue;
        if (isServer) own.add(key);
        add(plain, durations, foldedKey(key), value);
      }
    for (const key of own) told.add(key);
  }
  for (const [key, of] of durations) plain[key] = of.value();
  return plain;
}

function add(
  plain: Record<string, Value>,
  durations: Map<string, Durations>,
  key: string,
  value: Value,
): void {
  if (value.kind === "duration") {
    const known = durations.get(key) ?? new Durations();
    durations.set(key, known);
    known.add(value);
    return;
  }
  const known = plain[key];
  plain[key] = known ? addValues(known, value) : value;
}

function foldedKey(key: string): string {
  if (!key.includes("{")) return key;
  const known = folded.get(key);
  if (known !== undefined) return known;
  const series = seriesOf(key);
  const labels = Object.entries(series?.labels ?? {}).filter(([name]) => !FOLDED.has(name));
  const made = series ? seriesKey(series.metric, Object.fromEntries(labels)) : key;
  folded.set(key, made);
  return made;
}

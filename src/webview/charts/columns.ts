import type { Sample } from "../../protocol/snapshot.ts";
import { type Group, timeOf } from "./groups.ts";
import { type Line, valueIn } from "./lines.ts";

/** Time in seconds since the run began, then one array of values for each line of a chart; null is a gap. */
export type Columns = [number[], ...(number | null)[][]];

/** A point for each group of seconds. Those of a stacked chart are sums from the bottom up. */
export function columnsOf(
  lines: readonly Line[],
  stacked: boolean,
  samples: readonly Sample[],
  groups: readonly Group[],
): Columns {
  const times = groups.map(({ end }) => timeAt(samples, end));
  const columns = lines.map((line) => groups.map((group) => pointOf(line, samples, group)));
  return [times, ...(stacked ? sums(columns) : columns)];
}

function timeAt(samples: readonly Sample[], end: number): number {
  const last = samples[end - 1];
  return last ? timeOf(last) : 0;
}

function sums(columns: readonly (number | null)[][]): number[][] {
  let below: number[] = [];
  return columns.map((values) => {
    below = values.map((value, index) => (below[index] ?? 0) + (value ?? 0));
    return below;
  });
}

function pointOf(line: Line, samples: readonly Sample[], { from, end }: Group): number | null {
  if (line.constant !== undefined) return line.constant;
  if (line.per) return paceAt(line, line.per, samples, { from, end });
  return valueFrom(line, samples, { from, end }) ?? heldAt(line, samples, from);
}

/** What is looked at once in some seconds is drawn as the last look had it, until it is clear that there was no other. */
function heldAt(line: Line, samples: readonly Sample[], from: number): number | null {
  const at = samples[from]?.second;
  if (line.every === undefined || at === undefined) return null;
  // A look may come a little late.
  const oldest = at - Math.ceil(1.5 * line.every);
  for (let index = from - 1; index >= 0 && (samples[index]?.second ?? 0) >= oldest; index--) {
    const value = valueIn(line, samples[index]);
    if (value !== null) return value;
  }
  return null;
}

function valueFrom(line: Line, samples: readonly Sample[], { from, end }: Group): number | null {
  // A second that was slow must not be thinned away.
  if (line.unit === "duration") return reduce(line, samples, from, end, Math.max);
  if (line.summary === "last" || line.summary === "max") return lastOf(line, samples, from, end);
  return meanOf(line, samples, from, end);
}

/** So many in `seconds`, over the last `over` of them; of seconds that are drawn together, over all of these at least. */
export function paceAt(
  line: Line,
  { seconds, over }: NonNullable<Line["per"]>,
  samples: readonly Sample[],
  { from, end }: Group,
): number | null {
  const last = samples[end - 1]?.second;
  if (last === undefined) return null;
  const begin = Math.min(last - over, (samples[from]?.second ?? last) - 1);
  let sum: number | null = null;
  for (let index = end - 1; index >= 0 && (samples[index]?.second ?? 0) > begin; index--) {
    const value = valueIn(line, samples[index]);
    if (value !== null) sum = (sum ?? 0) + value;
  }
  // No second was before the run.
  const time = Math.min(last - begin, last + 1);
  return sum === null ? null : (sum / time) * seconds;
}

function lastOf(line: Line, samples: readonly Sample[], from: number, end: number): number | null {
  return reduce(line, samples, from, end, (_, value) => value);
}

function meanOf(line: Line, samples: readonly Sample[], from: number, end: number): number | null {
  let [sum, count] = [0, 0];
  for (let index = from; index < end; index++) {
    const value = valueIn(line, samples[index]);
    if (value === null) continue;
    sum += value;
    count++;
  }
  return count > 0 ? sum / count : null;
}

function reduce(
  line: Line,
  samples: readonly Sample[],
  from: number,
  end: number,
  choose: (found: number, value: number) => number,
): number | null {
  let found: number | null = null;
  for (let index = from; index < end; index++) {
    const value = valueIn(line, samples[index]);
    if (value !== null) found = found === null ? value : choose(found, value);
  }
  return found;
}

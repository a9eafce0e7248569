import type { Sample } from "../../protocol/snapshot.ts";
import { isSame, type Message } from "../../text/message.ts";
import type { Span } from "../time/time-axis.ts";

/**
 * Seconds that are drawn as one point: indices of a run's samples, from `from` up to, not including, `end`. A chart of
 * 600 pixels shows no more than so many points, and an hour of seconds would cost more time than an update may take.
 */
export interface Group {
  from: number;
  end: number;
}

/** A second is drawn where it ends: the value of second 0 is known at 00:01. */
export function timeOf({ second }: Sample): number {
  return second + 1;
}

/** At most about `limit` groups of the seconds of a span, and one second beyond either end, so that lines reach the edge. */
export function groupsIn(samples: readonly Sample[], { min, max }: Span, limit: number): Group[] {
  const first = Math.max(0, firstAfter(samples, min) - 1);
  const end = Math.min(samples.length, firstAfter(samples, max) + 1);
  const size = Math.max(1, Math.ceil((end - first) / limit));
  const groups: Group[] = [];
  let open: { place: number; group: Group } | undefined;
  for (let index = first; index < end; index++) {
    // On a fixed grid of seconds: otherwise old points would move with every new one.
    const place = Math.floor((samples[index]?.second ?? 0) / size);
    if (open?.place === place) open.group.end = index + 1;
    else {
      open = { place, group: { from: index, end: index + 1 } };
      groups.push(open.group);
    }
  }
  return groups;
}

/** The seconds that end within a span, as indices. */
export function shownIn(samples: readonly Sample[], { min, max }: Span): Group {
  const from = firstAfter(samples, min);
  return { from, end: Math.max(from, firstAfter(samples, max)) };
}

/** The first sample that ends after a time, in seconds. */
function firstAfter(samples: readonly Sample[], time: number): number {
  let [low, high] = [0, samples.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((samples[middle]?.second ?? 0) + 1 <= time) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Seconds of a run that are marked in its charts. */
export interface Mark extends Span {
  /** Why they are left out of the figures; none: the run was paused. */
  reason?: Message;
}

/** When the run was paused, and what is left out of its figures: seconds in a row of one kind are one mark. */
export function marksIn(samples: readonly Sample[], { from, end }: Group): Mark[] {
  const marks: Mark[] = [];
  for (let index = from; index < end; index++) {
    const sample = samples[index];
    if (!sample?.paused && sample?.invalid === undefined) continue;
    const reason = sample.paused ? undefined : sample.invalid;
    const last = marks.at(-1);
    if (last?.max === sample.second && isSame(last.reason, reason)) last.max = timeOf(sample);
    else marks.push({ min: sample.second, max: timeOf(sample), ...(reason === undefined ? {} : { reason }) });
  }
  return marks;
}

/** Why the second that ends there is left out of the figures. */
export function leftOutAt(marks: readonly Mark[], time: number): Message | undefined {
  return marks.find(({ min, max, reason }) => reason !== undefined && min < time && time <= max)?.reason;
}

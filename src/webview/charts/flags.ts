import { formatCount } from "../../l10n/figures.ts";
import { lookedUp } from "../../l10n/text.ts";
import type { Sample, Step } from "../../protocol/snapshot.ts";
import type { Described } from "../model/described.ts";
import { timeOf } from "./groups.ts";

/** A moment that is marked in every chart. */
export interface Flag {
  /** Seconds, where it is drawn. */
  at: number;
  text: string;
}

/** What begins with the run marks nothing. */
const FIRST_MS = 1_000;
/** Seconds of one kind that are so close are one. */
const APART_S = 3;

/** What a run wants to have marked (drops), and where its other steps (drills) began and ended. */
export function flagsOf(
  described: Described,
  samples: readonly Sample[],
  { steps, name }: { steps: readonly Step[]; name: string },
): Flag[] {
  const others = steps.filter((step) => step.name !== name && (step.begunAt ?? 0) >= FIRST_MS);
  const begins = others.map((step) => ({ at: (step.begunAt ?? 0) / 1_000, text: step.name }));
  const drops = (described.description.flags ?? []).flatMap(({ figure, text }) =>
    secondsOf(samples, described.placeOf(figure)).map(({ at, count }) => ({
      at,
      text: lookedUp(text, formatCount(count)),
    })),
  );
  return [...begins, ...drops].sort((a, b) => a.at - b.at);
}

/** Where a figure is more than 0, with how much it comes to. */
function secondsOf(samples: readonly Sample[], place: number | undefined): { at: number; count: number }[] {
  const found: { at: number; last: number; count: number }[] = [];
  if (place === undefined) return found;
  for (const sample of samples) {
    const count = sample.values[place] ?? 0;
    if (count <= 0) continue;
    const at = timeOf(sample);
    const before = found.at(-1);
    if (before && at - before.last <= APART_S) {
      before.count += count;
      before.last = at;
    } else found.push({ at, last: at, count });
  }
  return found;
}

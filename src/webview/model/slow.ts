import { formatDuration, localFigure } from "../../l10n/figures.ts";
import { t, wordsOf } from "../../l10n/text.ts";
import { writeDuration } from "../../protocol/duration.ts";
import type { UsualTime, WorkspaceRow } from "../../protocol/snapshot.ts";
import { english } from "../../text/message.ts";

/** Slow is what takes more than so many times as long as usual, and longer than usual by so much. */
const TIMES = 2;
const LONGER_MS = 5_000;

/** How long jobs are usually at the same thing, by what they do, in English. */
export type UsualTimes = ReadonlyMap<string, number>;

export function usualTimes(usual: readonly UsualTime[] = []): UsualTimes {
  return new Map(usual.map(({ doing, ms }) => [english(doing), ms]));
}

/** "building for 27s, usually 4s; given up at 5m"; undefined of a job that is not slow. */
export function slowText(
  row: WorkspaceRow,
  { usual, elapsedMs }: { usual?: UsualTimes; elapsedMs: number },
): string | undefined {
  const { doing, since, startedAt, limitMs } = row;
  const usually = usual?.get(english(doing));
  if (usually === undefined || since === undefined) return undefined;
  const ms = elapsedMs - since;
  if (ms < TIMES * usually || ms < usually + LONGER_MS) return undefined;
  const [what, now, before] = [wordsOf(doing), wholeSeconds(ms), formatDuration(usually)];
  if (limitMs === undefined || startedAt === undefined)
    return t("{0} for {1}, usually {2}", what, now, before);
  // The limit is of all that the job does.
  const end = wholeSeconds(startedAt + limitMs - since);
  return t("{0} for {1}, usually {2}; given up at {3}", what, now, before, end);
}

/** What grows with each second, in whole ones. */
function wholeSeconds(ms: number): string {
  return localFigure(writeDuration(Math.max(0, Math.round(ms / 1_000) * 1_000)));
}

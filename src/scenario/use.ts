import { type Message, say } from "../text/message.ts";
import { profileField } from "./kinds.ts";
import { rangeOf, workspacesOf } from "./load.ts";
import type { Step } from "./model.ts";
import type { Place, Source } from "./source.ts";
import { Overlaps } from "./times.ts";

/** From and to, `to` not among them; workspaces are counted from 0. */
interface Part {
  start: number;
  end: number;
}

/** Copies of a step stand at one place: a problem of one of them holds for all. */
class Once {
  readonly #source: Source;
  readonly #told = new Set<Place>();

  constructor(source: Source) {
    this.#source = source;
  }

  warn(place: Place, message: Message): void {
    if (this.#told.has(place)) return;
    this.#told.add(place);
    this.#source.warn(place, message);
  }
}

/** Tells of steps that use the same workspaces at the same time, and of those that use some before any are made. */
export function checkUse(source: Source, steps: readonly Step[]): void {
  const overlaps = new Overlaps(steps);
  const workspaces = workspacesOf(steps);
  warnOfSharedUse(new Once(source), steps, overlaps);
  if (workspaces > 0) warnOfUseBeforeMaking(new Once(source), steps, overlaps);
  const same = new Once(source);
  for (const [at, step] of steps.entries())
    warnOfSameWorkspaces(same, step, steps.slice(0, at), overlaps, workspaces);
}

/** One with a share beside one without: the other takes all workspaces, also those of the share. */
function warnOfSharedUse(once: Once, steps: readonly Step[], overlaps: Overlaps): void {
  for (const step of steps) {
    const takesAll =
      step.share === undefined && !rangeOf(step) && profileField(step.workload, "share") !== undefined;
    const sharing =
      takesAll && steps.find((other) => other.share !== undefined && overlaps.between(step, other));
    if (sharing)
      once.warn(
        step.places.kind,
        say(
          '"{0}" takes all workspaces, also those that "{1}" has a share of; give it a share, too',
          step.name,
          sharing.name,
        ),
      );
  }
}

/** Of what a file says in numbers. Shares by themselves are given parts of their own. */
function warnOfSameWorkspaces(
  once: Once,
  step: Step,
  above: readonly Step[],
  overlaps: Overlaps,
  workspaces: number,
): void {
  const mine = partOf(step, workspaces);
  if (!mine) return;
  for (const other of above) {
    const theirs = rangeOf(step) || rangeOf(other) ? partOf(other, workspaces) : undefined;
    if (!theirs || !overlaps.between(step, other)) continue;
    const [start, end] = [Math.max(mine.start, theirs.start), Math.min(mine.end, theirs.end)];
    if (start < end)
      once.warn(
        placeOfPart(step),
        say(
          '"{0}" and "{1}" use the same workspaces ({2}) at the same time; let each take others, or one follow the other',
          other.name,
          step.name,
          `${start}:${end}`,
        ),
      );
  }
}

function partOf(step: Step, workspaces: number): Part | undefined {
  const { part } = step;
  if (!part) return rangeOf(step);
  if (workspaces === 0) return undefined;
  return { start: Math.round(part.from * workspaces), end: Math.round(part.to * workspaces) };
}

function placeOfPart({ workload, places }: Step): Place {
  return places.share ?? places.fields[profileField(workload, "share")?.key ?? ""] ?? places.kind;
}

/** At its begin it finds what others have left, or nothing. */
function warnOfUseBeforeMaking(once: Once, steps: readonly Step[], overlaps: Overlaps): void {
  const making = steps.filter(({ checked }) => (checked?.makes ?? 0) > 0);
  for (const step of steps) {
    const uses = profileField(step.workload, "share") !== undefined && !making.includes(step);
    const [first] = making;
    if (uses && first && making.every((one) => overlaps.beginsWithOrBefore(step, one)))
      once.warn(
        step.places.begin ?? step.places.kind,
        say(
          '"{0}" begins before "{1}" has made a workspace; let it begin after "{1}"',
          step.name,
          first.name,
        ),
      );
  }
}

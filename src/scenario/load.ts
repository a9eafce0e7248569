import type { Demand } from "../contract/demand.ts";
import type { Limits } from "../protocol/guard.ts";
import { formatRate } from "../protocol/rate.ts";
import { foreign, type Message, say, sayCount } from "../text/message.ts";
import { profileField, wordOf } from "./kinds.ts";
import type { Step } from "./model.ts";
import type { Place, Source } from "./source.ts";
import { Overlaps } from "./times.ts";

const KINDS = [
  { key: "workspaces", word: (value) => sayCount(value, { one: "{0} workspace", other: "{0} workspaces" }) },
  {
    key: "connections",
    word: (value) => sayCount(value, { one: "{0} connection", other: "{0} connections" }),
  },
  { key: "bytesPerSecond", word: (value) => foreign(formatRate(value)) },
] as const satisfies readonly { key: keyof Limits & keyof Demand; word: (value: number) => Message }[];

/** How many workspaces the steps of the scenario make together; 0: those that are there are used. */
export function workspacesOf(steps: readonly Step[]): number {
  return steps.reduce((sum, { checked }) => sum + (checked?.makes ?? 0), 0);
}

/** How many workspaces a step uses that others have made; undefined where the file does not say it. */
export function usedBy(step: Step, workspaces: number): number | undefined {
  if (!step.checked || step.checked.makes > 0 || workspaces === 0) return undefined;
  const { part } = step;
  if (part) return Math.round(part.to * workspaces) - Math.round(part.from * workspaces);
  const range = rangeOf(step);
  return range ? Math.max(0, Math.min(range.end, workspaces) - range.start) : workspaces;
}

/** What a step asks of the deployment, as far as the file says it. */
export function demandOf(step: Step, workspaces: number): Demand | undefined {
  const used = usedBy(step, workspaces);
  return used === undefined ? step.checked?.demand : step.checked?.demandOn(used);
}

/** Tells of steps that want more workspaces than there are, and of loads above a ceiling. */
export function checkLoad(source: Source, steps: readonly Step[], limits: Limits): void {
  const workspaces = workspacesOf(steps);
  if (workspaces > 0) for (const step of steps) checkWorkspaces(source, step, workspaces);
  for (const step of steps) checkStages(source, step, workspaces);
  for (const { place, said } of aboveCeilings(steps, workspaces, limits)) source.error(place, said);
}

function checkWorkspaces(source: Source, step: Step, workspaces: number): void {
  const { checked, part, places } = step;
  if (!checked || checked.makes > 0) return;
  const range = rangeOf(step);
  const key = profileField(step.workload, "share")?.key ?? "";
  const place = places.share ?? places.fields[key] ?? places.kind;
  const wanted = range?.end ?? checked.demand?.workspaces ?? 0;
  if (wanted > workspaces)
    source.error(
      place,
      say(
        '"{0}" wants {1}, and the scenario makes {2}; make more, or take fewer',
        step.name,
        range ? `workspaces ${range.start} to ${range.end}` : `${wanted} workspaces`,
        workspaces,
      ),
    );
  else if (part && usedBy(step, workspaces) === 0)
    source.error(
      place,
      say("this share of {0} workspaces is none; make more workspaces, or take a larger share", workspaces),
    );
}

/** No more connections can send than are opened. */
function checkStages(source: Source, step: Step, workspaces: number): void {
  const { stages, places } = step;
  const connections = workspaces > 0 ? demandOf(step, workspaces)?.connections : undefined;
  const highest = Math.max(0, ...stages.map(({ to }) => to));
  if (connections !== undefined && highest > connections)
    source.error(
      places.stages ?? places.kind,
      say("a stage goes to {0}, and the step has {1} connections; lower it", highest, connections),
    );
}

/** The range of a step that names one by numbers. */
export function rangeOf({ workload, checked }: Step): { start: number; end: number } | undefined {
  const key = profileField(workload, "share")?.key;
  const text = key === undefined ? undefined : checked?.config[key];
  const [, start, end] = /^\s*(\d+):(\d+)\s*$/.exec(typeof text === "string" ? text : "") ?? [];
  return start === undefined ? undefined : { start: Number(start), end: Number(end) };
}

/** A load that is above a ceiling, told at the last of the steps that are above it together. */
export function aboveCeilings(
  steps: readonly Step[],
  workspaces: number,
  limits: Limits,
): { place: Place; said: Message }[] {
  const overlaps = new Overlaps(steps);
  return steps.flatMap((step) => aboveTogether(overlaps.around(step), workspaces, limits));
}

function aboveTogether(
  together: readonly Step[],
  workspaces: number,
  limits: Limits,
): { place: Place; said: Message }[] {
  const last = together.at(-1);
  if (!last) return [];
  const names = together.map((step) => step.name);
  const who =
    names.length > 1
      ? say("{0} together ask", names.join(", "))
      : say("a step of {0} asks", wordOf(last.workload));
  return KINDS.flatMap(({ key, word }) => {
    const limit = limits[key];
    const asked = together.reduce((sum, step) => sum + (demandOf(step, workspaces)?.[key] ?? 0), 0);
    if (limit === undefined || asked <= limit) return [];
    const said = say(
      "{0} for {1}, and the ceiling is {2}; lower the load, or let steps follow each other",
      who,
      word(asked),
      word(limit),
    );
    return [{ place: last.places.kind, said }];
  });
}

import * as z from "zod";
import { field, told } from "../contract/fields/field.ts";
import { words } from "../text/message.ts";
import { coder, loadFields, runId } from "./common-fields.ts";
import { poolField } from "./pools.ts";

/** Which workspaces of scale tests a workload uses. */
export const chosenFields = {
  targetWorkspaces: field(
    z
      .string()
      .refine(
        (text) => parseRange(text) !== undefined,
        words("must be START:END, such as 0:10 or 0%:60%, with START before END"),
      ),
    {
      profile: "share",
      flag: "target-workspaces",
      env: coder("TARGET_WORKSPACES"),
      placeholder: "start:end",
      description:
        "Only these of the workspaces, sorted by name; the end is not among them: 0:10 are the first ten, 0%:60% six of ten",
    },
  ),
  /** By the id in their names. */
  run: field(runId(), { flag: "run", placeholder: "id", description: "Only workspaces that this run made" }),
  pool: poolField,
  template: told(loadFields.template, { description: "Only workspaces of this template" }),
};

export interface Choice {
  targetWorkspaces?: string | undefined;
  run?: string | undefined;
  pool?: string | undefined;
  template?: string | undefined;
  org?: string | undefined;
}

/** Which of the workspaces; with `isShare`, START and END are shares of 1. */
export interface TargetRange {
  start: number;
  end: number;
  isShare: boolean;
}

/** `START:END` or `START%:END%`, END exclusive. */
export function parseRange(text: string): TargetRange | undefined {
  const match = /^(\d+):(\d+)$|^(\d+(?:\.\d+)?)%:(\d+(?:\.\d+)?)%$/.exec(text.trim());
  if (!match) return undefined;
  const isShare = match[3] !== undefined;
  const [start, end] = isShare
    ? [Number(match[3]) / 100, Number(match[4]) / 100]
    : [Number(match[1]), Number(match[2])];
  return start < end && !(isShare && end > 1) ? { start, end, isShare } : undefined;
}

/** Those of the range. Shares that end where others begin have no workspace in common, and leave none out. */
export function partOf<T>(all: readonly T[], { start, end, isShare }: TargetRange): T[] {
  const at = (edge: number) => (isShare ? Math.round(edge * all.length) : edge);
  return all.slice(at(start), at(end));
}

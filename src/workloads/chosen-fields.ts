import * as z from "zod";
import { field, told } from "../contract/fields/field.ts";
import { words } from "../text/message.ts";
import { coder, loadFields, runId } from "./common-fields.ts";

/** Which workspaces of scale tests a workload uses. */
export const chosenFields = {
  targetWorkspaces: field(
    z
      .string()
      .refine(
        (text) => parseRange(text) !== undefined,
        words("must be START:END, such as 0:10, with START before END"),
      ),
    {
      flag: "target-workspaces",
      env: coder("TARGET_WORKSPACES"),
      placeholder: "start:end",
      description:
        "Only these of the workspaces, sorted by name; the end is not among them: 0:10 are the first ten",
    },
  ),
  /** By the id in their names. */
  run: field(runId(), { flag: "run", placeholder: "id", description: "Only workspaces that this run made" }),
  template: told(loadFields.template, { description: "Only workspaces of this template" }),
};

export interface Choice {
  targetWorkspaces?: string | undefined;
  run?: string | undefined;
  template?: string | undefined;
  org?: string | undefined;
}

/** `START:END`, END exclusive. */
export function parseRange(text: string): { start: number; end: number } | undefined {
  const match = /^(\d+):(\d+)$/.exec(text.trim());
  const [start, end] = [Number(match?.[1]), Number(match?.[2])];
  return match && start < end ? { start, end } : undefined;
}

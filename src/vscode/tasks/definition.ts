import * as z from "zod";
import type { CreateWorkspacesRequest } from "../ids.ts";

export const TASK_TYPE = "coder-scaletest";

/** A task in tasks.json, as package.json describes it for completion. */
const definitionSchema = z.looseObject({
  type: z.literal(TASK_TYPE),
  deployment: z.string().optional(),
  template: z.string(),
  organization: z.string().optional(),
  count: z.number().int().min(1),
  concurrency: z.number().int().min(0).default(1),
  parameters: z.record(z.string(), z.string()).default({}),
  runCommand: z.string().default(""),
  config: z.record(z.string(), z.unknown()).default({}),
});

/** The request that a task makes. Throws with one sentence where the definition cannot be used. */
export function requestOf(
  definition: unknown,
  originOf: (typed: string) => string | undefined,
): CreateWorkspacesRequest {
  const parsed = definitionSchema.safeParse(definition);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new Error(
      `tasks.json: ${issue?.path.join(".") || "the task"}: ${issue?.message ?? "cannot be used"}`,
    );
  }
  const { deployment, template, organization, count, concurrency, parameters, runCommand, config } =
    parsed.data;
  const url = deployment === undefined ? undefined : originOf(deployment);
  if (deployment !== undefined && url === undefined)
    throw new Error(`tasks.json: "${deployment}" is not an address`);
  return {
    ...(url ? { url } : {}),
    ...(organization ? { organization } : {}),
    ...{ template, count, concurrency, parameters, runCommand, config },
    start: true,
  };
}

import type * as z from "zod";
import type { createWorkspacesSchema } from "../../../workloads/create-workspaces/config.ts";
import type { RunRequest } from "../../ask/run-request.ts";

/** What may be said of the workload, as its table has it. */
export type CreateConfig = Partial<z.input<typeof createWorkspacesSchema>>;

/** A scale test of workspaces. Whatever is given is not asked for; an empty `runCommand` runs nothing. */
export interface CreateWorkspacesRequest
  extends RunRequest,
    Pick<CreateConfig, "template" | "parameters" | "count" | "runCommand" | "concurrency"> {
  /** Name or id, where several organizations have a template of that name. */
  organization?: string;
}

/** The request of a task. */
export function createRequestOf(task: CreateConfig): CreateWorkspacesRequest {
  const { template, org, count, concurrency, parameters, runCommand, ...config } = task;
  return {
    ...(org === undefined ? {} : { organization: org }),
    ...(template === undefined ? {} : { template }),
    ...(count === undefined ? {} : { count }),
    // What is missing would be asked for.
    concurrency: concurrency ?? 1,
    parameters: parameters ?? {},
    runCommand: runCommand ?? "",
    config,
    start: true,
  };
}

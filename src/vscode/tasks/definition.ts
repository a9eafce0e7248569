import * as z from "zod";
import { t } from "../../l10n/text.ts";
import { parseDuration } from "../../protocol/duration.ts";
import { parseRate } from "../../protocol/rate.ts";
import type { CreateWorkspacesRequest, WorkspaceTrafficRequest } from "../ids.ts";

export const TASK_TYPE = "coder-scaletest";

const duration = z
  .string()
  .refine((text) => parseDuration(text) !== undefined, "must be a duration such as 5m");

/** What tasks of every kind may have, as package.json describes them for completion. */
const common = {
  type: z.literal(TASK_TYPE),
  deployment: z.string().optional(),
  thresholds: z.array(z.string()).optional(),
  config: z.record(z.string(), z.unknown()).default({}),
};

const createSchema = z.looseObject({
  ...common,
  workload: z.literal("create-workspaces").default("create-workspaces"),
  template: z.string("names the template to create workspaces of"),
  organization: z.string().optional(),
  count: z.number("is how many workspaces to create").int().min(1),
  concurrency: z.number().int().min(0).default(1),
  parameters: z.record(z.string(), z.string()).default({}),
  runCommand: z.string().default(""),
  keep: z.boolean().default(false),
});

const trafficSchema = z.looseObject({
  ...common,
  workload: z.literal("workspace-traffic"),
  run: z.string().optional(),
  template: z.string().optional(),
  transport: z.enum(["terminal", "ssh"]).default("terminal"),
  app: z.string().optional(),
  rate: z
    .string()
    .refine((text) => parseRate(text) !== undefined, "must be a rate such as 40KB/s")
    .default("40KB/s"),
  connections: z.number().int().min(1).default(1),
  ramp: duration.default("0"),
  warmUp: duration.default("0"),
  duration: duration.default("10m"),
});

/** What a task asks for, by its workload. */
export type TaskRequest =
  | { workload: "create-workspaces"; request: CreateWorkspacesRequest }
  | { workload: "workspace-traffic"; request: WorkspaceTrafficRequest };

type OriginOf = (typed: string) => string | undefined;

/** The request that a task makes. Throws with one sentence where the definition cannot be used. */
export function requestOf(definition: unknown, originOf: OriginOf): TaskRequest {
  const { workload } = z.looseObject({ workload: z.unknown().optional() }).parse(definition);
  switch (workload) {
    case undefined:
    case "create-workspaces":
      return { workload: "create-workspaces", request: createRequest(definition, originOf) };
    case "workspace-traffic":
      return { workload, request: trafficRequest(definition, originOf) };
    default:
      throw new Error(
        t(
          'tasks.json: workload: must be create-workspaces or workspace-traffic, not "{0}"',
          String(workload),
        ),
      );
  }
}

function createRequest(definition: unknown, originOf: OriginOf): CreateWorkspacesRequest {
  const task = parse(createSchema, definition);
  const { template, organization, count, concurrency, parameters, runCommand, keep } = task;
  return {
    ...addressOf(task.deployment, originOf),
    ...(organization ? { organization } : {}),
    ...{ template, count, concurrency, parameters, runCommand },
    config: { ...configOf(task), ...(keep ? { cleanup: false } : {}) },
    start: true,
  };
}

function trafficRequest(definition: unknown, originOf: OriginOf): WorkspaceTrafficRequest {
  const task = parse(trafficSchema, definition);
  const { run, template, app, transport, rate, connections } = task;
  return {
    ...addressOf(task.deployment, originOf),
    ...(run ? { runId: run } : {}),
    ...(template ? { template } : {}),
    ...(app ? { app } : { transport }),
    ...{ rate, connections },
    rampMs: parseDuration(task.ramp) ?? 0,
    warmUpMs: parseDuration(task.warmUp) ?? 0,
    durationMs: parseDuration(task.duration) ?? 0,
    config: configOf(task),
    start: true,
  };
}

function configOf(task: { config: Record<string, unknown>; thresholds?: string[] | undefined }) {
  return task.thresholds ? { ...task.config, thresholds: task.thresholds } : task.config;
}

function addressOf(deployment: string | undefined, originOf: OriginOf): { url?: string } {
  if (deployment === undefined) return {};
  const url = originOf(deployment);
  if (url === undefined) throw new Error(t('tasks.json: deployment: "{0}" is not an address', deployment));
  return { url };
}

function parse<S extends z.ZodType>(schema: S, definition: unknown): z.output<S> {
  const parsed = schema.safeParse(definition);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new Error(
    `tasks.json: ${issue?.path.join(".") || "the task"}: ${issue?.message ?? "cannot be used"}`,
  );
}

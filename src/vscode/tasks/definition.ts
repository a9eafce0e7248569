import type * as z from "zod";
import type { Fields } from "../../contract/fields/table.ts";
import { t } from "../../l10n/text.ts";
import { type Started, TABLES } from "../ask/tables.ts";
import type { CreateWorkspacesRequest, WorkspaceTrafficRequest } from "../ids.ts";
import { OLD_NAMES, refuse, spelledConfig } from "./spelled.ts";

/** What a task asks for, by its workload. */
export type TaskRequest =
  | { workload: "create-workspaces"; request: CreateWorkspacesRequest }
  | { workload: "workspace-traffic"; request: WorkspaceTrafficRequest };

type OriginOf = (typed: string) => string | undefined;
type Task = Readonly<Record<string, unknown>>;
type Config<W extends Started> = Partial<z.output<(typeof TABLES)[W]["schema"]>>;

/**
 * The request that a task makes; paths in it are relative to `folder`. Throws with one sentence where the definition
 * cannot be used.
 */
export function requestOf(definition: Task, originOf: OriginOf, folder = ""): TaskRequest {
  const { workload = "create-workspaces" } = definition;
  switch (workload) {
    case "create-workspaces":
      return { workload, request: createRequest(definition, originOf, folder) };
    case "workspace-traffic":
      return { workload, request: trafficRequest(definition, originOf, folder) };
    default:
      throw new Error(
        t(
          'tasks.json: workload: must be create-workspaces or workspace-traffic, not "{0}"',
          String(workload),
        ),
      );
  }
}

function createRequest(task: Task, originOf: OriginOf, folder: string): CreateWorkspacesRequest {
  const { template, org, count, concurrency, parameters, runCommand, ...config } = configOf(
    "create-workspaces",
    task,
    folder,
  );
  return {
    ...addressOf(task.deployment, originOf),
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

function trafficRequest(task: Task, originOf: OriginOf, folder: string): WorkspaceTrafficRequest {
  const { run, template, ssh, app, rate, rampMs, warmUpMs, durationMs, ...others } = configOf(
    "workspace-traffic",
    task,
    folder,
  );
  const { connectionsPerWorkspace, ...config } = others;
  return {
    ...addressOf(task.deployment, originOf),
    ...(run === undefined ? {} : { runId: run }),
    ...(template === undefined ? {} : { template }),
    ...(app === undefined ? {} : { app }),
    ...(ssh === undefined || app !== undefined ? {} : { transport: ssh ? "ssh" : "terminal" }),
    ...(rate === undefined ? {} : { rate }),
    connections: connectionsPerWorkspace ?? 1,
    rampMs: rampMs ?? 0,
    warmUpMs: warmUpMs ?? 0,
    ...(durationMs === undefined ? {} : { durationMs }),
    // With an app, the workload says that it is one or the other.
    config: app !== undefined && ssh ? { ...config, ssh } : config,
    start: true,
  };
}

/** What the task says of the workload's fields; each has been checked by its own schema. */
function configOf<W extends Started>(workload: W, task: Task, folder: string): Config<W> {
  const { fields } = TABLES[workload];
  const config = spelledConfig(task, { fields, oldNames: OLD_NAMES[workload], folder });
  for (const [key, { asked }] of Object.entries<Fields[string]>(fields)) {
    if (asked !== undefined && config[key] === undefined) refuse(key, asked);
  }
  return config as Config<W>;
}

function addressOf(deployment: unknown, originOf: OriginOf): { url?: string } {
  if (deployment === undefined || deployment === null) return {};
  const url = originOf(String(deployment));
  if (url === undefined)
    throw new Error(t('tasks.json: deployment: "{0}" is not an address', String(deployment)));
  return { url };
}

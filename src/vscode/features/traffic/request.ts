import type * as z from "zod";
import type { trafficConfigSchema } from "../../../workloads/workspace-traffic/config.ts";
import type { RunRequest } from "../../ask/run-request.ts";

/** What may be said of the workload, as its table has it. */
export type TrafficConfig = Partial<z.input<typeof trafficConfigSchema>>;

/** Traffic to workspaces that scale tests have left. What is missing is asked for, unless `start` is set. */
export interface WorkspaceTrafficRequest
  extends RunRequest,
    Pick<TrafficConfig, "template" | "app" | "rate" | "rampMs" | "warmUpMs" | "durationMs"> {
  /** Only the workspaces that this run made. A line of a tree has it too, so that commands take it from there. */
  runId?: string;
  transport?: "terminal" | "ssh";
  /** To each workspace. */
  connections?: number;
}

/** The request of a task. */
export function trafficRequestOf(task: TrafficConfig): WorkspaceTrafficRequest {
  const { run, template, ssh, app, rate, rampMs, warmUpMs, durationMs, ...others } = task;
  const { connectionsPerWorkspace, ...config } = others;
  return {
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

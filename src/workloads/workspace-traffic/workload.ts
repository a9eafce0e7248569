import { defineWorkload } from "../../contract/workload.ts";
import { DEFAULT_BYTES_PER_TICK, DEFAULT_TICK_INTERVAL_MS } from "../../protocol/defaults.ts";
import { formatLoad } from "../../protocol/rate.ts";
import { say } from "../../text/message.ts";
import {
  type TrafficConfig,
  tickOf,
  trafficConfigSchema,
  trafficFields,
  WORKSPACE_TRAFFIC,
} from "./config.ts";
import { describeTraffic, JUDGED } from "./describe.ts";

export const workspaceTraffic = defineWorkload({
  name: WORKSPACE_TRAFFIC,
  alias: "traffic",
  summary: "Send traffic to the workspaces of scale tests by web terminal, SSH or app, and time every echo",
  schema: trafficConfigSchema,
  fields: trafficFields,
  metrics: JUDGED,
  described: [describeTraffic(DEFAULT_BYTES_PER_TICK, DEFAULT_TICK_INTERVAL_MS)],
  earlierNames: [
    { name: "transport", now: "ssh", values: { terminal: false, ssh: true } },
    { name: "connections", now: "connectionsPerWorkspace" },
  ],
  shortForms: [
    {
      name: "over",
      description: "What carries the traffic; app needs the app's slug in `app`",
      choices: {
        terminal: { config: { ssh: false }, excludes: ["app"] },
        ssh: { config: { ssh: true }, excludes: ["app"] },
        app: { config: { ssh: false }, needs: ["app"] },
      },
    },
  ],
  // How many connections that is depends on the workspaces that are found.
  demand: ({ connectionsPerWorkspace }) => ({ connections: connectionsPerWorkspace }),
  demandOn: (config, workspaces) => {
    const connections = workspaces * config.connectionsPerWorkspace;
    const { bytes, intervalMs } = tickOf(config);
    return { connections, bytesPerSecond: (connections * bytes * 1_000) / intervalMs };
  },
  endless: ({ durationMs, timeoutMs, jobTimeoutMs }) =>
    durationMs === undefined && timeoutMs === 0 && jobTimeoutMs === 0,
  needsOwner: ({ useHostLogin }) => (useHostLogin ? undefined : say("reaching other users' workspaces")),
  title,
  prepare: async (config, context) => (await import("./prepare.ts")).prepare(config, context),
  preflight: async (config, context) => (await import("./preflight.ts")).checkTraffic(config, context),
  // A run of another kind may have left workspaces, which traffic can be sent to.
  resume: ({ id, workload, config }) => ({
    title: `traffic of run ${id}, resumed`,
    config: workload === WORKSPACE_TRAFFIC ? config : { run: id },
  }),
});

function title(config: TrafficConfig): string {
  const way = config.ssh ? "SSH" : config.app ? `app ${config.app}` : "web terminal";
  return `${way} traffic, ${formatLoad(tickOf(config))} a connection`;
}

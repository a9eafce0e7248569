import { rfc3339 } from "../clock.ts";
import { type Deployment, VERSION } from "../deployment.ts";
import { derpMap } from "./derp.ts";
import { lastHeartbeat } from "./jobs.ts";

const OK = { severity: "ok", warnings: [], dismissed: false, healthy: true };

/** `debug/health` of a deployment with nothing wrong. */
export function healthReport(deployment: Deployment): Record<string, unknown> {
  const region = (derpMap(deployment).Regions as Record<string, unknown>)["999"];
  return {
    time: rfc3339(deployment.clock.now()),
    healthy: true,
    severity: "ok",
    derp: {
      ...OK,
      regions: { "999": { healthy: true, severity: "ok", warnings: [], region, node_reports: [] } },
      netcheck: null,
      netcheck_logs: [],
    },
    access_url: {
      ...OK,
      access_url: deployment.accessUrl,
      reachable: true,
      status_code: 200,
      healthz_response: "OK",
    },
    websocket: { ...OK, body: "", code: 101 },
    database: { ...OK, reachable: true, latency: "48.53µs", latency_ms: 0, threshold_ms: 15 },
    workspace_proxy: { ...OK, workspace_proxies: { regions: [] } },
    provisioner_daemons: {
      severity: "ok",
      warnings: [],
      dismissed: false,
      items: deployment.daemonLoss.online().map((daemon) => ({
        provisioner_daemon: {
          id: daemon.id,
          organization_id: deployment.catalogue.organizations[0]?.id,
          created_at: rfc3339(daemon.createdAt),
          last_seen_at: lastHeartbeat(deployment),
          name: daemon.name,
          version: VERSION,
          api_version: "1.9",
          provisioners: ["terraform"],
          tags: { owner: "", scope: "organization" },
        },
        warnings: [],
      })),
    },
    coder_version: VERSION,
  };
}

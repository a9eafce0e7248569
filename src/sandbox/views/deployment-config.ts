import type { Deployment } from "../deployment.ts";
import { keyLimits } from "../state/key-limits.ts";

const SECOND = 1_000_000_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/**
 * The parts of the configuration that a load tool reads. As on the server, durations are nanoseconds and
 * top-level keys with a zero value are left out: absent means false or empty.
 */
export function deploymentConfig(deployment: Deployment): Record<string, unknown> {
  const { rateLimit: limit, wildcardHost, ownerExecDisabled } = deployment.options;
  const api = limit ?? -1;
  const config = {
    access_url: deployment.accessUrl,
    ...(wildcardHost ? { wildcard_access_url: wildcardHost } : {}),
    ...(ownerExecDisabled ? { disable_owner_workspace_exec: true } : {}),
    docs_url: "https://coder.com/docs",
    http_address: new URL(deployment.accessUrl).host,
    address: "",
    autobuild_poll_interval: MINUTE,
    job_hang_detector_interval: MINUTE,
    pprof: { enable: false, address: "127.0.0.1:6060" },
    prometheus: {
      enable: deployment.metricsUrl !== "",
      address: deployment.metricsUrl.replace("http://", ""),
      collect_agent_stats: false,
      collect_db_metrics: false,
      aggregate_agent_stats_by: ["agent_name", "template_name", "username", "workspace_name"],
    },
    session_lifetime: {
      default_duration: DAY,
      default_token_lifetime: 7 * DAY,
      max_token_lifetime: keyLimits(deployment.options).member,
      max_admin_token_lifetime: keyLimits(deployment.options).owner,
    },
    rate_limit: { disable_all: limit === undefined, api },
    provisioner: {
      daemons: deployment.options.daemons,
      daemon_types: ["terraform"],
      daemon_poll_interval: SECOND,
      daemon_poll_jitter: SECOND / 10,
      force_cancel_interval: 10 * MINUTE,
      daemon_psk: "",
    },
    agent_stat_refresh_interval: 30 * SECOND,
    agent_fallback_troubleshooting_url: "https://coder.com/docs/admin/templates/troubleshooting",
    healthcheck: { refresh: 10 * MINUTE, threshold_database: (SECOND / 1000) * 15 },
    dangerous: {
      allow_path_app_sharing: false,
      allow_path_app_site_owner_access: false,
      allow_all_cors: false,
    },
    workspace_hostname_suffix: "coder",
    http_cookies: { same_site: "lax" },
    derp: {
      server: {
        enable: true,
        region_id: 999,
        region_code: "coder",
        region_name: "Coder Embedded Relay",
        stun_addresses: ["disable"],
        relay_url: "",
      },
      config: { block_direct: true, force_websockets: false, url: "", path: "" },
    },
  };
  return { config, options: options(api) };
}

function options(api: number): Record<string, unknown>[] {
  return [
    {
      name: "API Rate Limit",
      description: "Requests a minute that the API takes for each path and client; negative means no limit.",
      flag: "api-rate-limit",
      env: "CODER_API_RATE_LIMIT",
      default: "512",
      value: api,
      hidden: true,
      value_source: api === 512 ? "default" : "flag",
    },
  ];
}

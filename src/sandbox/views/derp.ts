import type { Deployment } from "../deployment.ts";

/** Tailscale's own JSON, with its Go-cased keys; the sandbox has a map but no relay. */
export function derpMap(deployment: Deployment): Record<string, unknown> {
  const url = new URL(deployment.accessUrl || "http://127.0.0.1");
  return {
    Regions: {
      "999": {
        EmbeddedRelay: true,
        RegionID: 999,
        RegionCode: "coder",
        RegionName: "Coder Embedded Relay",
        Nodes: [
          {
            Name: "999b",
            RegionID: 999,
            HostName: url.hostname,
            STUNPort: -1,
            DERPPort: Number(url.port) || 80,
            ForceHTTP: true,
          },
        ],
      },
    },
  };
}

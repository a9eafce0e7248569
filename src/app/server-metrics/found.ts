import { CoderClient } from "../../coder/client.ts";
import { DeploymentInfo } from "../../coder/deployment.ts";
import { isLoopback } from "../../coder/network.ts";
import type { Target } from "../../protocol/target.ts";

/** What a deployment's configuration says of its page of metrics. */
export type Found =
  /** This user may not read it. */
  | { kind: "unknown" }
  | { kind: "off" }
  /** It listens on its own machine only, which this is not. */
  | { kind: "hidden"; address: string }
  | { kind: "at"; url: string };

/** Asks the deployment. Rejects with CoderError where it cannot be asked at all. */
export async function findPage(target: Target, signal: AbortSignal): Promise<Found> {
  const client = new CoderClient(target);
  try {
    return await findPageBy(client, signal);
  } finally {
    await client.close().catch(() => undefined);
  }
}

export async function findPageBy(client: CoderClient, signal: AbortSignal): Promise<Found> {
  const config = await new DeploymentInfo(client, { signal, timeoutMs: 15_000 }).config();
  if (!config?.prometheus) return { kind: "unknown" };
  const { enable, address } = config.prometheus;
  return enable ? pageAt(address, client.transport.url) : { kind: "off" };
}

/** `0.0.0.0:2112` is every address of the deployment's host; `127.0.0.1:2112` is reached from that host alone. */
export function pageAt(address: string, deploymentUrl: string): Found {
  const [, host = "", port = ""] = /^(.*):(\d+)$/.exec(address) ?? [];
  const deployment = new URL(deploymentUrl).hostname;
  const isEverywhere = ["", "0.0.0.0", "[::]", "::"].includes(host);
  const url = `http://${isEverywhere ? deployment : host}:${port}/metrics`;
  if (port === "" || !URL.canParse(url)) return { kind: "hidden", address };
  if (isLoopback(new URL(url).hostname) && !isLoopback(deployment)) return { kind: "hidden", address };
  return { kind: "at", url };
}

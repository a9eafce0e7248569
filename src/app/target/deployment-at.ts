import { CoderClient } from "../../coder/client.ts";
import type { Network } from "../../protocol/target.ts";
import type { Address } from "./address.ts";

/** How long the look for a page's origin may take, before the first question to the deployment itself. */
const PATIENCE_MS = 10_000;

/**
 * The deployment's own address: pages such as `/workspaces` are dropped where the origin answers as a Coder
 * deployment. Elsewhere the path stays, since something may serve the deployment below it. Never rejects.
 */
export async function deploymentAt({ origin, path }: Address, network: Network): Promise<string> {
  if (path === "") return origin;
  const client = new CoderClient({ url: origin, token: "", network });
  try {
    await client.buildInfo({ timeoutMs: PATIENCE_MS, retries: 0 });
    return origin;
  } catch {
    return `${origin}${path}`;
  } finally {
    await client.close();
  }
}

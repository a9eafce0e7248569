import type { PreflightContext } from "../../../src/contract/prepare.ts";
import type { Check } from "../../../src/protocol/check.ts";
import type { PingConfig } from "./config.ts";

/** Whether the deployment answers. */
export async function checkPing(
  { rate, count }: PingConfig,
  { client, signal }: PreflightContext,
): Promise<Check[]> {
  const { version } = await client.buildInfo({ signal });
  return [{ id: "version", label: "Version", status: "ok", figure: `${version}, ${rate * count} pings/s` }];
}

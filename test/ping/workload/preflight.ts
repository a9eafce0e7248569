import type { PreflightContext } from "../../../src/contract/prepare.ts";
import type { Check } from "../../../src/protocol/check.ts";
import { foreign, say } from "../../../src/text/message.ts";
import type { PingConfig } from "./config.ts";

/** Whether the deployment answers. */
export async function checkPing(
  { rate, count }: PingConfig,
  { client, signal }: PreflightContext,
): Promise<Check[]> {
  const { version } = await client.buildInfo({ signal });
  return [
    {
      id: "version",
      label: say("Version"),
      status: "ok",
      figure: foreign(`${version}, ${rate * count} pings/s`),
    },
  ];
}

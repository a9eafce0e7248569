import { Refusal } from "../../contract/failures.ts";
import type { Guard } from "../../protocol/guard.ts";
import { say, words } from "../../text/message.ts";

/**
 * Refuses a load on a deployment that is not marked as staging, unless its host was typed. The sandbox, which
 * names itself by a header, needs neither; loopback alone does, since it may be a port-forward.
 */
export function refuseProduction(guard: Guard, url: string, sandbox: boolean): void {
  if (sandbox || guard.tag === "staging") return;
  const { host, origin } = new URL(url);
  if (guard.acknowledgedHost === host) return;
  const mark = `coder-scaletest deployments mark ${origin} staging`;
  throw new Refusal(
    guard.acknowledgedHost === undefined
      ? say("{0} is not marked as staging: pass --i-know-this-is {0}, or mark it with: {1}", host, mark)
      : say(
          '{0} is not marked as staging ("{2}" is another): pass --i-know-this-is {0}, or mark it with: {1}',
          host,
          mark,
          guard.acknowledgedHost,
        ),
  );
}

/** Refuses what is above a ceiling that somebody has set. */
export function refuseAboveLimits(
  guard: Guard,
  load: { workspaces?: number; connections?: number; bytesPerSecond?: number },
): void {
  const { limits } = guard;
  const sentences = {
    workspaces: words("{0} workspaces are above the limit of {1} that is set here"),
    connections: words("{0} connections are above the limit of {1} that is set here"),
    bytesPerSecond: words("{0} bytes a second are above the limit of {1} that is set here"),
  } as const;
  for (const key of ["workspaces", "connections", "bytesPerSecond"] as const) {
    const [wanted, ceiling] = [load[key], limits[key]];
    if (wanted !== undefined && ceiling !== undefined && wanted > ceiling) {
      throw new Refusal({ id: sentences[key], args: [wanted, ceiling] });
    }
  }
}

import { Refusal } from "../../contract/failures.ts";
import type { Guard } from "../../protocol/guard.ts";

/**
 * Refuses a load on a deployment that is not marked as staging, unless its host was typed. The sandbox, which
 * names itself by a header, needs neither; loopback alone does, since it may be a port-forward.
 */
export function refuseProduction(guard: Guard, url: string, sandbox: boolean): void {
  if (sandbox || guard.tag === "staging") return;
  const { host, origin } = new URL(url);
  if (guard.acknowledgedHost === host) return;
  const typed = guard.acknowledgedHost === undefined ? "" : ` ("${guard.acknowledgedHost}" is another)`;
  throw new Refusal(
    `${host} is not marked as staging${typed}: pass --i-know-this-is ${host}, or mark it with: coder-scaletest deployments mark ${origin} staging`,
  );
}

/** Refuses what is above a ceiling that somebody has set. */
export function refuseAboveLimits(
  guard: Guard,
  load: { workspaces?: number; connections?: number; bytesPerSecond?: number },
): void {
  const { limits } = guard;
  const names = {
    workspaces: "workspaces",
    connections: "connections",
    bytesPerSecond: "bytes a second",
  } as const;
  for (const key of ["workspaces", "connections", "bytesPerSecond"] as const) {
    const [wanted, ceiling] = [load[key], limits[key]];
    if (wanted !== undefined && ceiling !== undefined && wanted > ceiling) {
      throw new Refusal(`${wanted} ${names[key]} are above the limit of ${ceiling} that is set here`);
    }
  }
}

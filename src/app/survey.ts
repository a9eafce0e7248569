import { CoderClient } from "../coder/client.ts";
import { ownApps } from "../coder/own-apps.ts";
import type { Workspace } from "../coder/schemas.ts";
import type { Target } from "../protocol/target.ts";
import { runIdOf } from "../workloads/leftovers.ts";
import { findScaletestWorkspaces, isRunning } from "../workloads/scaletest-workspaces.ts";
import type { Reach, Survey } from "./reach.ts";

const PATIENCE_MS = 30_000;

/** Asks the deployment: one list in pages, nothing for each workspace. */
export async function surveyWorkspaces(target: Target): Promise<Survey> {
  const client = new CoderClient(target);
  try {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    return surveyOf(await findScaletestWorkspaces(client, {}, signal));
  } finally {
    await client.close().catch(() => undefined);
  }
}

/** The largest group first. */
export function surveyOf(workspaces: readonly Workspace[]): Survey {
  const runs = groups(workspaces, ({ name, owner_name: owner }) => runIdOf(name) ?? runIdOf(owner));
  const templates = groups(workspaces, ({ template_id: id }) => id || undefined);
  return {
    all: reachOf(workspaces),
    runs: sorted([...runs].map(([run, group]) => ({ run, ...reachOf(group) }))),
    templates: sorted(
      [...templates].map(([id, group]) => ({
        template: { id, name: group[0]?.template_name || id },
        ...reachOf(group),
      })),
    ),
  };
}

function groups(
  workspaces: readonly Workspace[],
  keyOf: (workspace: Workspace) => string | undefined,
): Map<string, Workspace[]> {
  const found = new Map<string, Workspace[]>();
  for (const workspace of workspaces) {
    const key = keyOf(workspace);
    if (key !== undefined) found.set(key, [...(found.get(key) ?? []), workspace]);
  }
  return found;
}

function sorted(reaches: readonly Reach[]): Reach[] {
  return reaches.filter(({ running }) => running > 0).sort((a, b) => b.running - a.running);
}

function reachOf(workspaces: readonly Workspace[]): Pick<Reach, "running" | "stopped" | "apps"> {
  const running = workspaces.filter(isRunning);
  const [first, ...others] = running.map(appsOf);
  return {
    running: running.length,
    stopped: workspaces.length - running.length,
    apps: [...(first ?? [])].filter((slug) => others.every((apps) => apps.has(slug))).sort(),
  };
}

function appsOf({ latest_build: build }: Workspace): Set<string> {
  const agents = build.resources.flatMap((resource) => resource.agents);
  return new Set(agents.flatMap(ownApps).map(({ slug }) => slug));
}

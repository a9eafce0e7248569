import type { WorkspaceRow } from "../../protocol/snapshot.ts";
import type { StepView } from "../../protocol/steps.ts";

/** Where the deployment's dashboard shows a workspace, or the build of it that failed; undefined where there is none. */
export function buildPage(
  { run, outcome, existing }: Pick<StepView, "run" | "outcome" | "existing">,
  { owner, name, build, workspaceId }: Pick<WorkspaceRow, "owner" | "name" | "build" | "workspaceId">,
): string | undefined {
  const { sandbox, url } = run.deployment;
  // A sandbox has no dashboard, and what is deleted has no page in it.
  const isGone = outcome !== null && existing.workspaces === 0;
  if (sandbox || isGone || workspaceId === undefined || !/^https?:\/\//.test(url)) return undefined;
  const workspace = `${url.replace(/\/+$/, "")}/@${encodeURIComponent(owner)}/${encodeURIComponent(name)}`;
  return build === undefined ? workspace : `${workspace}/builds/${build}`;
}

import { delay } from "../coder/delay.ts";
import { isFailure, oneLine } from "../coder/errors.ts";
import type { Build, Workspace } from "../coder/schemas.ts";
import { WorkspaceWatch } from "../coder/watch.ts";
import { type JobContext, JobFailure } from "./workload.ts";

export interface DoomedWorkspace {
  name: string;
  owner: string;
  /** Where it is known. */
  id?: string | undefined;
  /** The newest that is known of it; looked for by name where nothing is. */
  known: Workspace | undefined;
  /** A watch that is already open; one is opened, and closed, where there is none. */
  watch: WorkspaceWatch | undefined;
}

const DELETE_TRIES = 3;

/**
 * Deletes a workspace and waits until it is really gone: a build under way is cancelled and waited for
 * first. Harmless to repeat. Resolves with false where there was none.
 */
export async function removeWorkspace(context: JobContext, doomed: DoomedWorkspace): Promise<boolean> {
  const { client, signal, ledger } = context;
  const gone = () => ledger.write({ kind: "workspace", op: "gone", name: doomed.name, owner: doomed.owner });
  context.doing("deleting the workspace");
  const workspace = doomed.known ?? (await look(context, doomed));
  if (!workspace) {
    await gone();
    return false;
  }
  const watch = doomed.watch ?? new WorkspaceWatch(client, workspace);
  try {
    await endActiveBuild(context, watch);
    for (let attempt = 1; ; attempt++) {
      const problem = await tryDelete(context, watch, workspace);
      if (problem === undefined) break;
      if (attempt >= DELETE_TRIES) throw new JobFailure("delete_failed", `delete failed: ${problem}`);
      context.log(`delete failed (${problem}); trying again`);
      await delay(1_000 * 2 ** attempt * (0.5 + Math.random()), signal);
    }
  } finally {
    if (!doomed.watch) watch.close();
  }
  await gone();
  return true;
}

/** By its id, which holds even where it was renamed; else by the name that it was asked for by. */
function look({ client, signal }: JobContext, doomed: DoomedWorkspace): Promise<Workspace | undefined> {
  return doomed.id === undefined
    ? client.workspaceByName(doomed.owner, doomed.name, { signal })
    : client.workspace(doomed.id, { signal });
}

function isOver(build: Build): boolean {
  return Boolean(build.job.completed_at) || ["succeeded", "failed", "canceled"].includes(build.job.status);
}

function isDeleted(build: Build): boolean {
  return build.transition === "delete" && build.job.status === "succeeded";
}

/** Cancelling a running build may still let it finish (fact sheet §5.5): only its end counts. */
async function endActiveBuild(context: JobContext, watch: WorkspaceWatch): Promise<void> {
  const { client, signal } = context;
  const build = watch.latest()?.latest_build;
  if (!build || isOver(build) || build.transition === "delete") return;
  context.doing("cancelling the build");
  try {
    await client.cancelBuild(build.id, { signal });
  } catch (error) {
    // 400: it is over, or cancelled already; 404: it is gone; 403: the template does not let its users cancel.
    if (!isFailure(error, "validation", "not_found", "conflict", "forbidden")) throw error;
    const fresh = await client.workspace(watch.latest()?.id ?? "", { signal });
    if (fresh) watch.offer(fresh);
  }
  await watch.until(({ latest_build }) => (isOver(latest_build) ? true : undefined), signal);
}

/** Resolves with the reason where it failed. */
async function tryDelete(
  context: JobContext,
  watch: WorkspaceWatch,
  workspace: Workspace,
): Promise<string | undefined> {
  const { client, signal } = context;
  context.doing("deleting the workspace");
  const latest = watch.latest()?.latest_build;
  const underWay =
    latest &&
    latest.transition === "delete" &&
    latest.job.status !== "failed" &&
    latest.job.status !== "canceled";
  if (!underWay) {
    try {
      const build = await client.createBuild(workspace.id, "delete", { signal });
      watch.offer({ ...workspace, latest_build: build });
    } catch (error) {
      if (isFailure(error, "not_found")) return undefined;
      if (isFailure(error, "conflict", "server", "network", "timeout")) {
        const fresh = await client.workspace(workspace.id, { signal });
        if (!fresh) return undefined;
        watch.offer(fresh);
        if (fresh.latest_build.transition !== "delete") return oneLine(error.message);
      } else throw error;
    }
  }
  const end = await watch.until(
    ({ latest_build }) =>
      latest_build.transition === "delete" && isOver(latest_build) ? latest_build : undefined,
    signal,
  );
  return isDeleted(end) ? undefined : oneLine(end.job.error ?? end.job.status);
}

/** Deletes a user, and its tokens with it. Harmless to repeat. */
export async function removeUser(
  context: JobContext,
  doomed: { name: string; id: string | undefined },
): Promise<void> {
  const { client, signal, ledger } = context;
  context.doing("deleting the user");
  const id = doomed.id ?? (await client.user(doomed.name, { signal }))?.id;
  for (let attempt = 0; id !== undefined; attempt++) {
    try {
      await client.deleteUser(id, { signal });
      break;
    } catch (error) {
      if (isFailure(error, "not_found")) break;
      // 417: the deployment still counts a workspace (fact sheet §3); it may need a moment.
      const busy =
        isFailure(error, "validation") && error.failure.kind === "validation" && error.failure.status === 417;
      if (!busy || attempt >= 3) throw error;
      await delay(500 * 2 ** attempt, signal);
    }
  }
  if (id !== undefined) await ledger.write({ kind: "token", op: "gone", name: doomed.name, owner: id });
  await ledger.write({ kind: "user", op: "gone", name: doomed.name });
}

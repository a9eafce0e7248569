import { delay } from "../coder/delay.ts";
import { inOneLine, isFailure } from "../coder/errors.ts";
import type { Build, Workspace } from "../coder/schemas.ts";
import { WorkspaceWatch } from "../coder/watch.ts";
import { DestroyFailure } from "../contract/failures.ts";
import type { JobContext } from "../contract/job.ts";
import { english, foreign, type Message, say } from "../text/message.ts";
import { buildReason } from "./build-failure.ts";

export interface DoomedWorkspace {
  name: string;
  owner: string;
  /** Where it is known. */
  id?: string | undefined;
  /** The newest that is known of it; looked for by name where nothing is. */
  known: Workspace | undefined;
  /** A watch that is already open; one is opened, and closed, where there is none. */
  watch: WorkspaceWatch | undefined;
  /** Where its destroy fails: delete it all the same, and leave its resources where they are. */
  orphan?: boolean;
  /** Told where that was done. */
  orphaned?: () => void;
}

const DELETE_TRIES = 3;

/**
 * Deletes a workspace and waits until it is really gone: a build under way is cancelled and waited for
 * first. Harmless to repeat. Resolves with false where there was none.
 */
export async function removeWorkspace(context: JobContext, doomed: DoomedWorkspace): Promise<boolean> {
  const { client, signal, ledger } = context;
  const { name, owner } = doomed;
  context.doing(say("deleting the workspace"));
  const workspace = doomed.known ?? (await look(context, doomed));
  const id = workspace?.id ?? doomed.id;
  const gone = () =>
    ledger.write({ kind: "workspace", op: "gone", name, owner, ...(id === undefined ? {} : { id }) });
  if (!workspace) {
    await gone();
    return false;
  }
  const watch = doomed.watch ?? new WorkspaceWatch(client, workspace);
  try {
    await endActiveBuild(context, watch);
    for (let attempt = 1; ; attempt++) {
      const orphan = doomed.orphan === true && (attempt > 1 || hasFailed(watch.latest()?.latest_build));
      const problem = await tryDelete(context, watch, workspace, orphan);
      if (problem === undefined && orphan) doomed.orphaned?.();
      if (problem === undefined) break;
      if (attempt >= DELETE_TRIES) throw new DestroyFailure(problem);
      context.log(`delete failed (${english(problem)}); trying again`);
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

/** A deletion that has been tried before, and did not succeed. */
function hasFailed(build: Build | undefined): boolean {
  return build !== undefined && build.transition === "delete" && isOver(build) && !isDeleted(build);
}

/** Cancelling a running build may still let it finish (docs/coder-api.md, Builds): only its end counts. */
async function endActiveBuild(context: JobContext, watch: WorkspaceWatch): Promise<void> {
  const { client, signal } = context;
  const build = watch.latest()?.latest_build;
  if (!build || isOver(build) || build.transition === "delete") return;
  context.doing(say("cancelling the build"));
  try {
    await client.cancelBuild(build.id, { signal });
  } catch (error) {
    // 400: it is over, or cancelled already; 404: it is gone; 403: the template does not let its users cancel.
    if (!isFailure(error, "validation", "not_found", "conflict", "forbidden")) throw error;
    const fresh = await client.workspace(watch.latest()?.id ?? "", { signal });
    if (fresh) watch.offer(fresh);
  }
  await watch
    .until(({ latest_build }) => (isOver(latest_build) ? true : undefined), signal)
    .catch(unlessGone);
}

/** Somebody else was faster. */
function unlessGone(error: unknown): undefined {
  if (isFailure(error, "not_found")) return undefined;
  throw error;
}

/** Resolves with the reason where it failed. */
async function tryDelete(
  context: JobContext,
  watch: WorkspaceWatch,
  workspace: Workspace,
  orphan: boolean,
): Promise<Message | undefined> {
  const { client, signal } = context;
  context.doing(say("deleting the workspace"));
  const latest = watch.latest()?.latest_build;
  if (latest && isDeleted(latest)) return undefined;
  const underWay =
    latest &&
    latest.transition === "delete" &&
    latest.job.status !== "failed" &&
    latest.job.status !== "canceled";
  if (!underWay) {
    try {
      const build = await (orphan
        ? client.orphan(workspace.id, { signal })
        : client.createBuild(workspace.id, "delete", { signal }));
      watch.offer({ ...workspace, latest_build: build });
    } catch (error) {
      if (isFailure(error, "not_found")) return undefined;
      if (isFailure(error, "conflict", "server", "network", "timeout")) {
        const fresh = await client.workspace(workspace.id, { signal });
        if (!fresh) return undefined;
        watch.offer(fresh);
        if (fresh.latest_build.transition !== "delete") return inOneLine(error);
      } else throw error;
    }
  }
  const end = await watch
    .until(
      ({ latest_build }) =>
        latest_build.transition === "delete" && isOver(latest_build) ? latest_build : undefined,
      signal,
    )
    .catch(unlessGone);
  return !end || isDeleted(end) ? undefined : destroyProblem(context, end, workspace);
}

async function destroyProblem(
  { client, signal }: JobContext,
  build: Build,
  { name, owner_name }: Workspace,
): Promise<Message> {
  const log = await client.buildLogs(build.id, { signal }).catch(() => []);
  return foreign(buildReason(build.job.error ?? build.job.status, log, [name, owner_name]).common);
}

/** Deletes a user, and its tokens with it. Harmless to repeat. */
export async function removeUser(
  context: JobContext,
  doomed: { name: string; id: string | undefined },
): Promise<void> {
  const { client, signal, ledger } = context;
  context.doing(say("deleting the user"));
  const id = doomed.id ?? (await client.user(doomed.name, { signal }))?.id;
  for (let attempt = 0; id !== undefined; attempt++) {
    try {
      await client.deleteUser(id, { signal });
      break;
    } catch (error) {
      if (isFailure(error, "not_found")) break;
      // 417: the deployment still counts a workspace (docs/coder-api.md, Users); it may need a moment.
      const busy =
        isFailure(error, "validation") && error.failure.kind === "validation" && error.failure.status === 417;
      if (!busy || attempt >= 3) throw error;
      await delay(500 * 2 ** attempt, signal);
    }
  }
  if (id !== undefined) {
    const named = ledger.state.remaining("token").filter(({ owner }) => owner === id);
    for (const name of new Set([doomed.name, ...named.map((token) => token.name)]))
      await ledger.write({ kind: "token", op: "gone", name, owner: id });
  }
  await ledger.write({ kind: "user", op: "gone", name: doomed.name, ...(id === undefined ? {} : { id }) });
}

import type { Deployment } from "../deployment.ts";
import type { Context } from "../http/context.ts";
import { json, type Reply } from "../http/reply.ts";
import { agentStatus } from "../state/agents.ts";
import { jobStatus } from "../state/jobs.ts";
import type { Workspace } from "../state/model.ts";
import { latestBuild } from "../state/workspaces.ts";
import { buildStatus, viewWorkspace } from "../views/workspaces.ts";
import { parseSearch, type Query, searchError, slicePage } from "./search.ts";
import { compare } from "./users.ts";

const KEYS = [
  ...[
    "id",
    "owner",
    "template",
    "name",
    "status",
    "has-agent",
    "dormant",
    "last_used_after",
    "last_used_before",
  ],
  ...["outdated", "has-ai-task", "has_external_agent", "organization", "param"],
];
const STATUSES = [
  ...[
    "pending",
    "starting",
    "running",
    "stopping",
    "stopped",
    "failed",
    "canceling",
    "canceled",
    "deleting",
    "deleted",
  ],
];
/** These match the job's status, whatever the transition. */
const JOB_WORDS = ["pending", "failed", "canceling", "canceled"];
const AGENT_WORDS = ["connecting", "connected", "disconnected", "timeout"];

/** `GET /workspaces`: the count is of all matches on every page, past the end too. */
export function listWorkspaces(context: Context, deployment: Deployment): Reply {
  const page = context.page();
  const query = readQuery(context.query.get("q") ?? "");
  const { user } = context.caller;
  const now = deployment.clock.now();
  const found: Workspace[] = [];
  for (const workspace of candidates(context, deployment, query)) {
    if (workspace.deleted || (!context.isOwner && workspace.owner !== user)) continue;
    if (matches(workspace, query, now)) found.push(workspace);
  }
  const keys = new Map(found.map((one) => [one, sortKey(one, user.id)]));
  found.sort((a, b) => compare(keys.get(a) ?? "", keys.get(b) ?? ""));
  return json({
    workspaces: slicePage(found, page).map((one) => viewWorkspace(one, deployment, user)),
    count: found.length,
  });
}

/** Own favourites, then running ones, then by owner and name (workspaces.sql). */
function sortKey(workspace: Workspace, viewerId: string): string {
  const build = latestBuild(workspace);
  const running = build.transition === "start" && jobStatus(build.job) === "succeeded";
  const rank = `${workspace.favoriteOf.has(viewerId) ? 0 : 1}${running ? 0 : 1}`;
  return `${rank}${workspace.owner.username.toLowerCase()}\u0000${workspace.name.toLowerCase()}`;
}

/** One owner's or one workspace, where the query names it; else all. */
function candidates(context: Context, deployment: Deployment, query: Query): Iterable<Workspace> {
  const { users, workspaces } = deployment;
  const owner = query.get("owner")?.[0];
  const id = query.get("id")?.[0];
  if (id) {
    const one = workspaces.byId(id);
    return one ? [one] : [];
  }
  if (!owner) return context.isOwner ? workspaces.live() : workspaces.ownedBy(context.caller.user);
  const user = owner === "me" ? context.caller.user : users.byName(owner);
  return user ? workspaces.ownedBy(user) : [];
}

function readQuery(raw: string): Query {
  const query = parseSearch(raw, "workspace", "name", KEYS);
  const bare = query.get("name")?.[0];
  const slash = bare?.indexOf("/") ?? -1;
  if (bare !== undefined && slash > 0) {
    query.set("owner", [bare.slice(0, slash)]);
    query.set("name", [bare.slice(slash + 1)]);
  }
  for (const [key, words] of [
    ["status", STATUSES],
    ["has-agent", AGENT_WORDS],
  ] as const) {
    const value = query.get(key)?.[0];
    if (value === undefined || words.includes(value)) continue;
    const detail = `Query param "${key}" has invalid value: "${value}" is not a valid value`;
    throw searchError("workspace", [{ field: key, detail }]);
  }
  return query;
}

function matches(workspace: Workspace, query: Query, now: number): boolean {
  const one = (key: string) => query.get(key)?.[0];
  const [name, template, organization, status, agent] = [
    one("name"),
    one("template"),
    one("organization"),
    one("status"),
    one("has-agent"),
  ];
  if (name && !workspace.name.toLowerCase().includes(name)) return false;
  if (template && workspace.template.name.toLowerCase() !== template) return false;
  const home = workspace.template.organization;
  if (organization && home.name !== organization && home.id !== organization) return false;
  if (status && !hasStatus(workspace, status)) return false;
  if (agent && !hasAgent(workspace, agent, now)) return false;
  if (one("dormant") === "true") return false;
  if (one("outdated") === "true" && latestBuild(workspace).version === workspace.template.version)
    return false;
  return (query.get("param") ?? []).every((wanted) => hasParameter(workspace, wanted));
}

function hasStatus(workspace: Workspace, status: string): boolean {
  const build = latestBuild(workspace);
  return JOB_WORDS.includes(status) ? jobStatus(build.job) === status : buildStatus(build) === status;
}

function hasAgent(workspace: Workspace, status: string, now: number): boolean {
  return latestBuild(workspace).resources.some((resource) =>
    resource.agents.some((agent) => agentStatus(agent, now) === status),
  );
}

function hasParameter(workspace: Workspace, wanted: string): boolean {
  const [name = "", value] = wanted.split("=", 2);
  const actual = latestBuild(workspace).parameters.get(name);
  return actual !== undefined && (value === undefined || actual === value);
}

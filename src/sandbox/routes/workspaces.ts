import type { Deployment } from "../deployment.ts";
import { type Fields, NIL_UUID } from "../http/body.ts";
import type { Context } from "../http/context.ts";
import { ApiError, brokenRule, notFound, type Validation, validationFailed } from "../http/errors.ts";
import { created, empty, json, type Reply } from "../http/reply.ts";
import { type Route, route } from "../http/router.ts";
import { duplicateKey } from "../state/claims.ts";
import type { Transition } from "../state/model.ts";
import type { Preset, Template } from "../state/templates.ts";
import type { User } from "../state/users.ts";
import { latestBuild } from "../state/workspaces.ts";
import { viewBuild, viewWorkspace } from "../views/workspaces.ts";
import { timings } from "./builds.ts";
import type { Lookup } from "./lookup.ts";
import { slicePage } from "./search.ts";
import { isName } from "./users.ts";
import { watchEvents, watchSocket } from "./watch.ts";
import { listWorkspaces } from "./workspace-list.ts";

export function workspaceRoutes(deployment: Deployment, lookup: Lookup): Route[] {
  const base = "/api/v2/workspaces/{workspace}";
  const show = (context: Context, ...[of]: [Parameters<typeof viewWorkspace>[0]]) =>
    json(viewWorkspace(of, deployment, context.caller.user));
  return [
    route("POST", "/api/v2/users/{user}/workspaces", (context) =>
      create(context, lookup.member(context), deployment),
    ),
    route("POST", "/api/v2/organizations/{organization}/members/{user}/workspaces", (context) => {
      lookup.organization(context);
      return create(context, lookup.member(context), deployment);
    }),
    route("GET", "/api/v2/workspaces", (context) => listWorkspaces(context, deployment)),
    route("GET", base, (context) => show(context, lookup.workspace(context, "refuse"))),
    route("GET", "/api/v2/users/{user}/workspace/{workspacename}", (context) =>
      show(context, byName(context, lookup.user(context), deployment)),
    ),
    route("GET", "/api/v2/users/{user}/workspace/{workspacename}/builds/{buildnumber}", (context) => {
      const workspace = byName(context, lookup.user(context), deployment);
      const wanted = Number(context.param("buildnumber"));
      const build = workspace.builds.find((one) => one.number === wanted);
      if (!build) {
        const number = context.param("buildnumber");
        throw new ApiError(404, `Workspace "${workspace.name}" Build ${number} does not exist.`);
      }
      return json(viewBuild(build, deployment, "workspace"));
    }),
    route("GET", `${base}/watch`, (context) => watchEvents(context, lookup.workspace(context), deployment)),
    route("GET", `${base}/watch-ws`, (context) =>
      watchSocket(context, lookup.workspace(context), deployment),
    ),
    route("GET", `${base}/builds`, (context) => {
      const builds = [...lookup.workspace(context).builds].reverse();
      return json(slicePage(builds, context.page()).map((build) => viewBuild(build, deployment, "build")));
    }),
    route("POST", `${base}/builds`, (context) => createBuild(context, deployment, lookup)),
    route("GET", `${base}/timings`, (context) => json(timings(latestBuild(lookup.workspace(context))))),
    ...smallRoutes(base, deployment, lookup),
  ];
}

function smallRoutes(base: string, { clock }: Deployment, lookup: Lookup): Route[] {
  return [
    route("GET", `${base}/resolve-autostart`, (context) => {
      lookup.workspace(context);
      return json({ parameter_mismatch: false });
    }),
    route("POST", `${base}/usage`, (context) => {
      lookup.workspace(context).lastUsedAt = clock.now();
      return empty();
    }),
    route("PUT", `${base}/ttl`, async (context) => {
      const workspace = lookup.workspace(context);
      workspace.ttlMs = checkTtl((await context.body("UpdateWorkspaceTTLRequest")).integer("ttl_ms"));
      return empty();
    }),
    route("PUT", `${base}/autoupdates`, async (context) => {
      const workspace = lookup.workspace(context);
      const fields = await context.body("UpdateWorkspaceAutomaticUpdatesRequest");
      workspace.automaticUpdates = fields.kept("automatic_updates") || "never";
      return empty();
    }),
    route("PUT", `${base}/extend`, (context) => {
      lookup.workspace(context);
      throw new ApiError(409, "Workspace shutdown is manual.");
    }),
    route("PUT", `${base}/favorite`, (context) => favorite(context, lookup, true)),
    route("DELETE", `${base}/favorite`, (context) => favorite(context, lookup, false)),
  ];
}

function favorite(context: Context, lookup: Lookup, on: boolean): Reply {
  const workspace = lookup.workspace(context);
  const { user } = context.caller;
  if (workspace.owner !== user) throw new ApiError(403, "You can only favorite workspaces that you own.");
  if (on) workspace.favoriteOf.add(user.id);
  else workspace.favoriteOf.delete(user.id);
  return empty();
}

function byName(context: Context, owner: User, { workspaces }: Deployment) {
  const name = context.param("workspacename");
  const deleted = context.query.get("include_deleted") === "true";
  const found =
    workspaces.byName(owner, name) ?? (deleted ? workspaces.deletedByName(owner, name) : undefined);
  if (!found) throw notFound();
  return found;
}

const MINUTE_MS = 60_000;
const MONTH_MS = 30 * 24 * 60 * MINUTE_MS;

function checkTtl(ttlMs: number | undefined): number | undefined {
  if (ttlMs === undefined) return undefined;
  const detail =
    ttlMs < MINUTE_MS
      ? "time until shutdown must be at least one minute"
      : ttlMs > MONTH_MS
        ? "time until shutdown must be less than 30 days"
        : undefined;
  if (detail === undefined) return ttlMs;
  throw new ApiError(400, "Invalid Workspace Time to Shutdown.", {
    validations: [{ field: "ttl_ms", detail }],
  });
}

function checkSchedule(schedule: string): void {
  if (
    schedule === "" ||
    schedule
      .replace(/^CRON_TZ=\S+\s+/, "")
      .trim()
      .split(/\s+/).length === 5
  )
    return;
  const detail =
    "validate weekly schedule: expected schedule to consist of 5 fields with an optional CRON_TZ=<timezone> prefix";
  throw new ApiError(400, "Invalid Autostart Schedule.", { validations: [{ field: "schedule", detail }] });
}

async function create(context: Context, owner: User, deployment: Deployment): Promise<Reply> {
  const fields = await context.body("CreateWorkspaceRequest");
  const name = fields.text("name");
  const template = readTemplate(fields, name, deployment);
  const ttlMs = checkTtl(fields.integer("ttl_ms"));
  const autostart = fields.kept("autostart_schedule");
  checkSchedule(autostart);
  if (!context.isOwner && !owner.organizationIds.includes(template.organization.id)) throw notFound();
  if (!owner.organizationIds.includes(template.organization.id)) throw notFound();
  const key = `workspace ${owner.id} ${name.toLowerCase()}`;
  if (deployment.claims.has(key)) {
    const detail = duplicateKey("execute transaction: insert workspace: ", "workspaces_owner_id_lower_idx");
    throw new ApiError(500, "Internal server error", { detail });
  }
  if (deployment.workspaces.byName(owner, name)) {
    throw new ApiError(409, `Workspace "${name}" already exists.`, {
      validations: [{ field: "name", detail: "This value is already in use and should be unique." }],
    });
  }
  const workspace = deployment.builds.createWorkspace({
    name,
    owner,
    initiator: context.caller.user,
    template,
    parameters: fields.pairs("rich_parameter_values"),
    ...presetOf(fields, template),
    automaticUpdates: fields.kept("automatic_updates") || "never",
    autostart,
    ...(ttlMs === undefined ? {} : { ttlMs }),
  });
  const view = viewWorkspace(workspace, deployment, context.caller.user, "created");
  await deployment.claims.hold(key);
  return created(view);
}

/** @throws ApiError 400 when the body names one that the template does not have */
function presetOf(fields: Fields, { version }: Template): { preset?: Preset } {
  const id = fields.uuid("template_version_preset_id");
  if (id === NIL_UUID) return {};
  const preset = version.blueprint.presets.find((one) => one.id === id);
  if (preset) return { preset };
  throw new ApiError(400, `Preset "${id}" is none of the template's version.`);
}

/** @throws ApiError 400 when the body names no template, two, or one that is not there */
function readTemplate(fields: Fields, name: string, { catalogue }: Deployment): Template {
  const [templateId, versionId] = [fields.uuid("template_id"), fields.uuid("template_version_id")];
  const problems: Validation[] = [];
  const both = templateId !== NIL_UUID && versionId !== NIL_UUID;
  const neither = templateId === NIL_UUID && versionId === NIL_UUID;
  if (both || neither) {
    const tag = both ? "excluded_with" : "required_without";
    problems.push(
      brokenRule("template_id", tag, templateId),
      brokenRule("template_version_id", tag, versionId),
    );
  }
  if (!isName(name)) problems.push(brokenRule("name", "workspace_name", name));
  if (problems.length) throw validationFailed(problems);
  const id = templateId === NIL_UUID ? (catalogue.version(versionId)?.templateId ?? versionId) : templateId;
  const template = catalogue.template(id);
  if (template) return template;
  throw new ApiError(400, `Template "${id}" doesn't exist.`, {
    validations: [{ field: "template_id", detail: "template not found" }],
  });
}

const TRANSITIONS: readonly string[] = ["start", "stop", "delete"] satisfies Transition[];

async function createBuild(context: Context, deployment: Deployment, lookup: Lookup): Promise<Reply> {
  const workspace = lookup.workspace(context);
  const fields = await context.body("CreateWorkspaceBuildRequest");
  const transition = fields.text("transition");
  if (!TRANSITIONS.includes(transition))
    throw validationFailed([brokenRule("transition", "oneof", transition)]);
  if (fields.flag("orphan") && transition !== "delete") {
    throw new ApiError(400, "Orphan is only permitted when deleting a workspace.");
  }
  if (fields.flag("orphan") && !context.isOwner)
    throw new ApiError(403, "Only template managers may provide custom state");
  const key = `build ${workspace.id}`;
  if (deployment.claims.has(key)) {
    const detail = duplicateKey("", "workspace_builds_workspace_id_build_number_key");
    throw new ApiError(409, "insert workspace build", { detail });
  }
  const reason = fields.kept("reason");
  const build = deployment.builds.createBuild(workspace, {
    transition: transition as Transition,
    initiator: context.caller.user,
    parameters: fields.pairs("rich_parameter_values"),
    ...(reason && transition === "start" ? { reason } : {}),
    orphan: fields.flag("orphan"),
  });
  const view = viewBuild(build, deployment, "created");
  await deployment.claims.hold(key);
  return created(view);
}

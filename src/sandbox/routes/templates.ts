import type { Deployment } from "../deployment.ts";
import type { Context } from "../http/context.ts";
import { ApiError, notFound } from "../http/errors.ts";
import { created, json, message, type Reply } from "../http/reply.ts";
import { type Route, route } from "../http/router.ts";
import type { Job } from "../state/jobs.ts";
import { existingParameters } from "../state/parameters.ts";
import { isImporting, type Template, type TemplateVersion } from "../state/templates.ts";
import { matchedProvisioners, viewJob } from "../views/jobs.ts";
import { viewParameter, viewPreset, viewTemplate, viewVersion } from "../views/templates.ts";
import { viewOrganization } from "../views/users.ts";
import { jobLogs } from "./job-logs.ts";
import type { Lookup } from "./lookup.ts";
import { plannedResources } from "./planned-resources.ts";
import { parseSearch, slicePage } from "./search.ts";

export function templateRoutes(deployment: Deployment, lookup: Lookup): Route[] {
  const { catalogue } = deployment;
  const show = (template: Template) => json(viewTemplate(template, deployment));
  const listed = (context: Context, of: Template[]) =>
    json(
      filterTemplates(context, of)
        .filter((one) => lookup.inOrganization(context, one.organization))
        .map((one) => viewTemplate(one, deployment)),
    );
  return [
    route("GET", "/api/v2/organizations", (context) =>
      json(
        catalogue.organizations.filter((one) => lookup.inOrganization(context, one)).map(viewOrganization),
      ),
    ),
    route("GET", "/api/v2/organizations/{organization}", (context) =>
      json(viewOrganization(lookup.organization(context))),
    ),
    route("GET", "/api/v2/organizations/{organization}/templates", (context) =>
      listed(context, catalogue.templates(lookup.organization(context))),
    ),
    route("GET", "/api/v2/organizations/{organization}/templates/{templatename}", (context) => {
      const wanted = context.param("templatename").toLowerCase();
      const found = catalogue
        .templates(lookup.organization(context))
        .find((one) => one.name.toLowerCase() === wanted);
      if (!found) throw notFound();
      return show(found);
    }),
    route("GET", "/api/v2/templates", (context) => listed(context, catalogue.templates())),
    route("GET", "/api/v2/templates/{template}", (context) => show(lookup.template(context))),
    route("GET", "/api/v2/templates/{template}/versions", (context) =>
      json(
        slicePage(catalogue.versionsOf(lookup.template(context)), context.page()).map((one) =>
          viewVersion(one, deployment),
        ),
      ),
    ),
    ...versionRoutes(deployment, lookup),
    ...dryRunRoutes(deployment, lookup),
  ];
}

function versionRoutes(deployment: Deployment, lookup: Lookup): Route[] {
  const base = "/api/v2/templateversions/{templateversion}";
  return [
    route("GET", base, (context) => json(viewVersion(lookup.version(context), deployment))),
    route("GET", `${base}/rich-parameters`, (context) =>
      // Looked at when the version was imported: what exists only with other values is not among them.
      json(
        existingParameters(lookup.importedVersion(context).blueprint.parameters, () => undefined).map(
          viewParameter,
        ),
      ),
    ),
    route("GET", `${base}/presets`, (context) => {
      const { presets } = lookup.version(context).blueprint;
      return json(presets.length ? presets.map(viewPreset) : null);
    }),
    route("GET", `${base}/external-auth`, (context) =>
      json(
        lookup.version(context).blueprint.externalAuth.map(({ id, type, displayName }) => ({
          id,
          type,
          display_name: displayName,
          display_icon: `/icon/${type}.svg`,
          authenticate_url: `${deployment.accessUrl}/external-auth/${id}`,
          authenticated: false,
        })),
      ),
    ),
  ];
}

const TEMPLATE_KEYS = [
  "name",
  "exact_name",
  "ids",
  "organization",
  "deprecated",
  "deleted",
  "author",
  "author_id",
];

function filterTemplates(context: Context, templates: Template[]): Template[] {
  const query = parseSearch(context.query.get("q") ?? "", "template", "name", [
    ...TEMPLATE_KEYS,
    "has-ai-task",
    "has_external_agent",
  ]);
  const [name, exact, organization] = ["name", "exact_name", "organization"].map(
    (key) => query.get(key)?.[0],
  );
  return templates.filter(
    (one) =>
      (!name || one.name.toLowerCase().includes(name)) &&
      (!exact || one.name.toLowerCase() === exact) &&
      (!organization || one.organization.name === organization || one.organization.id === organization) &&
      query.get("deprecated")?.[0] !== "true",
  );
}

function dryRunRoutes(deployment: Deployment, lookup: Lookup): Route[] {
  const base = "/api/v2/templateversions/{templateversion}/dry-run";
  const find = (context: Context) => findDryRun(context, lookup.version(context), deployment);
  return [
    route("POST", base, async (context) => {
      const version = lookup.version(context);
      if (isImporting(version)) throw new ApiError(425, "Template version import job hasn't completed!");
      const fields = await context.body("CreateTemplateVersionDryRunRequest");
      const values = fields.pairs("rich_parameter_values");
      return created(
        viewJob(deployment.builds.startDryRun(version, context.caller.user, values), deployment, true),
      );
    }),
    route("GET", `${base}/{jobid}`, (context) => json(viewJob(find(context), deployment))),
    route("GET", `${base}/{jobid}/matched-provisioners`, (context) => {
      find(context);
      return json(matchedProvisioners(lookup.version(context), deployment));
    }),
    route("GET", `${base}/{jobid}/logs`, (context) => jobLogs(context, find(context))),
    route("GET", `${base}/{jobid}/resources`, (context) =>
      resources(find(context), lookup.version(context), deployment),
    ),
    route("PATCH", `${base}/{jobid}/cancel`, (context) => {
      deployment.builds.cancel(find(context), "Job has already completed.");
      return message("Job has been marked as canceled.");
    }),
  ];
}

/** @throws ApiError 500 for an unknown job, as the server does */
function findDryRun(context: Context, version: TemplateVersion, { builds }: Deployment): Job {
  const job = builds.job(context.uuid("jobid"));
  if (job?.type !== "template_version_dry_run") throw new ApiError(500, "An internal server error occurred.");
  const of = "template_version_id" in job.input ? job.input.template_version_id : "";
  if (of !== version.id) throw notFound();
  return job;
}

function resources(job: Job, version: TemplateVersion, deployment: Deployment): Reply {
  if (job.completedAt === undefined) throw new ApiError(400, "Job hasn't completed!");
  if (job.error !== undefined) return json([]);
  return json(plannedResources(job.id, version, "start", deployment));
}

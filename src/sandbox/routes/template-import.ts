import type { Deployment } from "../deployment.ts";
import { NIL_UUID } from "../http/body.ts";
import type { Context } from "../http/context.ts";
import { ApiError, brokenRule, notFound, type Validation, validationFailed } from "../http/errors.ts";
import { created, json, type Reply } from "../http/reply.ts";
import { type Route, route } from "../http/router.ts";
import { TEMPLATE_VERSIONS } from "../limits.ts";
import type { Organization } from "../state/organization.ts";
import { PLAIN } from "../state/seed-templates.ts";
import { isImporting, type TemplateVersion } from "../state/templates.ts";
import { matchedProvisioners } from "../views/jobs.ts";
import { viewTemplate, viewVersion } from "../views/templates.ts";
import { jobLogs, noLogs } from "./job-logs.ts";
import type { Lookup } from "./lookup.ts";
import { plannedResources } from "./planned-resources.ts";
import { isName } from "./users.ts";

/**
 * A version from an uploaded archive, and a template from a version. What the archive says is not looked at:
 * every import succeeds, and gives a template with one agent and no parameters.
 */
export function templateImportRoutes(deployment: Deployment, lookup: Lookup): Route[] {
  const version = "/api/v2/templateversions/{templateversion}";
  return [
    route("POST", "/api/v2/organizations/{organization}/templateversions", (context) =>
      createVersion(context, lookup.organization(context), deployment),
    ),
    route("POST", "/api/v2/organizations/{organization}/templates", (context) =>
      createTemplate(context, lookup.organization(context), deployment),
    ),
    route("GET", `${version}/variables`, (context) => {
      lookup.importedVersion(context);
      return json([]);
    }),
    route("GET", `${version}/resources`, (context) => {
      const of = lookup.version(context);
      if (isImporting(of)) throw new ApiError(400, "Job hasn't completed!");
      const jobId = of.job?.id ?? of.jobId;
      const both = ["start", "stop"].flatMap((transition) =>
        plannedResources(jobId, of, transition, deployment),
      );
      return json(both);
    }),
    route("GET", `${version}/logs`, (context) => {
      const { job } = lookup.version(context);
      // The templates that are there from the start have been imported by nobody.
      return job ? jobLogs(context, job) : noLogs(context);
    }),
  ];
}

async function createVersion(
  context: Context,
  organization: Organization,
  deployment: Deployment,
): Promise<Reply> {
  const { user } = context.caller;
  const fields = await context.body("CreateTemplateVersionRequest");
  const problems: Validation[] = [];
  const [storage, provisioner] = [fields.text("storage_method"), fields.text("provisioner")];
  if (storage !== "file") problems.push(brokenRule("storage_method", "oneof", storage));
  if (!["terraform", "echo"].includes(provisioner))
    problems.push(brokenRule("provisioner", "oneof", provisioner));
  if (problems.length) throw validationFailed(problems);
  if (!context.isOwner) throw notFound();
  const templateId = fields.uuid("template_id");
  const template = deployment.catalogue.template(templateId);
  if (templateId !== NIL_UUID && template?.organization !== organization) throw notFound();
  const fileId = fields.uuid("file_id");
  if (!deployment.files.byId(fileId)) throw new ApiError(404, "File not found.");
  const { random, clock, catalogue, builds } = deployment;
  if (catalogue.versionCount >= TEMPLATE_VERSIONS)
    throw new ApiError(403, `The sandbox has room for ${TEMPLATE_VERSIONS} template versions.`);
  const version: TemplateVersion = {
    id: random.uuid(),
    name: fields.kept("name") || `${random.letters(8).toLowerCase()}_${random.below(10)}`,
    templateId,
    organization,
    createdAt: clock.now(),
    fileId,
    jobId: random.uuid(),
    blueprint: PLAIN,
    createdBy: user,
  };
  catalogue.addVersion(version);
  version.job = builds.startImport(version, user);
  return created({
    ...viewVersion(version, deployment),
    matched_provisioners: matchedProvisioners(version, deployment),
  });
}

async function createTemplate(
  context: Context,
  organization: Organization,
  deployment: Deployment,
): Promise<Reply> {
  const { catalogue, random, clock } = deployment;
  const fields = await context.body("CreateTemplateRequest");
  const name = fields.text("name");
  const versionId = fields.uuid("template_version_id");
  if (!isName(name)) throw validationFailed([brokenRule("name", "template_name", name)]);
  if (!context.isOwner) throw notFound();
  if (catalogue.templates(organization).some((one) => one.name.toLowerCase() === name.toLowerCase())) {
    throw new ApiError(409, `Template with name "${name}" already exists.`, {
      validations: [{ field: "name", detail: "This value is already in use and should be unique." }],
    });
  }
  const version = catalogue.version(versionId);
  if (!version) {
    throw new ApiError(404, `Template version "${versionId}" does not exist.`, {
      validations: [{ field: "template_version_id", detail: "Template version does not exist" }],
    });
  }
  if (isImporting(version)) throw new ApiError(425, "Template version job has not finished");
  const template = {
    id: random.uuid(),
    name,
    displayName: fields.kept("display_name"),
    description: fields.kept("description"),
    organization,
    createdAt: clock.now(),
    createdById: context.caller.user.id,
    allowUserCancel: fields.flag("allow_user_cancel_workspace_jobs"),
    version,
  };
  version.templateId = template.id;
  catalogue.add(template);
  return created(viewTemplate(template, deployment));
}

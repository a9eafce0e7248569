import { rfc3339 } from "../clock.ts";
import type { Deployment } from "../deployment.ts";
import { NIL_UUID } from "../http/body.ts";
import type { Parameter, Preset, Template, TemplateVersion } from "../state/templates.ts";
import { NO_METADATA, tags } from "./job-tags.ts";
import { viewJob } from "./jobs.ts";

const NO_TIMES = { P50: null, P95: null };
const WEEK = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

export function viewTemplate(template: Template, deployment: Deployment): Record<string, unknown> {
  const { organization } = template;
  return {
    id: template.id,
    created_at: rfc3339(template.createdAt),
    updated_at: rfc3339(template.createdAt),
    organization_id: organization.id,
    organization_name: organization.name,
    organization_display_name: organization.displayName,
    organization_icon: "",
    name: template.name,
    display_name: template.displayName,
    provisioner: "terraform",
    active_version_id: template.version.id,
    active_user_count: 0,
    build_time_stats: { delete: NO_TIMES, start: NO_TIMES, stop: NO_TIMES },
    description: template.description,
    deprecated: false,
    deprecation_message: "",
    icon: "",
    default_ttl_ms: 0,
    activity_bump_ms: 3_600_000,
    autostop_requirement: { days_of_week: [], weeks: 1 },
    autostart_requirement: { days_of_week: WEEK },
    created_by_id: template.createdById,
    created_by_name: deployment.users.byId(template.createdById)?.username ?? "",
    allow_user_autostart: true,
    allow_user_autostop: true,
    allow_user_cancel_workspace_jobs: template.allowUserCancel,
    failure_ttl_ms: 0,
    time_til_dormant_ms: 0,
    time_til_dormant_autodelete_ms: 0,
    require_active_version: false,
    max_port_share_level: "public",
    cors_behavior: "simple",
    use_classic_parameter_flow: template.version.blueprint.classicParameters,
  };
}

export function viewVersion(version: TemplateVersion, deployment: Deployment): Record<string, unknown> {
  const at = rfc3339(version.createdAt);
  const createdBy = version.createdBy ?? deployment.owner;
  return {
    id: version.id,
    template_id: version.templateId,
    organization_id: version.organization.id,
    created_at: at,
    updated_at: version.job ? rfc3339(version.job.updatedAt) : at,
    name: version.name,
    message: "",
    job: version.job ? viewJob(version.job, deployment) : doneLongAgo(version, deployment),
    readme: "",
    created_by: { id: createdBy.id, username: createdBy.username },
    archived: false,
    has_external_agent: false,
  };
}

/** The import of a template that is there from the start. */
function doneLongAgo(version: TemplateVersion, deployment: Deployment): Record<string, unknown> {
  const at = rfc3339(version.createdAt);
  return {
    id: version.jobId,
    created_at: at,
    started_at: at,
    completed_at: at,
    status: "succeeded",
    worker_id: deployment.queue.daemons[0]?.id ?? NIL_UUID,
    file_id: version.fileId,
    tags: tags(version),
    queue_position: 0,
    queue_size: 0,
    organization_id: version.organization.id,
    input: { template_version_id: version.id },
    type: "template_version_import",
    metadata: NO_METADATA,
    logs_overflowed: false,
  };
}

export function viewParameter(parameter: Parameter): Record<string, unknown> {
  const rule = parameter.validation;
  return {
    name: parameter.name,
    ...(parameter.displayName ? { display_name: parameter.displayName } : {}),
    description: parameter.description ?? "",
    description_plaintext: parameter.descriptionPlaintext ?? parameter.description ?? "",
    type: parameter.type,
    form_type: parameter.formType,
    mutable: parameter.mutable,
    default_value: parameter.defaultValue,
    icon: "",
    options: (parameter.options ?? []).map(({ name, value }) => ({ name, description: "", value, icon: "" })),
    ...(rule ? { validation_error: rule.error } : {}),
    ...(rule?.min === undefined ? {} : { validation_min: rule.min }),
    ...(rule?.max === undefined ? {} : { validation_max: rule.max }),
    required: parameter.required,
    ephemeral: parameter.ephemeral,
  };
}

/** Go-cased keys: the server gives this type no JSON names. */
export function viewPreset(preset: Preset): Record<string, unknown> {
  return {
    ID: preset.id,
    Name: preset.name,
    Parameters: preset.parameters.map(({ name, value }) => ({ Name: name, Value: value })),
    Default: preset.isDefault ?? false,
    DesiredPrebuildInstances: 0,
    Description: "",
    Icon: "",
  };
}

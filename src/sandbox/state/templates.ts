import type { Job } from "./jobs.ts";
import type { Organization } from "./organization.ts";
import type { User } from "./users.ts";

/** A parameter as a template declares it. Numbers of `validation` are inclusive. */
export interface Parameter {
  name: string;
  displayName?: string;
  description?: string;
  descriptionPlaintext?: string;
  type: "string" | "number" | "bool" | "list(string)";
  formType: string;
  mutable: boolean;
  defaultValue: string;
  options?: { name: string; value: string }[];
  validation?: { error: string; min?: number; max?: number };
  required: boolean;
  ephemeral: boolean;
  /** Its input is hidden while it is typed. */
  masked?: boolean;
  /** It exists only where an earlier parameter has this value: `count = advanced ? 1 : 0`. */
  onlyWhere?: { name: string; value: string };
}

export interface Preset {
  id: string;
  name: string;
  parameters: { name: string; value: string }[];
  /** Of its template. */
  isDefault?: boolean;
}

export interface AppDefinition {
  slug: string;
  displayName: string;
  url: string;
  subdomain: boolean;
  sharingLevel: "owner" | "authenticated" | "organization" | "public";
  healthcheck?: { url: string; interval: number; threshold: number };
}

/** What a template's builds lead to. */
export interface Blueprint {
  parameters: Parameter[];
  presets: Preset[];
  /** Parameters as they were before they could depend on each other. */
  classicParameters: boolean;
  agents: string[];
  apps: AppDefinition[];
  externalAuth: { id: string; type: string; displayName: string }[];
  /** Tags that no provisioner daemon has: jobs stay pending, `matched_provisioners` is 0. */
  unmatched: boolean;
  /** Terraform's apply fails. */
  applyFails: boolean;
  /** The agents' startup script ends with an error. */
  startupFails: boolean;
}

export interface Template {
  id: string;
  name: string;
  displayName: string;
  description: string;
  organization: Organization;
  createdAt: number;
  createdById: string;
  allowUserCancel: boolean;
  version: TemplateVersion;
}

export interface TemplateVersion {
  id: string;
  name: string;
  templateId: string;
  organization: Organization;
  createdAt: number;
  fileId: string;
  jobId: string;
  blueprint: Blueprint;
  /** The job that imports it; none for those that are there from the start. */
  job?: Job;
  createdBy?: User;
}

export function isImporting(version: TemplateVersion): boolean {
  return version.job !== undefined && version.job.completedAt === undefined;
}

/** Organizations, templates and their versions. */
export class Catalogue {
  readonly organizations: Organization[] = [];
  readonly #templates = new Map<string, Template>();
  readonly #versions = new Map<string, TemplateVersion>();

  add(template: Template): void {
    this.#templates.set(template.id, template);
    this.#versions.set(template.version.id, template.version);
  }

  /** A version that belongs to no template, or to one that stays at its own version. */
  addVersion(version: TemplateVersion): void {
    this.#versions.set(version.id, version);
  }

  get versionCount(): number {
    return this.#versions.size;
  }

  /** Newest first. */
  versionsOf(template: Template): TemplateVersion[] {
    return [...this.#versions.values()].filter((one) => one.templateId === template.id).reverse();
  }

  template(id: string): Template | undefined {
    return this.#templates.get(id);
  }

  version(id: string): TemplateVersion | undefined {
    return this.#versions.get(id);
  }

  /** By name, as the server lists them. */
  templates(organization?: Organization): Template[] {
    return [...this.#templates.values()]
      .filter((one) => !organization || one.organization === organization)
      .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  }

  /** `{organization}` in a path: an id, a name, or `default`. */
  organization(ref: string): Organization | undefined {
    const wanted = ref.toLowerCase();
    return this.organizations.find(
      (one) => one.id === wanted || one.name === wanted || (wanted === "default" && one.isDefault),
    );
  }
}

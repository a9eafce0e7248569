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
}

export interface Preset {
  id: string;
  name: string;
  parameters: { name: string; value: string }[];
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

export interface Organization {
  id: string;
  name: string;
  displayName: string;
  description: string;
  isDefault: boolean;
  createdAt: number;
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

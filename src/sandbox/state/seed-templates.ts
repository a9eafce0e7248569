import type { Random } from "../random.ts";
import type { Organization } from "./organization.ts";
import type { Blueprint, Catalogue, Parameter } from "./templates.ts";

const HOME_DISK: Parameter = {
  name: "home_disk_size",
  displayName: "Home disk size",
  description: "The size of the home disk in GB",
  type: "number",
  formType: "input",
  mutable: false,
  defaultValue: "10",
  validation: { error: "home_disk_size must be between {min} and {max}, got {value}", min: 1, max: 100 },
  required: false,
  ephemeral: false,
};

/** One of each kind, as in the recorded template. */
const ALL_KINDS: Parameter[] = [
  {
    name: "region",
    displayName: "Region",
    description: "Where to place the **workspace**",
    descriptionPlaintext: "Where to place the workspace",
    type: "string",
    formType: "radio",
    mutable: false,
    defaultValue: "",
    options: [
      { name: "Europe", value: "eu" },
      { name: "America", value: "us" },
    ],
    required: true,
    ephemeral: false,
  },
  {
    name: "cpu",
    type: "number",
    formType: "input",
    mutable: true,
    defaultValue: "2",
    validation: { error: "cpu must be between {min} and {max}, got {value}", min: 1, max: 8 },
    required: false,
    ephemeral: false,
  },
  {
    name: "note",
    type: "string",
    formType: "input",
    mutable: true,
    defaultValue: "",
    required: false,
    ephemeral: true,
  },
  {
    name: "tags",
    type: "list(string)",
    formType: "tag-select",
    mutable: true,
    defaultValue: '["a","b"]',
    required: false,
    ephemeral: false,
  },
];

/** One whose input is hidden, and one that is meant for a single build. */
const SECRETS: Parameter[] = [
  {
    name: "password",
    type: "string",
    formType: "input",
    mutable: true,
    defaultValue: "",
    required: true,
    ephemeral: false,
    masked: true,
  },
  {
    name: "once",
    type: "string",
    formType: "input",
    mutable: true,
    defaultValue: "",
    required: false,
    ephemeral: true,
  },
];

/** Some depend on the values of others. */
const CONDITIONAL: Parameter[] = [
  {
    name: "advanced",
    type: "bool",
    formType: "checkbox",
    mutable: true,
    defaultValue: "false",
    required: false,
    ephemeral: false,
  },
  {
    name: "region",
    type: "string",
    formType: "radio",
    mutable: false,
    defaultValue: "us",
    options: [
      { name: "Europe", value: "eu" },
      { name: "America", value: "us" },
    ],
    required: false,
    ephemeral: false,
  },
  {
    name: "size",
    type: "number",
    formType: "input",
    mutable: true,
    defaultValue: "",
    validation: { error: "size must be between {min} and {max}, got {value}", min: 1, max: 64 },
    required: true,
    ephemeral: false,
    onlyWhere: { name: "advanced", value: "true" },
  },
];

const APPS: Blueprint["apps"] = [
  {
    slug: "echo",
    displayName: "Echo",
    url: "http://localhost:3990",
    subdomain: false,
    sharingLevel: "owner",
  },
  {
    slug: "deadport",
    displayName: "deadport",
    url: "http://localhost:3989",
    subdomain: false,
    sharingLevel: "owner",
  },
  {
    slug: "echoauth",
    displayName: "echoauth",
    url: "http://localhost:3990",
    subdomain: false,
    sharingLevel: "authenticated",
  },
  {
    slug: "echopub",
    displayName: "echopub",
    url: "http://localhost:3990/base",
    subdomain: false,
    sharingLevel: "public",
    healthcheck: { url: "http://localhost:3990/health", interval: 2, threshold: 3 },
  },
  {
    slug: "echosub",
    displayName: "echosub",
    url: "http://localhost:3990",
    subdomain: true,
    sharingLevel: "owner",
  },
];

/** One agent, and nothing else. */
export const PLAIN: Blueprint = {
  parameters: [],
  presets: [],
  classicParameters: false,
  agents: ["main"],
  apps: [],
  externalAuth: [],
  unmatched: false,
  applyFails: false,
  startupFails: false,
};

/** Organizations and templates of a new sandbox: one for each thing that a scale test has to cope with. */
export function seedCatalogue(catalogue: Catalogue, random: Random, createdById: string, now: number): void {
  const organization = (name: string, displayName: string, description: string, isDefault: boolean) => {
    const made = { id: random.uuid(), name, displayName, description, isDefault, createdAt: now };
    catalogue.organizations.push(made);
    return made;
  };
  const template = (of: Organization, name: string, description: string, blueprint: Partial<Blueprint>) => {
    const id = random.uuid();
    const version = {
      id: random.uuid(),
      name: `${random.letters(8).toLowerCase()}_1`,
      templateId: id,
      organization: of,
      createdAt: now,
      fileId: random.uuid(),
      jobId: random.uuid(),
      blueprint: { ...PLAIN, ...blueprint },
    };
    catalogue.add({
      id,
      name,
      displayName: "",
      description,
      organization: of,
      createdAt: now,
      createdById,
      allowUserCancel: false,
      version,
    });
  };

  const main = organization("coder", "Coder", "Builtin default organization.", true);
  const research = organization("research", "Research", "A second organization.", false);
  const github = { id: "github", type: "github", displayName: "GitHub" };
  const preset = {
    id: random.uuid(),
    name: "Small EU",
    parameters: [
      { name: "cpu", value: "1" },
      { name: "region", value: "eu" },
    ],
  };
  template(main, "kubernetes", "A workspace with one agent.", { parameters: [HOME_DISK] });
  template(main, "two-agents", "A workspace with two agents.", { agents: ["main", "gpu"] });
  template(main, "no-agent", "A workspace without an agent.", { agents: [] });
  template(main, "failing-build", "Its builds fail.", { applyFails: true });
  template(main, "failing-startup", "Its startup script fails.", { startupFails: true });
  template(main, "external-auth", "Needs an account that nobody has linked.", { externalAuth: [github] });
  template(main, "no-provisioner", "No provisioner daemon has its tags.", { unmatched: true });
  template(main, "all-parameters", "One parameter of each kind, apps and a preset.", {
    parameters: ALL_KINDS,
    presets: [preset],
    apps: APPS,
  });
  template(main, "secret-parameters", "A parameter that is hidden, and one for a single build.", {
    parameters: [HOME_DISK, ...SECRETS],
  });
  template(main, "shared", "A name that two organizations use.", {});
  template(research, "shared", "A name that two organizations use.", {});
  template(research, "research", "A template of the second organization.", {});
  template(main, "conditional-parameters", "A parameter that exists only with a value of another; presets.", {
    parameters: CONDITIONAL,
    presets: [
      {
        id: random.uuid(),
        name: "Large",
        parameters: [
          { name: "advanced", value: "true" },
          { name: "region", value: "us" },
        ],
      },
      {
        id: random.uuid(),
        name: "Small EU",
        parameters: [{ name: "region", value: "eu" }],
        isDefault: true,
      },
    ],
  });
  template(main, "classic-parameters", "Parameters that do not depend on each other.", {
    parameters: [HOME_DISK],
    classicParameters: true,
  });
}

import { DatabaseSync } from "node:sqlite";
import * as z from "zod";
import type { Builds } from "./builds.ts";
import { jobStatus } from "./jobs.ts";
import { type KeptWorkspace, keptWorkspaceSchema } from "./kept.ts";
import type { Workspace } from "./model.ts";
import type { Catalogue } from "./templates.ts";
import type { Users } from "./users.ts";
import { latestBuild, type Workspaces } from "./workspaces.ts";

const SAVE_EVERY_MS = 1_000;
const KINDS = ["users", "keys", "workspaces"] as const;
type Kind = (typeof KINDS)[number];

const userSchema = z.looseObject({ id: z.string() });
const keySchema = z.looseObject({ id: z.string(), userId: z.string() });
export interface Kept {
  users: Users;
  workspaces: Workspaces;
  builds: Builds;
  catalogue: Catalogue;
}

/**
 * Keeps users, keys and workspaces in a SQLite file over restarts. What is not kept: build logs, the builds
 * before the last one, terminals. Organizations and templates follow from the seed, and so must be the same.
 */
export class Keeper {
  readonly #database: DatabaseSync;
  readonly #kept: Kept;
  readonly #saved = new Map<Kind, Map<string, string>>(KINDS.map((kind) => [kind, new Map()]));
  readonly #timer: NodeJS.Timeout;

  /** Loads what the file has. Throws where it is no such file, or of another seed. */
  constructor(file: string, kept: Kept) {
    this.#kept = kept;
    this.#database = new DatabaseSync(file);
    this.#database.exec("PRAGMA journal_mode = WAL");
    for (const kind of KINDS)
      this.#database.exec(`CREATE TABLE IF NOT EXISTS ${kind} (id TEXT PRIMARY KEY, json TEXT)`);
    this.#load();
    this.#timer = setInterval(() => this.save(), SAVE_EVERY_MS);
    this.#timer.unref();
  }

  save(): void {
    const { users, workspaces } = this.#kept;
    const all = [...users.all()];
    this.#database.exec("BEGIN");
    this.#write(
      "users",
      all.map((user) => [user.id, user]),
    );
    this.#write(
      "keys",
      all.flatMap((user) => users.keysOf(user).map((key) => [key.id, key] as const)),
    );
    this.#write(
      "workspaces",
      [...workspaces.live()]
        // Imported templates are not kept, and so neither is what was made of them.
        .filter((workspace) => workspace.template.version.job === undefined)
        .map((workspace) => [workspace.id, describe(workspace)]),
    );
    this.#database.exec("COMMIT");
  }

  close(): void {
    clearInterval(this.#timer);
    this.save();
    this.#database.close();
  }

  /** Writes what has changed since the last time, and takes out what is gone. */
  #write(kind: Kind, rows: readonly (readonly [string, unknown])[]): void {
    const saved = this.#saved.get(kind) ?? new Map<string, string>();
    const put = this.#database.prepare(`INSERT OR REPLACE INTO ${kind} (id, json) VALUES (?, ?)`);
    const gone = new Set(saved.keys());
    for (const [id, value] of rows) {
      gone.delete(id);
      const json = JSON.stringify(value);
      if (saved.get(id) === json) continue;
      saved.set(id, json);
      put.run(id, json);
    }
    const remove = this.#database.prepare(`DELETE FROM ${kind} WHERE id = ?`);
    for (const id of gone) {
      saved.delete(id);
      remove.run(id);
    }
  }

  #load(): void {
    const { users, builds, catalogue } = this.#kept;
    for (const value of this.#read("users")) users.restore(userSchema.parse(value) as never);
    for (const value of this.#read("keys")) users.restoreKey(keySchema.parse(value) as never);
    for (const value of this.#read("workspaces")) {
      const workspace = keptWorkspaceSchema.parse(value);
      const owner = users.byId(workspace.ownerId);
      const template = catalogue.template(workspace.templateId);
      if (!owner || !template)
        throw new Error(`the state of workspace ${workspace.name} is of a sandbox with another seed`);
      builds.restore(workspace, owner, template);
    }
  }

  #read(kind: Kind): unknown[] {
    const rows = this.#database.prepare(`SELECT id, json FROM ${kind}`).all() as {
      id: string;
      json: string;
    }[];
    for (const { id, json } of rows) this.#saved.get(kind)?.set(id, json);
    return rows.map(({ json }) => JSON.parse(json) as unknown);
  }
}

function describe(workspace: Workspace): KeptWorkspace {
  const build = latestBuild(workspace);
  const status = jobStatus(build.job);
  return {
    id: workspace.id,
    name: workspace.name,
    ownerId: workspace.owner.id,
    templateId: workspace.template.id,
    createdAt: workspace.createdAt,
    parameters: Object.fromEntries(build.parameters),
    build: {
      number: build.number,
      transition: build.transition,
      over: build.job.completedAt !== undefined,
      failed: status === "failed" || status === "canceled",
    },
    agents: build.resources.flatMap((resource) => resource.agents.map(({ id, name }) => ({ id, name }))),
  };
}

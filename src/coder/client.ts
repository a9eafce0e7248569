import * as z from "zod";
import type { Target } from "../protocol/target.ts";
import { say } from "../text/message.ts";
import { CoderError, isFailure } from "./errors.ts";
import {
  type Agent,
  agentSchema,
  apiKeySchema,
  type Build,
  type BuildInfo,
  buildInfoSchema,
  buildSchema,
  type DryRunResource,
  dryRunResourceSchema,
  type ExternalAuth,
  externalAuthSchema,
  type Job,
  jobSchema,
  type LogLine,
  logLinesSchema,
  type MatchedProvisioners,
  matchedProvisionersSchema,
  type Organization,
  organizationSchema,
  type RichParameter,
  richParameterSchema,
  type Template,
  templateSchema,
  templateVersionSchema,
  type User,
  userSchema,
  usersSchema,
  type Workspace,
  workspaceSchema,
  workspacesSchema,
} from "./schemas.ts";
import type { Subject } from "./session.ts";
import { type Call, type RequestOptions, Transport } from "./transport.ts";

export interface ParameterValue {
  name: string;
  value: string;
}

export interface NewUser {
  username: string;
  email: string;
  organizationIds: readonly string[];
  /** Without one the user cannot log in at all, and there is nothing to leak. */
  password?: string;
}

/** What a deployment makes although nobody waits any more would be left behind: found by nobody who looks before that. */
const ANSWER_GRACE_MS = 5_000;

/**
 * A deployment's REST API as one user, on behalf of one subject. Cheap to make: all clients of a
 * deployment share one transport. Every method throws CoderError.
 */
export class CoderClient {
  readonly transport: Transport;
  readonly subject: Subject;
  /** Of somebody else than the session's user. */
  #ownToken: string | undefined;

  constructor(
    target: Target,
    shared?: { transport: Transport; token: string | undefined; subject: Subject },
  ) {
    this.transport = shared?.transport ?? new Transport(target);
    this.#ownToken = shared?.token;
    this.subject = shared?.subject ?? "run";
  }

  get token(): string {
    const { session } = this.transport;
    return this.#ownToken === undefined ? session.token : session.current(this.#ownToken);
  }

  /** Milliseconds by a clock that stands still while requests of this subject wait for a sign-in. */
  clock(): number {
    return performance.now() - this.transport.session.stoodMs(this.subject);
  }

  /** The same deployment with another token, or for another subject. */
  as(change: { token?: string; subject?: Subject }): CoderClient {
    return new CoderClient(this.transport.target, {
      transport: this.transport,
      token: change.token ?? this.#ownToken,
      subject: change.subject ?? this.subject,
    });
  }

  async close(): Promise<void> {
    await this.transport.close();
  }

  // Deployment

  /** Public; also the probe for the rate limit (docs/coder-api.md, Rate limits) and for "is this Coder at all". */
  buildInfo(options?: RequestOptions): Promise<BuildInfo> {
    return this.#get("/api/v2/buildinfo", "/api/v2/buildinfo", buildInfoSchema, options);
  }

  me(options?: RequestOptions): Promise<User> {
    return this.#get("/api/v2/users/me", "/api/v2/users/me", userSchema, options);
  }

  organizations(options?: RequestOptions): Promise<Organization[]> {
    return this.#get("/api/v2/organizations", "/api/v2/organizations", z.array(organizationSchema), options);
  }

  // Templates

  /** Of all organizations that the user can see; deprecated ones are left out by the server. */
  templates(options?: RequestOptions): Promise<Template[]> {
    return this.#get("/api/v2/templates", "/api/v2/templates", z.array(templateSchema), options);
  }

  template(id: string, options?: RequestOptions): Promise<Template> {
    return this.#get(`/api/v2/templates/${id}`, "/api/v2/templates/{template}", templateSchema, options);
  }

  templateVersion(id: string, options?: RequestOptions): Promise<{ name: string }> {
    const path = `/api/v2/templateversions/${id}`;
    return this.#get(path, "/api/v2/templateversions/{version}", templateVersionSchema, options);
  }

  richParameters(versionId: string, options?: RequestOptions): Promise<RichParameter[]> {
    return this.#get(
      `/api/v2/templateversions/${versionId}/rich-parameters`,
      "/api/v2/templateversions/{version}/rich-parameters",
      z.array(richParameterSchema),
      options,
    );
  }

  /** What the *calling* user would have to sign in to. */
  externalAuth(versionId: string, options?: RequestOptions): Promise<ExternalAuth[]> {
    return this.#get(
      `/api/v2/templateversions/${versionId}/external-auth`,
      "/api/v2/templateversions/{version}/external-auth",
      z
        .array(externalAuthSchema)
        .nullable()
        .transform((list) => list ?? []),
      options,
    );
  }

  createDryRun(
    versionId: string,
    body: { workspace_name: string; rich_parameter_values: readonly ParameterValue[] },
    options?: RequestOptions,
  ): Promise<Job> {
    return this.#send(
      "POST",
      `/api/v2/templateversions/${versionId}/dry-run`,
      DRY_RUN,
      jobSchema,
      body,
      options,
    );
  }

  dryRun(versionId: string, job: string, options?: RequestOptions): Promise<Job> {
    return this.#get(
      `/api/v2/templateversions/${versionId}/dry-run/${job}`,
      `${DRY_RUN}/{job}`,
      jobSchema,
      options,
    );
  }

  dryRunMatchedProvisioners(
    versionId: string,
    job: string,
    options?: RequestOptions,
  ): Promise<MatchedProvisioners> {
    return this.#get(
      `/api/v2/templateversions/${versionId}/dry-run/${job}/matched-provisioners`,
      `${DRY_RUN}/{job}/matched-provisioners`,
      matchedProvisionersSchema,
      options,
    );
  }

  dryRunResources(versionId: string, job: string, options?: RequestOptions): Promise<DryRunResource[]> {
    return this.#get(
      `/api/v2/templateversions/${versionId}/dry-run/${job}/resources`,
      `${DRY_RUN}/{job}/resources`,
      z
        .array(dryRunResourceSchema)
        .nullable()
        .transform((list) => list ?? []),
      options,
    );
  }

  /** All lines so far, oldest first. */
  dryRunLogs(versionId: string, job: string, options?: RequestOptions): Promise<LogLine[]> {
    return this.#get(
      `/api/v2/templateversions/${versionId}/dry-run/${job}/logs`,
      `${DRY_RUN}/{job}/logs`,
      logLinesSchema,
      options,
    );
  }

  async cancelDryRun(versionId: string, job: string, options?: RequestOptions): Promise<void> {
    await this.#call(
      "PATCH",
      `/api/v2/templateversions/${versionId}/dry-run/${job}/cancel`,
      `${DRY_RUN}/{job}/cancel`,
      undefined,
      options,
    );
  }

  // Users

  createUser(user: NewUser, options?: RequestOptions): Promise<User> {
    const body = {
      username: user.username,
      email: user.email,
      organization_ids: user.organizationIds,
      ...(user.password === undefined ? { login_type: "none" } : { password: user.password }),
    };
    return this.#make("/api/v2/users", "/api/v2/users", userSchema, body, options);
  }

  /** By id, name or `me`. The server says 400 for one that does not exist (docs/coder-api.md, Errors). */
  async user(idOrName: string, options?: RequestOptions): Promise<User | undefined> {
    const path = `/api/v2/users/${encodeURIComponent(idOrName)}`;
    try {
      return await this.#get(path, "/api/v2/users/{user}", userSchema, options);
    } catch (error) {
      if (isFailure(error, "not_found", "validation")) return undefined;
      throw error;
    }
  }

  /** All users whose name or e-mail contains the text, in pages. */
  async findUsers(text: string, options?: RequestOptions): Promise<User[]> {
    return this.#pages(async (offset) => {
      const query = { q: text, limit: String(PAGE), offset: String(offset) };
      const page = await this.#get("/api/v2/users", "/api/v2/users", usersSchema, options, query);
      // The users' count is 0 on an empty page (docs/coder-api.md, Users), so only the page itself tells the end.
      return { items: page.users ?? [], count: undefined };
    });
  }

  /** By id: repeating it is harmless, the server says 200 again (docs/coder-api.md, Users). */
  async deleteUser(id: string, options?: RequestOptions): Promise<void> {
    await this.#call("DELETE", `/api/v2/users/${id}`, "/api/v2/users/{user}", undefined, options);
  }

  /** A token for a user; only owners may make one for somebody else. Resolves with the secret. */
  async createToken(
    userId: string,
    lifetimeMs: number,
    name: string,
    options?: RequestOptions,
  ): Promise<string> {
    // The API's lifetime is in nanoseconds.
    const body = { lifetime: lifetimeMs * 1_000_000, scope: "all", token_name: name };
    const path = `/api/v2/users/${userId}/keys/tokens`;
    const answer = await this.#make(path, "/api/v2/users/{user}/keys/tokens", apiKeySchema, body, options);
    return answer.key;
  }

  /** Of a token by its name; undefined where there is none. */
  async tokenId(userId: string, name: string, options?: RequestOptions): Promise<string | undefined> {
    const path = `/api/v2/users/${userId}/keys/tokens/${encodeURIComponent(name)}`;
    const route = "/api/v2/users/{user}/keys/tokens/{name}";
    const found = await this.#orUndefined(this.#get(path, route, z.object({ id: z.string() }), options));
    return found?.id;
  }

  /** `id` is the first ten characters of the token. */
  async deleteToken(userId: string, id: string, options?: RequestOptions): Promise<void> {
    try {
      await this.#call(
        "DELETE",
        `/api/v2/users/${userId}/keys/${id}`,
        "/api/v2/users/{user}/keys/{key}",
        undefined,
        options,
      );
    } catch (error) {
      if (!isFailure(error, "not_found")) throw error;
    }
  }

  // Workspaces

  createWorkspace(
    userId: string,
    body: {
      template_id: string;
      name: string;
      rich_parameter_values: readonly ParameterValue[];
      template_version_preset_id?: string;
    },
    options?: RequestOptions,
  ): Promise<Workspace> {
    const path = `/api/v2/users/${userId}/workspaces`;
    return this.#make(path, "/api/v2/users/{user}/workspaces", workspaceSchema, body, options);
  }

  /** undefined where it does not exist, or is deleted. */
  async workspace(id: string, options?: RequestOptions): Promise<Workspace | undefined> {
    return this.#orUndefined(this.#get(`/api/v2/workspaces/${id}`, WORKSPACE, workspaceSchema, options));
  }

  /** A deleted one, too; undefined where there has never been one that we may see. */
  async workspaceOrGrave(id: string, options?: RequestOptions): Promise<Workspace | undefined> {
    const query = { include_deleted: "true" };
    return this.#orUndefined(
      this.#get(`/api/v2/workspaces/${id}`, WORKSPACE, workspaceSchema, options, query),
    );
  }

  async workspaceByName(
    owner: string,
    name: string,
    options?: RequestOptions,
  ): Promise<Workspace | undefined> {
    const path = `/api/v2/users/${encodeURIComponent(owner)}/workspace/${encodeURIComponent(name)}`;
    const route = "/api/v2/users/{user}/workspace/{name}";
    try {
      return await this.#orUndefined(this.#get(path, route, workspaceSchema, options));
    } catch (error) {
      // An unknown owner is a 400.
      if (isFailure(error, "validation")) return undefined;
      throw error;
    }
  }

  /**
   * All workspaces that a query finds. The order depends on build states, so a page may repeat or miss one
   * while builds finish (docs/coder-api.md, Workspaces); repeats are dropped here.
   */
  async findWorkspaces(q: string, options?: RequestOptions): Promise<Workspace[]> {
    const found = await this.#pages(async (offset) => {
      const query = { q, limit: String(PAGE), offset: String(offset) };
      const page = await this.#get(
        "/api/v2/workspaces",
        "/api/v2/workspaces",
        workspacesSchema,
        options,
        query,
      );
      return { items: page.workspaces ?? [], count: page.count };
    });
    return [...new Map(found.map((workspace) => [workspace.id, workspace])).values()];
  }

  async countWorkspaces(q: string, options?: RequestOptions): Promise<number> {
    const query = { q, limit: "1", offset: "0" };
    return (await this.#get("/api/v2/workspaces", "/api/v2/workspaces", workspacesSchema, options, query))
      .count;
  }

  createBuild(
    workspaceId: string,
    transition: "start" | "stop" | "delete",
    options?: RequestOptions,
  ): Promise<Build> {
    const path = `/api/v2/workspaces/${workspaceId}/builds`;
    return this.#make(path, `${WORKSPACE}/builds`, buildSchema, { transition }, options);
  }

  /** Deletes a workspace and leaves what it stands for where it is; needs the right to update its template. */
  orphan(workspaceId: string, options?: RequestOptions): Promise<Build> {
    const path = `/api/v2/workspaces/${workspaceId}/builds`;
    const body = { transition: "delete", orphan: true };
    return this.#send("POST", path, `${WORKSPACE}/builds`, buildSchema, body, options);
  }

  /** The newest first; those of a deleted workspace too. */
  builds(workspaceId: string, options?: RequestOptions): Promise<Build[]> {
    const path = `/api/v2/workspaces/${workspaceId}/builds`;
    return this.#get(path, `${WORKSPACE}/builds`, z.array(buildSchema), options);
  }

  build(id: string, options?: RequestOptions): Promise<Build> {
    return this.#get(`/api/v2/workspacebuilds/${id}`, BUILD, buildSchema, options);
  }

  async cancelBuild(id: string, options?: RequestOptions): Promise<void> {
    await this.#call("PATCH", `/api/v2/workspacebuilds/${id}/cancel`, `${BUILD}/cancel`, undefined, options);
  }

  /** All lines so far, oldest first. */
  buildLogs(id: string, options?: RequestOptions): Promise<LogLine[]> {
    return this.#get(`/api/v2/workspacebuilds/${id}/logs`, `${BUILD}/logs`, logLinesSchema, options);
  }

  agent(id: string, options?: RequestOptions): Promise<Agent> {
    return this.#get(
      `/api/v2/workspaceagents/${id}`,
      "/api/v2/workspaceagents/{agent}",
      agentSchema,
      options,
    );
  }

  // Plumbing

  #get<S extends z.ZodType>(
    path: string,
    route: string,
    schema: S,
    options: RequestOptions = {},
    query?: Record<string, string>,
  ): Promise<z.output<S>> {
    return this.transport.json(this.#callOf("GET", path, route, options, { query }), schema);
  }

  /** A POST that makes something: once sent, its answer is waited for beyond a stop. */
  #make<S extends z.ZodType>(
    path: string,
    route: string,
    schema: S,
    body: unknown,
    options: RequestOptions = {},
  ): Promise<z.output<S>> {
    return this.#send("POST", path, route, schema, body, { graceMs: ANSWER_GRACE_MS, ...options });
  }

  #send<S extends z.ZodType>(
    method: Call["method"],
    path: string,
    route: string,
    schema: S,
    body: unknown,
    options: RequestOptions = {},
  ): Promise<z.output<S>> {
    return this.transport.json(this.#callOf(method, path, route, options, { body }), schema);
  }

  #call(
    method: Call["method"],
    path: string,
    route: string,
    body: unknown,
    options: RequestOptions = {},
  ): Promise<unknown> {
    return this.transport.request(this.#callOf(method, path, route, options, { body }));
  }

  #callOf(
    method: Call["method"],
    path: string,
    route: string,
    options: RequestOptions,
    extra: { query?: Record<string, string> | undefined; body?: unknown },
  ): Call {
    const call: Call = {
      ...options,
      method,
      path,
      route: `${method} ${route}`,
      token: this.token,
      subject: this.subject,
    };
    if (extra.query) call.query = extra.query;
    if (extra.body !== undefined) call.body = extra.body;
    return call;
  }

  async #orUndefined<T>(answer: Promise<T>): Promise<T | undefined> {
    try {
      return await answer;
    } catch (error) {
      if (isFailure(error, "not_found")) return undefined;
      throw error;
    }
  }

  /** Ends on an empty page or past the count, never on a short page (docs/coder-api.md, Workspaces). */
  async #pages<T>(
    fetch: (offset: number) => Promise<{ items: readonly T[]; count: number | undefined }>,
  ): Promise<T[]> {
    const all: T[] = [];
    for (let offset = 0; offset < MAX_LISTED; offset += PAGE) {
      const page = await fetch(offset);
      all.push(...page.items);
      if (page.items.length === 0 || (page.count !== undefined && offset + PAGE >= page.count)) return all;
    }
    throw new CoderError({
      kind: "unexpected",
      route: "GET (list)",
      status: 200,
      message: say("the list does not end within {0} entries", MAX_LISTED),
    });
  }
}

const PAGE = 100;
const MAX_LISTED = 100_000;
const DRY_RUN = "/api/v2/templateversions/{version}/dry-run";
const WORKSPACE = "/api/v2/workspaces/{workspace}";
const BUILD = "/api/v2/workspacebuilds/{build}";

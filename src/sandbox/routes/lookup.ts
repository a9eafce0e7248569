import type { Deployment } from "../deployment.ts";
import { isUuid } from "../http/body.ts";
import type { Context } from "../http/context.ts";
import { ApiError, notFound } from "../http/errors.ts";
import type { Agent, Build, Workspace } from "../state/model.ts";
import type { Organization } from "../state/organization.ts";
import { isImporting, type Template, type TemplateVersion } from "../state/templates.ts";
import type { User } from "../state/users.ts";

/** Finds what a path names, checks that the caller may see it, and counts the request for it. */
export class Lookup {
  readonly #deployment: Deployment;

  constructor(deployment: Deployment) {
    this.#deployment = deployment;
  }

  /**
   * `{user}`: `me`, an id (also of a deleted user) or a name. A member sees only itself.
   * @throws ApiError 400
   */
  user(context: Context): User {
    const ref = context.param("user");
    const user = this.#findUser(ref, context);
    if (!user || (!context.isOwner && user !== context.caller.user)) throw unknownUser(ref);
    this.count(user);
    return user;
  }

  /** As `user`, but somebody else's is "not found" to a member. @throws ApiError 400, 404 */
  member(context: Context): User {
    const ref = context.param("user");
    const user = this.#findUser(ref, context);
    if (!user) throw unknownUser(ref);
    if (!context.isOwner && user !== context.caller.user) throw notFound();
    this.count(user);
    return user;
  }

  #findUser(ref: string, context: Context): User | undefined {
    if (ref === "me") return context.caller.user;
    return isUuid(ref) ? this.#deployment.users.byId(ref.toLowerCase()) : this.#deployment.users.byName(ref);
  }

  /** Requests for an administrator are for no workspace's life. */
  count(user: User): void {
    if (!user.roles.includes("owner")) this.#deployment.stats.countUser(user);
  }

  /** @throws ApiError 400, 404, and 410 for a deleted one unless `include_deleted` is set */
  workspace(context: Context, deleted: "refuse" | "accept" = "accept"): Workspace {
    const id = context.uuid("workspace");
    const workspace = this.#deployment.workspaces.byId(id);
    if (!workspace || !this.#owns(context, workspace)) throw notFound();
    this.#deployment.stats.countWorkspace(workspace);
    if (workspace.deleted && deleted === "refuse" && context.query.get("include_deleted") !== "true") {
      throw new ApiError(
        410,
        `Workspace "${id}" was deleted, you can view this workspace by specifying '?deleted=true' and trying again.`,
      );
    }
    return workspace;
  }

  build(context: Context): Build {
    const build = this.#deployment.workspaces.build(context.uuid("workspacebuild"));
    if (!build || !this.#owns(context, build.workspace)) throw notFound();
    this.#deployment.stats.countWorkspace(build.workspace);
    return build;
  }

  agent(context: Context): Agent {
    const agent = this.#deployment.agents.byId(context.uuid("workspaceagent"));
    if (!agent || !this.#owns(context, agent.workspace)) {
      throw new ApiError(404, "Agent doesn't exist with that id, or you do not have access to it.");
    }
    this.#deployment.stats.countWorkspace(agent.workspace);
    return agent;
  }

  organization(context: Context): Organization {
    const organization = this.#deployment.catalogue.organization(context.param("organization"));
    if (!organization || !this.inOrganization(context, organization)) throw notFound();
    return organization;
  }

  template(context: Context): Template {
    const template = this.#deployment.catalogue.template(context.uuid("template"));
    if (!template || !this.inOrganization(context, template.organization)) throw notFound();
    return template;
  }

  version(context: Context): TemplateVersion {
    const version = this.#deployment.catalogue.version(context.uuid("templateversion"));
    if (!version || !this.inOrganization(context, version.organization)) throw notFound();
    return version;
  }

  /** A version whose import is over. @throws ApiError 400, 404, 425 */
  importedVersion(context: Context): TemplateVersion {
    const version = this.version(context);
    if (isImporting(version)) throw new ApiError(425, "Template version job has not finished");
    return version;
  }

  inOrganization(context: Context, organization: Organization): boolean {
    return context.isOwner || context.caller.user.organizationIds.includes(organization.id);
  }

  #owns(context: Context, workspace: Workspace): boolean {
    return context.isOwner || workspace.owner === context.caller.user;
  }
}

function unknownUser(ref: string): ApiError {
  return new ApiError(400, '"user" must be an existing uuid or username.', {
    detail: `queried user="${ref}"`,
  });
}

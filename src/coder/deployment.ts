import * as z from "zod";
import type { CoderClient } from "./client.ts";
import { isFailure } from "./errors.ts";
import type { RequestOptions } from "./transport.ts";

/**
 * What a deployment says about itself, for the checks before a load (docs/coder-api.md, About a deployment). Parts
 * that this user may not read, or that this edition does not have, are undefined: a question that cannot be asked is
 * not an error.
 */

export const daemonSchema = z.object({
  id: z.string().optional(),
  name: z.string(),
  status: z.string().default("offline"),
});
export type Daemon = z.infer<typeof daemonSchema>;

export const entitlementsSchema = z.object({
  has_license: z.boolean().default(false),
  features: z
    .record(
      z.string(),
      z.object({
        enabled: z.boolean().default(false),
        limit: z.number().nullish(),
        actual: z.number().nullish(),
      }),
    )
    .default({}),
});
export type Entitlements = z.infer<typeof entitlementsSchema>;

/** Keys that are false or empty are left out by the server. */
export const deploymentConfigSchema = z.object({
  config: z.object({
    disable_owner_workspace_exec: z.boolean().default(false),
    browser_only: z.boolean().default(false),
    /** Nanoseconds. */
    session_lifetime: z
      .object({
        max_token_lifetime: z.number().default(0),
        disable_expiry_refresh: z.boolean().default(false),
      })
      .optional(),
    provisioner: z.object({ daemons: z.number().default(0) }).optional(),
    prometheus: z.object({ enable: z.boolean().default(false), address: z.string().default("") }).optional(),
  }),
});
export type DeploymentConfig = z.infer<typeof deploymentConfigSchema>["config"];

/** With its sections, which differ by version. */
export const healthSchema = z.looseObject({
  severity: z.string().default("ok"),
  healthy: z.boolean().default(true),
});
export type Health = z.infer<typeof healthSchema> & Record<string, unknown>;

const replicasSchema = z.array(z.object({ hostname: z.string().default("") }));

export class DeploymentInfo {
  #client: CoderClient;
  #options: RequestOptions;

  constructor(client: CoderClient, options: RequestOptions) {
    this.#client = client;
    this.#options = options;
  }

  daemons(organizationId: string): Promise<Daemon[] | undefined> {
    return this.#ask(
      `/api/v2/organizations/${organizationId}/provisionerdaemons`,
      "/api/v2/organizations/{organization}/provisionerdaemons",
      z
        .array(daemonSchema)
        .nullable()
        .transform((list) => list ?? []),
      { limit: "1000" },
    );
  }

  entitlements(): Promise<Entitlements | undefined> {
    return this.#ask("/api/v2/entitlements", "/api/v2/entitlements", entitlementsSchema);
  }

  /** How many coderd replicas there are; undefined on editions that have one only. */
  async replicas(): Promise<number | undefined> {
    return (await this.#ask("/api/v2/replicas", "/api/v2/replicas", replicasSchema))?.length;
  }

  async config(): Promise<DeploymentConfig | undefined> {
    return (await this.#ask("/api/v2/deployment/config", "/api/v2/deployment/config", deploymentConfigSchema))
      ?.config;
  }

  health(): Promise<Health | undefined> {
    return this.#ask("/api/v2/debug/health", "/api/v2/debug/health", healthSchema);
  }

  async #ask<S extends z.ZodType>(
    path: string,
    route: string,
    schema: S,
    query?: Record<string, string>,
  ): Promise<z.output<S> | undefined> {
    try {
      return await this.#client.transport.json(
        {
          ...this.#options,
          method: "GET",
          path,
          route: `GET ${route}`,
          token: this.#client.token,
          subject: this.#client.subject,
          ...(query ? { query } : {}),
        },
        schema,
      );
    } catch (error) {
      if (isFailure(error, "not_found", "forbidden", "unexpected", "validation", "server")) return undefined;
      throw error;
    }
  }
}

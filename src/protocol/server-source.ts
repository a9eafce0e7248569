import * as z from "zod";
import { networkSchema } from "./target.ts";

const pageSchema = z.object({
  kind: z.literal("prometheus"),
  /** Of a page in the exposition format. */
  url: z.url(),
  /** How it is reached: the policy of the deployment, for this address. */
  network: networkSchema.default({}),
  /** Sent as a bearer token, to this origin only. */
  token: z.string().optional(),
});
export type CoderdPage = z.infer<typeof pageSchema>;

const prometheusServerSchema = z.object({
  kind: z.literal("prometheus-server"),
  /** Of the server, without `/api/v1`. */
  url: z.url(),
  /** Labels of the series of this deployment; a value that begins with `~` is a regular expression. */
  selector: z.record(z.string(), z.string()),
  network: networkSchema.default({}),
  token: z.string().optional(),
});
export type PrometheusServer = z.infer<typeof prometheusServerSchema>;

const postgresSchema = z.object({
  kind: z.literal("postgres"),
  /** A connection string, which is secret as a whole. */
  url: z.string(),
  /** PEM certificates trusted in addition to the built-in ones. */
  ca: z.array(z.string()).optional(),
});
export type PostgresServer = z.infer<typeof postgresSchema>;

const kubernetesSchema = z.object({
  kind: z.literal("kubernetes"),
  /** Of the API server. */
  url: z.url(),
  namespace: z.string(),
  /** With the cluster's certificates, and the user's. */
  network: networkSchema.default({}),
  token: z.string().optional(),
  /** A file whose token changes; read again and again. */
  tokenFile: z.string().optional(),
  /** A command that prints credentials; there only where the person has consented to it. */
  exec: z
    .object({
      command: z.string(),
      args: z.array(z.string()),
      env: z.record(z.string(), z.string()),
      apiVersion: z.string(),
    })
    .optional(),
});
export type KubernetesCluster = z.infer<typeof kubernetesSchema>;

/**
 * Where a run reads the deployment's own figures. Travels over the runner's socket only: addresses may be inside of a
 * network, and tokens are secret.
 */
export const serverSourceSchema = z.discriminatedUnion("kind", [
  pageSchema,
  prometheusServerSchema,
  postgresSchema,
  kubernetesSchema,
]);
export type ServerSource = z.infer<typeof serverSourceSchema>;

export const serverMetricsSchema = z.object({
  sources: z.array(serverSourceSchema).max(32),
  /** For so long the deployment is looked at before the load, and after it. */
  aroundMs: z.number().nonnegative().max(600_000).default(5_000),
});
/** What a run reads besides the deployment's own API, which it asks wherever it reads anything. */
export type ServerMetrics = z.infer<typeof serverMetricsSchema>;

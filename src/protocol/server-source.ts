import * as z from "zod";
import { networkSchema } from "./target.ts";

/**
 * Where a run reads the deployment's own figures. Travels over the runner's socket only: addresses may be inside of a
 * network, and tokens are secret. A Prometheus server's query API, Kubernetes and PostgreSQL would be kinds of their
 * own here.
 */
export const serverSourceSchema = z.object({
  kind: z.literal("prometheus"),
  /** Of a page in the exposition format. */
  url: z.url(),
  /** How it is reached: the policy of the deployment, for this address. */
  network: networkSchema.default({}),
  /** Sent as a bearer token, to this origin only. */
  token: z.string().optional(),
});
export type ServerSource = z.infer<typeof serverSourceSchema>;

export const serverMetricsSchema = z.object({
  /** coderd's pages, one for each replica. */
  sources: z.array(serverSourceSchema).max(32),
  /** For so long the deployment is looked at before the load, and after it. */
  aroundMs: z.number().nonnegative().max(600_000).default(5_000),
});
/** What a run reads besides the deployment's own API, which it asks wherever it reads anything. */
export type ServerMetrics = z.infer<typeof serverMetricsSchema>;

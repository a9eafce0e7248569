import * as z from "zod";

/**
 * How to reach a deployment through the network. Whoever starts a run resolves these (the editor from its
 * own settings and Coder's, the command line from its environment); the runner only gets the result.
 */
export const networkSchema = z.object({
  /** `http://host:port` of a proxy for every request to the deployment. */
  proxy: z.string().optional(),
  /** Hosts that bypass the proxy, as in `NO_PROXY`: exact names, `.suffix`, `*`. */
  noProxy: z.string().optional(),
  /** PEM certificates trusted in addition to the built-in ones (own CA, the system's). */
  ca: z.array(z.string()).optional(),
  /** PEM; for deployments behind something that asks for a client certificate. */
  clientCertificate: z.object({ cert: z.string(), key: z.string() }).optional(),
  /** The host name that the server's certificate is made out for, where it is another. */
  serverName: z.string().optional(),
  /** Sent with every request, for deployments behind an authenticating proxy. */
  headers: z.record(z.string(), z.string()).optional(),
  /**
   * Coder's header command, which has printed some of them: they may end, and then it is run again. `fixed` are those
   * that do not come from it.
   */
  headerCommand: z.object({ command: z.string(), fixed: z.record(z.string(), z.string()) }).optional(),
});
export type Network = z.infer<typeof networkSchema>;

/** A deployment and the credentials for it. Travels over the runner's socket only; never written down. */
export const targetSchema = z.object({
  /** Origin of the deployment, without a trailing slash. */
  url: z.url(),
  /** A session token of the form `<10 characters>-<22 characters>`. */
  token: z.string(),
  network: networkSchema.default({}),
});
export type Target = z.infer<typeof targetSchema>;

/** What may be shown and stored about the deployment of a run. */
export const deploymentSchema = z.object({
  url: z.string(),
  host: z.string(),
  version: z.string(),
  user: z.string(),
  /** The simulated deployment names itself by a header on every answer. */
  sandbox: z.boolean(),
});
export type Deployment = z.infer<typeof deploymentSchema>;

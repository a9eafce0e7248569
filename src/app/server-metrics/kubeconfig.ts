import { readFile } from "node:fs/promises";
import path from "node:path";
import { parse } from "yaml";
import * as z from "zod";
import { usableNetwork } from "../../coder/network.ts";
import { ServerMetricsError } from "../../contract/server-words.ts";
import type { KubernetesCluster } from "../../protocol/server-source.ts";
import type { Network } from "../../protocol/target.ts";
import { say } from "../../text/message.ts";
import { saidOf } from "../../text/said-error.ts";

/** A kubeconfig that a person has named, and what of it is meant. */
export interface KubeAsked {
  file: string;
  context?: string | undefined;
  /** By default, that of the context. */
  namespace?: string | undefined;
  /** Commands of the file may be run. */
  allowExec?: boolean | undefined;
}

const clusterSchema = z.object({
  server: z.url({ protocol: /^https?$/ }),
  "certificate-authority": z.string().optional(),
  "certificate-authority-data": z.string().optional(),
  "insecure-skip-tls-verify": z.boolean().optional(),
  "tls-server-name": z.string().optional(),
  "proxy-url": z.string().optional(),
});
const userSchema = z.looseObject({
  token: z.string().optional(),
  tokenFile: z.string().optional(),
  "client-certificate": z.string().optional(),
  "client-certificate-data": z.string().optional(),
  "client-key": z.string().optional(),
  "client-key-data": z.string().optional(),
  exec: z
    .object({
      apiVersion: z.string(),
      command: z.string(),
      args: z.array(z.string()).nullish(),
      env: z.array(z.object({ name: z.string(), value: z.string() })).nullish(),
    })
    .optional(),
});
const name = z.string();
const contextSchema = z.object({
  cluster: name,
  user: name.optional(),
  namespace: z.string().optional(),
});
const kubeconfigSchema = z.object({
  "current-context": z.string().optional(),
  contexts: z.array(z.object({ name, context: contextSchema })).nullish(),
  clusters: z.array(z.object({ name, cluster: clusterSchema })).nullish(),
  users: z.array(z.object({ name, user: userSchema.nullish() })).nullish(),
});
type Kubeconfig = z.output<typeof kubeconfigSchema>;

/** What such a file may say of a user, and what is not understood here: it would go out as nobody, or as somebody else. */
const NOT_UNDERSTOOD = ["auth-provider", "username", "as", "as-groups", "as-uid", "as-user-extra"];

/**
 * The cluster that a kubeconfig names. `policy`: how its address is reached. Rejects with ServerMetricsError, in which
 * there is nothing secret of the file.
 */
export async function clusterOf(
  asked: KubeAsked,
  policy: (url: string) => Promise<Network>,
): Promise<KubernetesCluster> {
  const config = await read(asked.file);
  const files = new Files(path.dirname(path.resolve(asked.file)));
  const name = asked.context ?? config["current-context"];
  const context = find(config.contexts, name)?.context;
  if (!context || name === undefined)
    throw wrong(say("{0} has no context {1}", asked.file, name ? name : say("(none is current)")));
  const cluster = find(config.clusters, context.cluster)?.cluster;
  if (!cluster) throw wrong(say("{0} has no cluster {1}", asked.file, context.cluster));
  const user = find(config.users, context.user)?.user ?? {};
  const namespace = asked.namespace ?? context.namespace ?? "coder";
  if (!/^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/.test(namespace))
    throw wrong(say('"{0}" is no name of a namespace', namespace.slice(0, 63)));
  const url = cluster.server;
  return {
    kind: "kubernetes",
    url,
    namespace,
    network: usable(url, { ...forCluster(await policy(url)), ...(await networkOf(cluster, user, files)) }),
    ...(await credentialsOf(user, asked, files)),
  };
}

type Cluster = z.output<typeof clusterSchema>;
type User = z.output<typeof userSchema>;

async function read(file: string): Promise<Kubeconfig> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    throw wrong(say("{0} cannot be read ({1})", file, saidOf(error)));
  }
  try {
    return kubeconfigSchema.parse(parse(text));
  } catch {
    // What is wrong with it would repeat some of it.
    throw wrong(say("{0} is no kubeconfig", file));
  }
}

function find<T extends { name: string }>(list: readonly T[] | null | undefined, name: string | undefined) {
  return list?.find((one) => one.name === name);
}

function wrong(what: ReturnType<typeof say>): ServerMetricsError {
  return new ServerMetricsError(say("kubeconfig: {0}", what));
}

/** Paths are from the folder of the file. */
class Files {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  at(file: string): string {
    return path.resolve(this.#folder, file);
  }

  /** Of what stands in the file itself, in base 64, or in another file. */
  async text(data: string | undefined, file: string | undefined): Promise<string | undefined> {
    if (data) return Buffer.from(data, "base64").toString("utf8");
    if (!file) return undefined;
    try {
      return await readFile(this.at(file), "utf8");
    } catch (error) {
      throw wrong(say("{0} cannot be read ({1})", file, saidOf(error)));
    }
  }
}

/** The way there is the policy's; who one is there, the kubeconfig says alone. */
function forCluster({ proxy, noProxy, ca }: Network): Network {
  return { ...(proxy ? { proxy } : {}), ...(noProxy ? { noProxy } : {}), ...(ca ? { ca } : {}) };
}

async function networkOf(cluster: Cluster, user: User, files: Files): Promise<Network> {
  if (cluster["insecure-skip-tls-verify"])
    throw wrong(
      say("it switches the check of the server's certificate off ({0})", "insecure-skip-tls-verify"),
    );
  const ca = await files.text(cluster["certificate-authority-data"], cluster["certificate-authority"]);
  const cert = await files.text(user["client-certificate-data"], user["client-certificate"]);
  const key = await files.text(user["client-key-data"], user["client-key"]);
  if ((cert === undefined) !== (key === undefined))
    throw wrong(say("{0} and {1} go together", "client-certificate", "client-key"));
  return {
    ...(ca ? { ca: [ca] } : {}),
    ...(cert && key ? { clientCertificate: { cert, key } } : {}),
    ...(cluster["tls-server-name"] ? { serverName: cluster["tls-server-name"] } : {}),
    ...(cluster["proxy-url"] ? { proxy: cluster["proxy-url"] } : {}),
  };
}

function usable(url: string, network: Network): Network {
  try {
    return usableNetwork(network, url);
  } catch (error) {
    throw wrong(saidOf(error));
  }
}

async function credentialsOf(
  user: User,
  { allowExec }: KubeAsked,
  files: Files,
): Promise<Pick<KubernetesCluster, "token" | "tokenFile" | "exec">> {
  const other = NOT_UNDERSTOOD.find((one) => user[one] !== undefined);
  if (other) throw wrong(say("{0} of a user is not supported", other));
  // In this order for kubectl, too.
  if (user.tokenFile) return { tokenFile: files.at(user.tokenFile) };
  if (user.token) return { token: user.token };
  if (!user.exec) return {};
  const { command, args, env, apiVersion } = user.exec;
  if (!allowExec)
    throw wrong(
      say("it takes its credentials from the command {0}, which runs only with {1}", command, "--allow-exec"),
    );
  return {
    exec: {
      // A bare name is found by PATH.
      command: /[/\\]/.test(command) ? files.at(command) : command,
      args: args ?? [],
      env: Object.fromEntries((env ?? []).map(({ name, value }) => [name, value])),
      apiVersion,
    },
  };
}

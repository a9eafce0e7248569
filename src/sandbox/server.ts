import { createServer, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { Duplex } from "node:stream";
import sodium from "libsodium-wrappers-sumo";
import { createDeployment, type Deployment } from "./deployment.ts";
import { Pipeline } from "./http/pipeline.ts";
import { Router } from "./http/router.ts";
import { metricsServer, restartMetrics } from "./metrics/exposition.ts";
import { type LoadModelOptions, NO_LOAD_MODEL } from "./model/load-model.ts";
import { agentRoutes } from "./routes/agents.ts";
import { pathAppRoutes } from "./routes/apps.ts";
import { buildRoutes } from "./routes/builds.ts";
import { deploymentRoutes } from "./routes/deployment.ts";
import { dynamicParameterRoutes } from "./routes/dynamic-parameters.ts";
import { faultRoutes } from "./routes/faults.ts";
import { fileRoutes } from "./routes/files.ts";
import { firstUserRoutes } from "./routes/first-user.ts";
import { generalRoutes } from "./routes/general.ts";
import { keyRoutes } from "./routes/keys.ts";
import { Lookup } from "./routes/lookup.ts";
import { memberRoutes } from "./routes/members.ts";
import { provisionerRoutes } from "./routes/provisioners.ts";
import { proxyRoutes, signedTokenRoute } from "./routes/proxy.ts";
import { sshRoutes } from "./routes/ssh.ts";
import { tailnetRoutes } from "./routes/tailnet.ts";
import { templateImportRoutes } from "./routes/template-import.ts";
import { templateRoutes } from "./routes/templates.ts";
import { userRoutes } from "./routes/users.ts";
import { workspaceRoutes } from "./routes/workspaces.ts";
import { SshServer } from "./ssh/server.ts";
import type { Keeper } from "./state/keep.ts";
import type { SandboxStats } from "./stats.ts";
import { Tailnet } from "./tailnet/coordinator.ts";

export type { SandboxStats } from "./stats.ts";

export interface SandboxOptions {
  /** 0, the default, takes any free one. */
  port?: number;
  host?: string;
  /** Workspaces that are there from the start. */
  workspaces?: number;
  /** Provisioner daemons. */
  daemons?: number;
  /** How long a start's job takes, in milliseconds: from and to. */
  buildTimeMs?: [number, number];
  /** How long a stop's or a delete's job takes. */
  deleteTimeMs?: [number, number];
  seed?: number;
  /** Requests a minute for each path and client address; no limit when left out. */
  rateLimit?: number;
  /** `*.apps.example.com`: apps on subdomains, chosen by the Host header; none when left out. */
  wildcardHost?: string;
  /** No user yet, as a server that was never set up: `token` is empty. */
  fresh?: boolean;
  /** As `--disable-owner-workspace-access`: owners may not open the terminals of others. */
  ownerExecDisabled?: boolean;
  /** As `CODER_MAX_TOKEN_LIFETIME`: the longest life of a token of those who are no owners. */
  maxTokenLifetimeMs?: number;
  /** Replicas, cores and costs; without cores nothing is modelled. `daemons` counts for each replica. */
  model?: Partial<LoadModelOptions>;
  /** SQLite file that keeps users, keys and workspaces over restarts; in memory only when left out. */
  state?: string;
  /** A workspace proxy at this port, for terminals and apps; 0 takes any free one, none when left out. */
  workspaceProxyPort?: number;
  /** Where the metrics are told; 0, the default, takes any free port. */
  prometheusPort?: number;
}

export interface Sandbox {
  /** Without a slash at the end. */
  url: string;
  /** Prometheus text, as on coderd's metrics port. */
  prometheusUrl: string;
  /** Of the workspace proxy; undefined where there is none. */
  proxyUrl: string | undefined;
  /** The owner's. */
  token: string;
  /** The owner's sign-in. */
  login: { email: string; password: string };
  stats(): SandboxStats;
  /** Ends every connection and stops listening. */
  close(): Promise<void>;
  /** The simulated deployment itself, for tests. */
  deployment: Deployment;
}

/** Starts a simulated Coder deployment and resolves once it listens. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  await sodium.ready;
  const deployment = createDeployment({
    workspaces: options.workspaces ?? 0,
    daemons: options.daemons ?? 10,
    buildTimeMs: options.buildTimeMs ?? [1000, 3000],
    deleteTimeMs: options.deleteTimeMs ?? [500, 1000],
    seed: options.seed ?? 1,
    rateLimit: options.rateLimit,
    wildcardHost: options.wildcardHost ?? "",
    fresh: options.fresh ?? false,
    ownerExecDisabled: options.ownerExecDisabled ?? false,
    maxTokenLifetimeMs: options.maxTokenLifetimeMs,
    model: { ...NO_LOAD_MODEL, ...options.model },
  });
  const keeper = options.state === undefined ? undefined : await keep(options.state, deployment);
  const server = pipelineServer(new Pipeline(deployment, createRouter(deployment)));
  const metrics = metricsServer(deployment);
  const proxy = proxyServer(deployment);
  const servers = [server, metrics, proxy];
  const sockets = trackSockets(servers);
  const host = options.host ?? "127.0.0.1";
  deployment.accessUrl = `http://${host}:${await listen(server, options.port ?? 0, host)}`;
  deployment.restart = (downMs) => {
    for (const one of [server, metrics]) restart(one, sockets, deployment, downMs);
    restartMetrics(deployment);
  };
  if (options.workspaceProxyPort !== undefined) {
    const port = await listen(proxy, options.workspaceProxyPort, host);
    const id = deployment.random.fork("proxy").uuid();
    deployment.proxy = { id, url: `http://${host}:${port}`, replica: deployment.model.proxy() };
  }
  deployment.metricsUrl = `http://${host}:${await listen(metrics, options.prometheusPort ?? 0, host)}`;
  return {
    url: deployment.accessUrl,
    prometheusUrl: `${deployment.metricsUrl}/metrics`,
    proxyUrl: deployment.proxy?.url,
    token: deployment.ownerToken,
    login: { email: deployment.owner.email, password: deployment.owner.password },
    stats: () => deployment.stats.read(deployment.workspaces),
    close: async () => {
      keeper?.close();
      await close(servers, sockets, deployment);
    },
    deployment,
  };
}

/** Loaded only where it is wanted: Node says that its SQLite is experimental as soon as it is. */
async function keep(file: string, deployment: Deployment): Promise<Keeper> {
  const { Keeper } = await import("./state/keep.ts");
  return new Keeper(file, deployment);
}

function proxyServer(deployment: Deployment): Server {
  const router = new Router();
  router.add(proxyRoutes(deployment));
  return pipelineServer(new Pipeline(deployment, router, true));
}

function pipelineServer(pipeline: Pipeline): Server {
  const server = createServer((request, response) => void pipeline.answer(request, response));
  server.on("upgrade", (request, socket, head) => void pipeline.upgrade(request, socket, head));
  server.keepAliveTimeout = 60_000;
  return server;
}

function createRouter(deployment: Deployment): Router {
  const router = new Router();
  const lookup = new Lookup(deployment);
  router.add(generalRoutes(deployment));
  router.add(firstUserRoutes(deployment));
  router.add(faultRoutes(deployment));
  router.add(userRoutes(deployment, lookup));
  router.add(keyRoutes(deployment, lookup));
  router.add(templateRoutes(deployment, lookup));
  router.add(templateImportRoutes(deployment, lookup));
  router.add(fileRoutes(deployment));
  router.add(dynamicParameterRoutes(deployment, lookup));
  router.add(memberRoutes(deployment, lookup));
  router.add(workspaceRoutes(deployment, lookup));
  router.add(buildRoutes(deployment, lookup));
  router.add(agentRoutes(deployment, lookup));
  router.add(provisionerRoutes(deployment, lookup));
  router.add(deploymentRoutes(deployment));
  const ssh = new SshServer(deployment.random.fork("host-key").bytes(32));
  router.add(sshRoutes(deployment, ssh));
  router.add(tailnetRoutes(deployment, lookup, new Tailnet(deployment, ssh)));
  router.add(pathAppRoutes(deployment));
  router.add([signedTokenRoute(deployment)]);
  return router;
}

function trackSockets(servers: Server[]): Set<Socket> {
  const sockets = new Set<Socket>();
  for (const server of servers) {
    server.on("connection", (socket) => {
      sockets.add(socket);
      // A client that goes away is not an error of the server's.
      socket.on("error", () => socket.destroy());
      socket.on("close", () => sockets.delete(socket));
    });
    server.on("clientError", (_error, socket) => refuse(socket));
  }
  return sockets;
}

/** What is no HTTP gets the answer that Go's server gives. */
function refuse(socket: Duplex): void {
  if (!socket.writable) return void socket.destroy();
  const head =
    "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n";
  return void socket.end(`${head}400 Bad Request`);
}

/** @returns the port */
function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.removeListener("error", reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

/** Every connection ends and nobody listens; the state stays, and provisioner daemons go on. */
function restart(server: Server, sockets: Set<Socket>, deployment: Deployment, downMs: number): void {
  const { port, address } = server.address() as AddressInfo;
  server.close();
  for (const socket of sockets) socket.destroy();
  deployment.timers.after(downMs, () => server.listen(port, address));
}

async function close(servers: Server[], sockets: Set<Socket>, deployment: Deployment): Promise<void> {
  deployment.timers.close();
  const closed = servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve())));
  for (const socket of sockets) socket.destroy();
  await Promise.all(closed);
}

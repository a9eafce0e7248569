import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Duplex } from "node:stream";
import type { TLSSocket } from "node:tls";
import { generate } from "selfsigned";

export interface PodOptions {
  role?: string;
  node?: string;
  annotations?: Record<string, string>;
  requests?: Record<string, string>;
  limits?: Record<string, string>;
  /** Why its container ended before it was started again. */
  lastEnd?: string;
  env?: { name: string; value?: string }[];
  restarts?: number;
  ready?: boolean;
  phase?: string;
}

/** As kube-apiserver writes a pod. */
export function pod(name: string, options: PodOptions = {}) {
  const { role = "coder", node = "node-1", annotations, requests, limits, env, lastEnd } = options;
  const { restarts = 0, ready = true } = options;
  const resources = { ...(requests ? { requests } : {}), ...(limits ? { limits } : {}) };
  const lastState = lastEnd ? { lastState: { terminated: { exitCode: 137, reason: lastEnd } } } : {};
  return {
    metadata: {
      name,
      namespace: "coder",
      uid: `uid-${name}`,
      labels: { "app.kubernetes.io/name": role, "pod-template-hash": "7d9f8b6c5d" },
      ...(annotations ? { annotations } : {}),
      ownerReferences: [
        { apiVersion: "apps/v1", kind: "ReplicaSet", name: `${role}-7d9f8b6c5d`, controller: true },
      ],
    },
    spec: {
      nodeName: node,
      containers: [{ name: role, image: "x", resources, ...(env ? { env } : {}) }],
    },
    status: {
      phase: options.phase ?? "Running",
      conditions: [{ type: "Ready", status: ready ? "True" : "False" }],
      containerStatuses: [{ name: role, restartCount: restarts, ready, ...lastState }],
    },
  };
}

type Pod = ReturnType<typeof pod>;

/** A small HTTPS server that answers as kube-apiserver does, as far as lists of it are read. */
export class FakeCluster {
  pods: Pod[] = [];
  workspaces: Pod[] = [];
  /** Names of pods with their use; undefined: there is no metrics-server. */
  usage: Record<string, { cpu: string; memory: string }> | undefined;
  /** Lines by the name of a pod, with the time that Kubernetes puts in front of each. */
  logs: Record<string, readonly string[]> = {};
  autoscalers: { metadata: { name: string }; spec: { scaleTargetRef: { kind: string; name: string } } }[] =
    [];
  token: string | undefined;
  /** What this user may not list. */
  forbidden: string[] = [];
  readonly asked: {
    method: string;
    url: string;
    headers: IncomingMessage["headers"];
    client: string | undefined;
  }[] = [];
  readonly folder = mkdtempSync(path.join(tmpdir(), "scaletest-cluster-"));
  ca = "";
  client = { cert: "", private: "" };
  url = "";
  close: () => Promise<void> = async () => undefined;

  async start(): Promise<this> {
    const altNames = [{ type: 7 as const, ip: "127.0.0.1" }];
    const own = await generate([{ name: "commonName", value: "127.0.0.1" }], {
      extensions: [{ name: "subjectAltName", altNames }],
    });
    this.client = await generate([{ name: "commonName", value: "a-reader" }]);
    this.ca = own.cert;
    const tls = { key: own.private, cert: own.cert, requestCert: true, rejectUnauthorized: false };
    const server = createServer(tls, (request, response) => {
      const peer = (request.socket as TLSSocket).getPeerCertificate();
      const client = peer.subject?.CN ? String(peer.subject.CN) : undefined;
      this.asked.push({
        method: request.method ?? "",
        url: request.url ?? "",
        headers: request.headers,
        client,
      });
      const { status, body } = this.#answer(request, client);
      const isText = typeof body === "string";
      response
        .writeHead(status, { "content-type": isText ? "text/plain" : "application/json" })
        .end(isText ? body : JSON.stringify(body));
    });
    const sockets = new Set<Duplex>();
    server.on("connection", (socket) => sockets.add(socket));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    this.url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    this.close = async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      rmSync(this.folder, { recursive: true, force: true });
    };
    return this;
  }

  #answer(request: IncomingMessage, client: string | undefined): { status: number; body: unknown } {
    const failure = (code: number, reason: string) => ({
      status: code,
      body: { kind: "Status", apiVersion: "v1", status: "Failure", reason, code },
    });
    const isKnown =
      this.token === undefined
        ? client === "a-reader"
        : request.headers.authorization === `Bearer ${this.token}`;
    if (!isKnown) return failure(401, "Unauthorized");
    const { pathname, searchParams } = new URL(request.url ?? "", this.url);
    if (this.forbidden.includes(pathname)) return failure(403, "Forbidden");
    const selector = searchParams.get("labelSelector") ?? "";
    const list = (items: unknown) => ({
      status: 200,
      body: { apiVersion: "v1", metadata: { resourceVersion: "1" }, items },
    });
    const [, logged] = /^\/api\/v1\/namespaces\/coder\/pods\/([^/]+)\/log$/.exec(pathname) ?? [];
    if (logged !== undefined) return { status: 200, body: `${(this.logs[logged] ?? []).join("\n")}\n` };
    const isWorkspaces = selector.includes("coder-workspace");
    switch (pathname) {
      case "/api/v1/pods":
      case "/api/v1/namespaces/coder/pods": {
        const node = searchParams.get("fieldSelector")?.replace("spec.nodeName=", "");
        const found = (isWorkspaces ? this.workspaces : this.pods).filter(
          ({ spec }) => !node || spec.nodeName === node,
        );
        // Go sends null for a list that was never made.
        return list(found.length > 0 ? found : null);
      }
      case "/apis/metrics.k8s.io/v1beta1/namespaces/coder/pods":
        return this.usage
          ? list(
              Object.entries(this.usage).map(([name, usage]) => ({
                metadata: { name },
                containers: [{ name: this.#containerOf(name), usage }],
              })),
            )
          : failure(404, "NotFound");
      case "/apis/autoscaling/v2/namespaces/coder/horizontalpodautoscalers":
        return list(this.autoscalers);
      default:
        return failure(404, "NotFound");
    }
  }

  #containerOf(name: string): string {
    return this.pods.find(({ metadata }) => metadata.name === name)?.spec.containers[0]?.name ?? "c";
  }

  /** A kubeconfig for it; `user` as it stands there. */
  kubeconfig(user: object = { token: this.token }, cluster: object = {}): string {
    const file = path.join(this.folder, "kubeconfig");
    const data = Buffer.from(this.ca).toString("base64");
    const config = {
      apiVersion: "v1",
      kind: "Config",
      "current-context": "here",
      contexts: [
        { name: "here", context: { cluster: "c", user: "u", namespace: "coder" } },
        { name: "elsewhere", context: { cluster: "gone", user: "u" } },
      ],
      clusters: [
        { name: "c", cluster: { server: this.url, "certificate-authority-data": data, ...cluster } },
      ],
      users: [{ name: "u", user }],
    };
    writeFileSync(file, JSON.stringify(config));
    return file;
  }
}

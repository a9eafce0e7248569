import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { clusterOf, type KubeAsked } from "../../src/app/server-metrics/kubeconfig.ts";
import { sayFinding } from "../../src/insight/finding.ts";
import { KubernetesSource } from "../../src/insight/kubernetes/source.ts";
import type { Value } from "../../src/measure/values.ts";
import { english } from "../../src/text/message.ts";
import { FakeCluster, pod } from "../support/cluster.ts";

let cluster: FakeCluster;
const opened: KubernetesSource[] = [];
beforeEach(async () => {
  cluster = await new FakeCluster().start();
  cluster.token = "a-token-of-the-cluster";
});
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
  await cluster.close();
});

const { signal } = new AbortController();
const last = (value: Value | undefined) => (value?.kind === "gauge" ? value.last : undefined);
const none = async () => ({});

async function open(file = cluster.kubeconfig(), more: Partial<KubeAsked> = {}): Promise<KubernetesSource> {
  const source = new KubernetesSource(await clusterOf({ file, ...more }, none));
  opened.push(source);
  return source;
}

/** As Coder advises. */
const GOOD = {
  annotations: { "cluster-autoscaler.kubernetes.io/safe-to-evict": "false" },
  requests: { cpu: "2", memory: "4Gi" },
};

describe("what a cluster tells of the deployment's pods", () => {
  it("is CPU, memory, restarts and readiness by role, read by GET alone", async () => {
    cluster.pods = [
      pod("coder-1", { ...GOOD, restarts: 2 }),
      pod("coder-2", { ...GOOD, node: "node-2", ready: false }),
      pod("coder-old", { ...GOOD, phase: "Failed", restarts: 50 }),
      pod("provisioner-1", { role: "coder-provisioner" }),
      pod("db-0", { role: "postgresql", restarts: 1 }),
    ];
    cluster.usage = {
      "coder-1": { cpu: "1500m", memory: "1Gi" },
      "coder-2": { cpu: "250000000n", memory: "512Mi" },
      "db-0": { cpu: "3", memory: "8Gi" },
    };
    const source = await open();
    const { values, requests } = await source.look(signal);
    expect(last(values['server_pod_cpu{role="coderd"}'])).toBeCloseTo(1.75);
    expect(last(values['server_pod_memory{role="coderd"}'])).toBe(1.5 * 2 ** 30);
    expect(last(values['server_pod_cpu{role="database"}'])).toBe(3);
    // It was not measured, which is not zero.
    expect(values['server_pod_cpu{role="provisioner"}']).toBeUndefined();
    expect(last(values['server_pod_restarts{role="coderd"}'])).toBe(2);
    expect(last(values['server_pods{role="coderd",state="ready"}'])).toBe(1);
    expect(last(values['server_pods{role="coderd",state="not ready"}'])).toBe(1);
    expect(requests).toBe(2);
    expect(english(source.found() ?? { id: "" })).toBe(
      "2 pods of coderd, 1 pod of provisioner, 1 pod of database",
    );
    expect(new Set(cluster.asked.map(({ method }) => method))).toEqual(new Set(["GET"]));
  });

  it("is how full the fullest container is of its limits, and what was killed for want of memory", async () => {
    const limits = { cpu: "2", memory: "2Gi" };
    cluster.pods = [
      pod("coder-1", { ...GOOD, limits, restarts: 3, lastEnd: "OOMKilled" }),
      pod("coder-2", { ...GOOD, limits, restarts: 1, lastEnd: "Error" }),
      pod("db-0", { role: "postgresql" }),
    ];
    cluster.usage = {
      "coder-1": { cpu: "500m", memory: "1843Mi" },
      "coder-2": { cpu: "1960m", memory: "1Gi" },
      "db-0": { cpu: "3", memory: "8Gi" },
    };
    const { values } = await (await open()).look(signal);
    expect(last(values['server_pod_cpu_share{role="coderd"}'])).toBeCloseTo(0.98);
    expect(last(values['server_pod_memory_share{role="coderd"}'])).toBeCloseTo(0.9, 2);
    expect(last(values['server_pod_oom{role="coderd"}'])).toBe(3);
    // Without a limit there is nothing to be full of.
    expect(values['server_pod_cpu_share{role="database"}']).toBeUndefined();
    expect(last(values['server_pod_oom{role="database"}'])).toBe(0);
  });

  it("goes on without metrics-server, which is said and not asked again", async () => {
    cluster.pods = [pod("coder-1", GOOD)];
    const source = await open();
    await source.look(signal);
    expect((await source.look(signal)).requests).toBe(1);
    expect(source.missing().map(english)).toEqual([
      "Kubernetes has reported nothing about CPU and memory of pods: the cluster has no metrics of pods (metrics.k8s.io) (status 404)",
    ]);
  });

  it("is one line where there is none of coderd, where it may not be read, and where the token has expired", async () => {
    const source = await open();
    await expect(source.look(signal)).rejects.toThrow(/^the namespace coder has no pod of coderd \(label /);
    cluster.forbidden = ["/api/v1/namespaces/coder/pods"];
    await expect(source.look(signal)).rejects.toThrow(
      "this user may not list pods of the namespace coder (status 403)",
    );
    cluster.token = "another-one";
    await expect(source.look(signal)).rejects.toThrow(
      "the cluster refuses the user of the kubeconfig (status 401): its token may have expired",
    );
  });
});

describe("a kubeconfig", () => {
  beforeEach(() => {
    cluster.pods = [pod("coder-1", GOOD)];
  });

  it("opens a cluster with a client certificate", async () => {
    cluster.token = undefined;
    const base64 = (text: string) => Buffer.from(text).toString("base64");
    const user = {
      "client-certificate-data": base64(cluster.client.cert),
      "client-key-data": base64(cluster.client.private),
    };
    await (await open(cluster.kubeconfig(user))).look(signal);
    expect(cluster.asked[0]?.client).toBe("a-reader");
    expect(cluster.asked[0]?.headers.authorization).toBeUndefined();
  });

  it("opens it with a token out of a file that changes, from the folder of the kubeconfig", async () => {
    const file = path.join(cluster.folder, "token");
    writeFileSync(file, "a-token-of-the-cluster\n");
    const source = await open(cluster.kubeconfig({ tokenFile: "token" }));
    await source.look(signal);
    cluster.token = "the-next-one";
    writeFileSync(file, "the-next-one\n");
    await source.look(signal);
  });

  it.skipIf(process.platform === "win32")(
    "runs a command for credentials with consent alone, and again where they ended",
    async () => {
      const script = path.join(cluster.folder, "plugin");
      const runs = path.join(cluster.folder, "runs");
      const status = { token: "a-token-of-the-cluster", expirationTimestamp: "2100-01-01T00:00:00Z" };
      writeFileSync(
        script,
        `#!/bin/sh\necho "$1 $KUBERNETES_EXEC_INFO $OWN \${CODER_SESSION_TOKEN:-none}" >> ${runs}\ncat <<'E'\n${JSON.stringify({ apiVersion: "client.authentication.k8s.io/v1", kind: "ExecCredential", status })}\nE\n`,
      );
      chmodSync(script, 0o755);
      const exec = {
        apiVersion: "client.authentication.k8s.io/v1",
        command: "./plugin",
        args: ["get-token"],
        env: [{ name: "OWN", value: "of-the-file" }],
      };
      const file = cluster.kubeconfig({ exec });
      await expect(open(file)).rejects.toThrow(
        "kubeconfig: it takes its credentials from the command ./plugin, which runs only with --allow-exec",
      );
      const before = process.env.CODER_SESSION_TOKEN;
      process.env.CODER_SESSION_TOKEN = "of-the-deployment";
      const source = await open(file, { allowExec: true });
      await source.look(signal);
      await source.look(signal);
      if (before === undefined) delete process.env.CODER_SESSION_TOKEN;
      else process.env.CODER_SESSION_TOKEN = before;
      const said = readFileSync(runs, "utf8");
      expect(said.trim().split("\n")).toHaveLength(1);
      expect(said).toMatch(/^get-token .*"kind":"ExecCredential".* of-the-file none$/m);
      cluster.token = "another-one";
      await expect(source.look(signal)).rejects.toThrow("status 401");
      await expect(source.look(signal)).rejects.toThrow("status 401");
      expect(readFileSync(runs, "utf8").trim().split("\n")).toHaveLength(2);
      writeFileSync(script, "#!/bin/sh\necho hunter2; exit 3\n");
      await expect(source.look(signal)).rejects.toThrow(
        /^the command .*plugin of the kubeconfig failed \(3\)$/,
      );
    },
  );

  it.each([
    [{}, { "insecure-skip-tls-verify": true }, {}, "it switches the check of the server's certificate off"],
    [{ "auth-provider": { name: "gcp" } }, {}, {}, "auth-provider of a user is not supported"],
    [{ token: "hunter2", as: "admin" }, {}, {}, "as of a user is not supported"],
    [{ "client-certificate-data": "aGk=" }, {}, {}, "client-certificate and client-key go together"],
    [{}, { server: "ftp://hunter2" }, {}, "is no kubeconfig"],
    [{}, {}, { context: "nope" }, "has no context nope"],
    [{}, {}, { context: "elsewhere" }, "has no cluster gone"],
    [{}, {}, { namespace: "../../secrets" }, '"../../secrets" is no name of a namespace'],
  ])("with user %j and cluster %j is refused in one line", async (user, of, more, line) => {
    const refused = open(cluster.kubeconfig(user, of), more);
    await expect(refused).rejects.toThrow(line);
    await expect(refused).rejects.toThrow(/^kubeconfig: (?!.*hunter2).*$/);
  });

  it("does not trust the certificate of another authority", async () => {
    const other = await new FakeCluster().start();
    const data = Buffer.from(other.ca).toString("base64");
    await other.close();
    const source = await open(cluster.kubeconfig(undefined, { "certificate-authority-data": data }));
    await expect(source.look(signal)).rejects.toThrow("the server's certificate is not trusted");
    expect(cluster.asked).toEqual([]);
  });
});

describe("Coder's own advice", () => {
  const advice = async () =>
    (await (await open()).advice(signal)).map(({ id, what }) => `${id}: ${english(what)}`);

  it("has nothing to say of a cluster that follows it", async () => {
    cluster.pods = [pod("coder-1", GOOD), pod("coder-2", { ...GOOD, node: "node-2" })];
    cluster.workspaces = [pod("w", { node: "node-3" })];
    cluster.autoscalers = [
      { metadata: { name: "other" }, spec: { scaleTargetRef: { kind: "Deployment", name: "web" } } },
    ];
    expect(await advice()).toEqual([]);
  });

  it("says each thing that is otherwise, with its remedy and its source", async () => {
    const env = [{ name: "CODER_PROVISIONER_DAEMONS", value: "10" }];
    cluster.pods = [
      pod("coder-1", { requests: { cpu: "500m", memory: "1Gi" }, env }),
      pod("coder-2", { ...GOOD, env }),
      pod("provisioner", { role: "coder-provisioner" }),
    ];
    cluster.workspaces = [pod("w-1"), pod("w-2")];
    cluster.autoscalers = [
      { metadata: { name: "coderd" }, spec: { scaleTargetRef: { kind: "Deployment", name: "coder" } } },
    ];
    expect(await advice()).toEqual([
      "autoscaler: the autoscaler coderd changes the number of coderd's replicas",
      "safe_to_evict: 1 pod of coderd may be moved by the cluster's autoscaler, which drops its connections",
      "one_node: 2 of 2 pods of coderd are on the node node-1",
      "workspaces_beside: workspaces run on coderd's node node-1, 2 and more",
      "requests: a pod of coderd requests 0.5 cores and 1.07 GB",
      "daemons: 10 provisioner daemons in each replica of coderd, which requests 0.5 cores",
    ]);
    const [first] = await (await open()).advice(signal);
    expect(first && english(sayFinding(first))).toMatch(
      /^Kubernetes: .*; take it away: .* \(coder\.com\/docs, Admin, Scale\)$/,
    );
  });

  it("says what could not be looked at, and looks for workspaces where it may", async () => {
    cluster.pods = [pod("coder-1", GOOD)];
    cluster.workspaces = [pod("w")];
    cluster.forbidden = ["/api/v1/pods", "/apis/autoscaling/v2/namespaces/coder/horizontalpodautoscalers"];
    expect(await advice()).toEqual([
      "autoscaler: not checked: this user may not list horizontalpodautoscalers (status 403)",
      "workspaces_beside: workspaces run on coderd's node node-1, 1 and more",
    ]);
  });
});

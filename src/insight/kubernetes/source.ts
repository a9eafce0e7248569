import { look, type Value } from "../../measure/values.ts";
import { seriesKey } from "../../protocol/series-key.ts";
import type { ServerError } from "../../protocol/server-error.ts";
import type { KubernetesCluster } from "../../protocol/server-source.ts";
import { type Message, say, sayAll, sayCount } from "../../text/message.ts";
import { SaidError } from "../../text/said-error.ts";
import { busyMs } from "../coderd-source.ts";
import { errorsIn, type LogLine } from "../error-lines.ts";
import type { Finding } from "../finding.ts";
import type { Look, Source } from "../source.ts";
import { adviceOf } from "./advice.ts";
import { KubernetesApi, NotThere } from "./api.ts";
import { quantityOf } from "./quantity.ts";
import {
  isLive,
  isReady,
  type Pod,
  podMetricsSchema,
  podsSchema,
  ROLE_SELECTOR,
  type Role,
  roleOf,
} from "./shapes.ts";

const ROLES: readonly Role[] = ["coderd", "provisioner", "database"];
const MOST_PODS = "500";
const MOST_LOGS = 20;
const MOST_LOG_BYTES = "4000000";

interface Use {
  cpu: number;
  memory: number;
}
/** By the name of the pod, and of its container. */
type Used = ReadonlyMap<string, ReadonlyMap<string, Use>>;

/** Pods of coderd, its provisioners and its database: what Kubernetes tells of them. */
export class KubernetesSource implements Source {
  readonly name = "Kubernetes";
  readonly #api: KubernetesApi;
  #pods: readonly Pod[] = [];
  #noMetrics: Message | undefined;

  constructor(cluster: KubernetesCluster) {
    this.#api = new KubernetesApi(cluster);
  }

  async look(signal: AbortSignal): Promise<Look> {
    const { requests, bytes } = this.#api;
    const pods = await this.#listed(signal);
    const used = this.#noMetrics ? undefined : await this.#used(signal);
    const begun = busyMs();
    const values = Object.fromEntries(ROLES.flatMap((role) => valuesOf(role, pods, used)));
    const cpuMs = busyMs() - begun;
    return { values, requests: this.#api.requests - requests, bytes: this.#api.bytes - bytes, cpuMs };
  }

  /** Rejects where there is no pod of coderd: it is another namespace, or another cluster. */
  async #listed(signal: AbortSignal): Promise<readonly Pod[]> {
    const { namespace } = this.#api;
    const what = { what: `pods of the namespace ${namespace}`, schema: podsSchema };
    const query = { labelSelector: ROLE_SELECTOR, limit: MOST_PODS };
    const { items } = await this.#api.list(`api/v1/namespaces/${namespace}/pods`, query, what, signal);
    this.#pods = items.filter(isLive);
    if (this.#pods.some((pod) => roleOf(pod) === "coderd")) return this.#pods;
    throw new SaidError(
      say("the namespace {0} has no pod of coderd (label {1})", namespace, "app.kubernetes.io/name=coder"),
    );
  }

  /** What a cluster without metrics-server does not have is not asked for again. */
  async #used(signal: AbortSignal): Promise<Used | undefined> {
    const { namespace } = this.#api;
    const path = `apis/metrics.k8s.io/v1beta1/namespaces/${namespace}/pods`;
    const what = { what: "metrics of pods (metrics.k8s.io)", schema: podMetricsSchema };
    try {
      const { items } = await this.#api.list(path, { labelSelector: ROLE_SELECTOR }, what, signal);
      return new Map(items.map(({ metadata: { name }, containers }) => [name, usesOf(containers)]));
    } catch (error) {
      if (!(error instanceof NotThere)) throw error;
      this.#noMetrics = error.said;
      return undefined;
    }
  }

  /** What Coder advises otherwise. */
  async advice(signal: AbortSignal): Promise<Finding[]> {
    if (this.#pods.length === 0) await this.#listed(signal);
    return adviceOf(this.#api, this.#pods, signal);
  }

  /** Errors that coderd has logged within so long up to now. Rejects with NotThere where this user may not read logs. */
  async errors(sinceMs: number, origin: number, signal: AbortSignal): Promise<ServerError[]> {
    const pods = this.#pods.filter((pod) => roleOf(pod) === "coderd").slice(0, MOST_LOGS);
    const logs = await Promise.all(pods.map((pod) => this.#log(pod, sinceMs, signal)));
    return errorsIn(logs.flatMap(logLines), origin);
  }

  #log(
    { metadata: { name }, spec: { containers } }: Pod,
    sinceMs: number,
    signal: AbortSignal,
  ): Promise<string> {
    const container = containers.find((one) => one.name === "coder") ?? containers[0];
    const path = `api/v1/namespaces/${this.#api.namespace}/pods/${name}/log`;
    const query = {
      sinceSeconds: String(Math.max(1, Math.ceil(sinceMs / 1_000))),
      timestamps: "true",
      limitBytes: MOST_LOG_BYTES,
      ...(container ? { container: container.name } : {}),
    };
    return this.#api.text(path, query, "logs of pods", signal);
  }

  found(): Message | undefined {
    const parts = ROLES.flatMap((role) => {
      const n = this.#pods.filter((pod) => roleOf(pod) === role).length;
      return n > 0 ? [sayCount(n, { one: "{0} pod of {1}", other: "{0} pods of {1}" }, role)] : [];
    });
    return parts.length > 0 ? sayAll(parts, ", ") : undefined;
  }

  missing(): Message[] {
    return this.#noMetrics
      ? [say("{0} has reported nothing about CPU and memory of pods: {1}", this.name, this.#noMetrics)]
      : [];
  }

  close(): Promise<void> {
    return this.#api.close();
  }
}

/** Kubernetes puts the time of each line in front of it. */
function logLines(log: string): LogLine[] {
  return log.split("\n").flatMap((line) => {
    const [, time = "", text = ""] = /^(\S+) (.*)$/.exec(line) ?? [];
    const at = Date.parse(time);
    return Number.isNaN(at) ? [] : [{ at, text }];
  });
}

function usesOf(
  containers: readonly { name: string; usage: Readonly<Record<string, string | number>> }[],
): Map<string, Use> {
  return new Map(
    containers.map(({ name, usage }) => [
      name,
      { cpu: quantityOf(usage.cpu) ?? 0, memory: quantityOf(usage.memory) ?? 0 },
    ]),
  );
}

/** Of the containers of these pods that have a limit, how full the fullest is; undefined where none has. */
function fullest(pods: readonly Pod[], used: Used | undefined, of: keyof Use): number | undefined {
  const shares = pods.flatMap(({ metadata: { name }, spec: { containers } }) =>
    containers.flatMap((container) => {
      const limit = quantityOf(container.resources.limits[of]) ?? 0;
      const use = used?.get(name)?.get(container.name);
      return use && limit > 0 ? use[of] / limit : [];
    }),
  );
  return shares.length > 0 ? Math.max(...shares) : undefined;
}

/** Nothing of a role that has no pods: its database is elsewhere, say. */
function valuesOf(role: Role, all: readonly Pod[], used: Used | undefined): [string, Value][] {
  const pods = all.filter((pod) => roleOf(pod) === role);
  if (pods.length === 0) return [];
  const key = (metric: string, more: Record<string, string> = {}) => seriesKey(metric, { role, ...more });
  const states = pods.flatMap(({ status }) => status.containerStatuses);
  const restartsOf = (all: typeof states) => all.reduce((sum, { restartCount }) => sum + restartCount, 0);
  const ready = pods.filter(isReady).length;
  const measured = pods.flatMap(({ metadata: { name } }) => [...(used?.get(name)?.values() ?? [])]);
  const sum = (of: keyof Use) => measured.reduce((total, one) => total + one[of], 0);
  const shares = (["cpu", "memory"] as const).flatMap((of): [string, Value][] => {
    const share = fullest(pods, used, of);
    return share === undefined ? [] : [[key(`server_pod_${of}_share`), look(share)]];
  });
  return [
    [key("server_pods", { state: "ready" }), look(ready)],
    [key("server_pods", { state: "not ready" }), look(pods.length - ready)],
    [key("server_pod_restarts"), look(restartsOf(states))],
    [key("server_pod_oom"), look(restartsOf(states.filter(({ lastState }) => lastState === "OOMKilled")))],
    ...shares,
    ...(measured.length > 0
      ? ([
          [key("server_pod_cpu"), look(sum("cpu"))],
          [key("server_pod_memory"), look(sum("memory"))],
        ] satisfies [string, Value][])
      : []),
  ];
}

import { type Message, say, sayCount } from "../../text/message.ts";
import type { Finding } from "../finding.ts";
import { type KubernetesApi, NotThere } from "./api.ts";
import { quantityOf } from "./quantity.ts";
import { autoscalersSchema, type Pod, podsSchema, roleOf, WORKSPACE_SELECTOR } from "./shapes.ts";

interface Cluster {
  api: KubernetesApi;
  /** Those of coderd. */
  coderd: readonly Pod[];
  signal: AbortSignal;
}

interface Rule {
  id: string;
  source: string;
  remedy: Message;
  /** What is wrong; undefined where nothing is. Rejects with NotThere where it cannot be looked at. */
  check(cluster: Cluster): Message | undefined | Promise<Message | undefined>;
}

const ARCHITECTURES = "coder.com/docs, Admin, Infrastructure, Validated architectures";
const SCALE = "coder.com/docs, Admin, Scale";
const SAFE_TO_EVICT = "cluster-autoscaler.kubernetes.io/safe-to-evict";
const GB = 1e9;
/** "minimum 1 core/2 GB per replica" */
const LEAST = { cores: 1, bytes: 2 * GB };
const BUILT_IN_DAEMONS = 3;

const RULES: readonly Rule[] = [
  {
    id: "autoscaler",
    source: SCALE,
    remedy: say(
      "take it away: each replica that it ends drops its connections; set the replicas by the peak",
    ),
    check: autoscaler,
  },
  {
    id: "safe_to_evict",
    source: SCALE,
    remedy: say('annotate coderd\'s pods with {0}: "false"', SAFE_TO_EVICT),
    check: evictable,
  },
  {
    id: "one_node",
    source: ARCHITECTURES,
    remedy: say(
      "spread them by pod anti-affinity on {0}: one node's end takes them all",
      "kubernetes.io/hostname",
    ),
    check: sameNode,
  },
  {
    id: "workspaces_beside",
    source: ARCHITECTURES,
    remedy: say("give coderd nodes of its own, by a taint and a node selector"),
    check: workspacesBeside,
  },
  {
    id: "requests",
    source: ARCHITECTURES,
    remedy: say(
      "request at least {0} core and {1} GB for each replica, and 1 core and 2 GB for 250 users",
      LEAST.cores,
      LEAST.bytes / GB,
    ),
    check: requests,
  },
  {
    id: "daemons",
    source: ARCHITECTURES,
    remedy: say("run them as provisioners of their own, or request a core for two builds at a time more"),
    check: daemons,
  },
];

/** Each rule that does not hold; and those that could not be looked at, as one. */
export async function adviceOf(
  api: KubernetesApi,
  pods: readonly Pod[],
  signal: AbortSignal,
): Promise<Finding[]> {
  const coderd = pods.filter((pod) => roleOf(pod) === "coderd");
  const findings: Finding[] = [];
  for (const { id, source, remedy, check } of RULES) {
    try {
      const what = await check({ api, coderd, signal });
      if (what) findings.push({ id, source, remedy, what });
    } catch (error) {
      if (!(error instanceof NotThere)) throw error;
      findings.push({
        id,
        source,
        what: say("not checked: {0}", error.said),
        remedy: say("a role that may list them lets this be checked"),
      });
    }
  }
  return findings;
}

async function autoscaler({ api, coderd, signal }: Cluster): Promise<Message | undefined> {
  const path = `apis/autoscaling/v2/namespaces/${api.namespace}/horizontalpodautoscalers`;
  const what = { what: "horizontalpodautoscalers", schema: autoscalersSchema };
  const { items } = await api.list(path, { limit: "100" }, what, signal);
  const owners = new Set(coderd.map(deploymentOf));
  const found = items.find(({ spec }) => owners.has(spec.scaleTargetRef.name));
  return found && say("the autoscaler {0} changes the number of coderd's replicas", found.metadata.name);
}

/** A ReplicaSet has the name of its Deployment, and a hash behind it. */
function deploymentOf({ metadata: { ownerReferences } }: Pod): string | undefined {
  const [owner] = ownerReferences;
  return owner?.kind === "ReplicaSet" ? owner.name.replace(/-[a-z0-9]+$/, "") : owner?.name;
}

function evictable({ coderd }: Cluster): Message | undefined {
  const count = coderd.filter(({ metadata }) => metadata.annotations[SAFE_TO_EVICT] !== "false").length;
  return count === 0
    ? undefined
    : sayCount(count, {
        one: "{0} pod of coderd may be moved by the cluster's autoscaler, which drops its connections",
        other: "{0} pods of coderd may be moved by the cluster's autoscaler, which drops their connections",
      });
}

function sameNode({ coderd }: Cluster): Message | undefined {
  const byNode = new Map<string, number>();
  for (const { spec } of coderd)
    if (spec.nodeName) byNode.set(spec.nodeName, (byNode.get(spec.nodeName) ?? 0) + 1);
  const [node, count] = [...byNode].sort(([, a], [, b]) => b - a)[0] ?? [];
  return node !== undefined && count !== undefined && count > 1
    ? say("{0} of {1} pods of coderd are on the node {2}", count, coderd.length, node)
    : undefined;
}

async function workspacesBeside({ api, coderd, signal }: Cluster): Promise<Message | undefined> {
  const nodes = [...new Set(coderd.flatMap(({ spec }) => spec.nodeName ?? []))].slice(0, 10);
  for (const node of nodes) {
    const { items } = await workspacesOn(api, node, signal);
    if (items.length > 0) return say("workspaces run on coderd's node {0}, {1} and more", node, items.length);
  }
  return undefined;
}

/** Of all namespaces, else of coderd's own: there is where Coder's chart lets it make them. */
async function workspacesOn(api: KubernetesApi, node: string, signal: AbortSignal) {
  const query = { labelSelector: WORKSPACE_SELECTOR, fieldSelector: `spec.nodeName=${node}`, limit: "50" };
  const what = { what: "pods of workspaces", schema: podsSchema };
  try {
    return await api.list("api/v1/pods", query, what, signal);
  } catch (error) {
    if (!(error instanceof NotThere) || !error.isForbidden) throw error;
    return api.list(`api/v1/namespaces/${api.namespace}/pods`, query, what, signal);
  }
}

function requestsOf({ spec }: Pod): { cores: number; bytes: number } {
  const sum = (name: string) =>
    spec.containers.reduce(
      // What has a limit only requests that.
      (total, { resources: { requests, limits } }) =>
        total + (quantityOf(requests[name]) ?? quantityOf(limits[name]) ?? 0),
      0,
    );
  return { cores: sum("cpu"), bytes: sum("memory") };
}

function requests({ coderd }: Cluster): Message | undefined {
  const least = coderd.map(requestsOf).find(({ cores, bytes }) => cores < LEAST.cores || bytes < LEAST.bytes);
  return (
    least && say("a pod of coderd requests {0} cores and {1} GB", round(least.cores), round(least.bytes / GB))
  );
}

/** "1 vCPU + 1 GB per 2 concurrent builds", beside the core that coderd itself needs at least. */
function daemons({ coderd }: Cluster): Message | undefined {
  for (const pod of coderd) {
    const variables = pod.spec.containers.flatMap(({ env }) => env);
    const count = Number(variables.find(({ name }) => name === "CODER_PROVISIONER_DAEMONS")?.value);
    const { cores } = requestsOf(pod);
    if (count > BUILT_IN_DAEMONS && cores < LEAST.cores + count / 2)
      return say(
        "{0} provisioner daemons in each replica of coderd, which requests {1} cores",
        count,
        round(cores),
      );
  }
  return undefined;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

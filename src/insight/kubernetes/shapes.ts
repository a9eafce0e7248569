import * as z from "zod";

/** Of the API's objects, what is read. Go leaves empty lists and maps out, or sends null. */
const listOf = <T extends z.ZodType>(one: T) =>
  z
    .array(one)
    .nullish()
    .transform((list) => list ?? []);
const texts = z
  .record(z.string(), z.string())
  .nullish()
  .transform((map) => map ?? {});
const quantities = z
  .record(z.string(), z.union([z.string(), z.number()]))
  .nullish()
  .transform((map) => map ?? {});

const metadata = z.object({
  name: z.string(),
  namespace: z.string().default(""),
  labels: texts,
  annotations: texts,
  ownerReferences: listOf(z.object({ kind: z.string(), name: z.string() })),
});

const container = z.object({
  name: z.string(),
  resources: z
    .object({ requests: quantities, limits: quantities })
    .nullish()
    .transform((one) => one ?? { requests: {}, limits: {} }),
  env: listOf(z.object({ name: z.string(), value: z.string().optional() })),
});

/** How a container ended before it was started again; OOMKilled where the kernel has killed it for want of memory. */
const lastStateSchema = z
  .object({ terminated: z.object({ reason: z.string().default("") }).nullish() })
  .nullish()
  .transform((state) => state?.terminated?.reason ?? "");

const podSchema = z.object({
  metadata,
  spec: z.object({ nodeName: z.string().optional(), containers: listOf(container) }),
  status: z.object({
    phase: z.string().default(""),
    conditions: listOf(z.object({ type: z.string(), status: z.string() })),
    containerStatuses: listOf(
      z.object({ name: z.string(), restartCount: z.number().default(0), lastState: lastStateSchema }),
    ),
  }),
});
export type Pod = z.output<typeof podSchema>;
export const podsSchema = z.object({ items: listOf(podSchema) });

export const podMetricsSchema = z.object({
  items: listOf(
    z.object({
      metadata: z.object({ name: z.string() }),
      containers: listOf(z.object({ name: z.string().default(""), usage: quantities })),
    }),
  ),
});

export const autoscalersSchema = z.object({
  items: listOf(
    z.object({
      metadata: z.object({ name: z.string() }),
      spec: z.object({ scaleTargetRef: z.object({ kind: z.string(), name: z.string() }) }),
    }),
  ),
});

export type Role = "coderd" | "provisioner" | "database";

const ROLES: Readonly<Record<string, Role>> = {
  coder: "coderd",
  "coder-provisioner": "provisioner",
  postgresql: "database",
  postgres: "database",
};

/** By the label `app.kubernetes.io/name`, as Coder's charts and the usual ones of PostgreSQL set it. */
const NAME_LABEL = "app.kubernetes.io/name";
export const ROLE_SELECTOR = `${NAME_LABEL} in (${Object.keys(ROLES).join(",")})`;
/** Of workspaces, as Coder's own templates for Kubernetes set it. */
export const WORKSPACE_SELECTOR = `${NAME_LABEL}=coder-workspace`;

export function roleOf({ metadata: { labels } }: Pod): Role | undefined {
  return ROLES[labels[NAME_LABEL] ?? ""];
}

/** It has not ended, and has not failed: what is left of a rollout is no pod of a role. */
export function isLive({ status: { phase } }: Pod): boolean {
  return phase !== "Succeeded" && phase !== "Failed";
}

export function isReady({ status: { conditions } }: Pod): boolean {
  return conditions.some(({ type, status }) => type === "Ready" && status === "True");
}

import type { ServerSource } from "../protocol/server-source.ts";
import { CoderdSource, sourceName } from "./coderd-source.ts";
import type { Timed } from "./insight.ts";
import type { KubernetesSource } from "./kubernetes/source.ts";
import { PROMETHEUS_EVERY_MS, PrometheusSource } from "./prometheus-source.ts";

export const POSTGRES_EVERY_MS = 5_000;
/** Kubernetes itself measures each pod four times a minute. */
export const KUBERNETES_EVERY_MS = 10_000;

export interface Opened extends Timed {
  /** The same source, where it is a cluster, which can be asked for more. */
  cluster?: KubernetesSource;
}

/** Whether it is one of coderd's own pages: these are read in rounds, all at the same time. */
function isPage(source: ServerSource): source is Extract<ServerSource, { kind: "prometheus" }> {
  return source.kind === "prometheus";
}

/** Whether it tells of coderd's process: CPU, requests, its pool of the database. */
export function hasProcess({ kind }: ServerSource): boolean {
  return kind === "prometheus" || kind === "prometheus-server";
}

/** What reads it, and how often where it is no page. What few have is a file of its own, which is read only now. */
export async function openSource(source: ServerSource): Promise<Opened> {
  switch (source.kind) {
    case "prometheus":
      return { source: new CoderdSource(source), everyMs: 0 };
    case "prometheus-server":
      return { source: new PrometheusSource(source), everyMs: PROMETHEUS_EVERY_MS };
    case "postgres": {
      const { PostgresSource } = await import("./postgres-source.ts");
      return { source: new PostgresSource(source), everyMs: POSTGRES_EVERY_MS };
    }
    case "kubernetes": {
      const { KubernetesSource } = await import("./kubernetes/source.ts");
      const cluster = new KubernetesSource(source);
      return { source: cluster, cluster, everyMs: KUBERNETES_EVERY_MS };
    }
  }
}

/** What coderd's pages are called in the label `source`. */
export function pageNames(sources: readonly ServerSource[]): string[] {
  return sources.filter(isPage).map(({ url }) => sourceName(url));
}

import { CoderClient } from "../../coder/client.ts";
import { readAsked } from "../../contract/server-words.ts";
import type { Check } from "../../protocol/check.ts";
import type { Target } from "../../protocol/target.ts";
import type { Environment, NetworkSettings } from "../target/network.ts";
import { checkAdvice } from "./advice.ts";
import { checkServerMetrics } from "./check.ts";
import { type Found, findPageBy } from "./found.ts";
import type { KubeAsked } from "./kubeconfig.ts";
import { namesPostgres } from "./postgres.ts";
import { sourcesOf } from "./resolve.ts";

export interface Tried {
  env: Environment;
  kube?: KubeAsked | undefined;
  /** Of an editor. */
  settings?: NetworkSettings;
  signal: AbortSignal;
}

/**
 * What of the deployment's own figures could be read: each source that is asked for, as by `--server-metrics`, else what
 * the deployment says itself; and what Coder's own advice says of a cluster. Rejects with ServerMetricsError, one line,
 * where what is asked for cannot be used.
 */
export async function checkSources(
  words: readonly string[],
  { client, env, kube, settings, signal }: Tried & { client: CoderClient },
): Promise<Check[]> {
  const asked = words.map((text) => readAsked(text, false));
  const wantsFound = asked.every(({ kind }) => kind !== "url" && kind !== "prometheus-server");
  const found: Found = wantsFound ? await findPageBy(client, signal) : { kind: "unknown" };
  const ways = { target: client.transport.target, env, kube, ...(settings ? { settings } : {}) };
  const sources = await sourcesOf(asked, found, ways);
  const isAsked = asked.some(({ kind }) => kind !== "api") || namesPostgres(env) || kube !== undefined;
  const check = await checkServerMetrics(sources, found, isAsked, signal);
  return [check, ...(await checkAdvice(sources, signal))];
}

/** The same of a deployment that nobody talks to yet. Rejects with CoderError, too, where it cannot be asked. */
export async function trySources(words: readonly string[], target: Target, tried: Tried): Promise<Check[]> {
  const client = new CoderClient(target);
  try {
    return await checkSources(words, { ...tried, client });
  } finally {
    await client.close().catch(() => undefined);
  }
}

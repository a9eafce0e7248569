import {
  type Asked,
  type PrometheusAsked,
  readAsked,
  ServerMetricsError,
} from "../../contract/server-words.ts";
import type { ServerMetrics, ServerSource } from "../../protocol/server-source.ts";
import type { Network, Target } from "../../protocol/target.ts";
import { say } from "../../text/message.ts";
import { type Environment, type NetworkSettings, networkTo } from "../target/network.ts";
import { type Found, findPage } from "./found.ts";
import { clusterOf, type KubeAsked } from "./kubeconfig.ts";
import { namesPostgres, postgresOf } from "./postgres.ts";
import { pageToken } from "./token.ts";

const AROUND_MS = 5_000;

export interface AskedMetrics {
  /** Words of the person who starts the run: these win over those of a scenario. */
  asked: readonly string[];
  /** Of the scenario's file. */
  byFile?: readonly string[];
  aroundMs?: number | undefined;
  /** A cluster beside them. */
  kube?: KubeAsked | undefined;
  target: Target;
  env: Environment;
  /** Of an editor. */
  settings?: NetworkSettings;
  signal?: AbortSignal;
}

type Ways = Pick<AskedMetrics, "target" | "env" | "settings" | "kube">;

/**
 * Where a run reads the deployment's own figures; undefined where nobody asks for them. Rejects with ServerMetricsError
 * or NetworkError, one line, where what is asked for cannot be used. A source that does not answer is no error: the run
 * says so, and goes on.
 */
export async function serverMetricsOf(of: AskedMetrics): Promise<ServerMetrics | undefined> {
  const { asked, byFile = [], aroundMs = AROUND_MS } = of;
  const words =
    asked.length > 0
      ? asked.map((text) => readAsked(text, false))
      : byFile.map((text) => readAsked(text, true));
  if (words.length === 0 && !namesPostgres(of.env) && !of.kube) return undefined;
  const isElsewhere = words.some(({ kind }) => kind === "prometheus-server");
  const isAuto = words.some(({ kind }) => kind === "auto");
  const found = isAuto && !isElsewhere ? await foundBy(of) : undefined;
  const sources = await sourcesOf(words, found, of);
  return { sources, aroundMs };
}

/** Each address once; and the database, where the environment names one, and the cluster. */
export async function sourcesOf(
  words: readonly Asked[],
  found: Found | undefined,
  ways: Ways,
): Promise<ServerSource[]> {
  const sources = new Map<string, ServerSource>();
  for (const word of words)
    if (word.kind === "url") sources.set(word.url, { kind: "prometheus", ...(await named(word, ways)) });
    else if (word.kind === "prometheus-server") {
      const { kind, url, selector } = word;
      const key = `${url} ${JSON.stringify(selector)}`;
      sources.set(key, { kind, selector, ...(await named(word, ways)) });
    }
  if (namesPostgres(ways.env) || words.some(({ kind }) => kind === "postgres"))
    sources.set("postgres", await postgresOf(ways.env, ways.settings));
  // A cluster is another matter than the deployment: it gets nothing that is meant for that.
  if (ways.kube)
    sources.set("kubernetes", await clusterOf(ways.kube, async (url) => (await strange(url, ways)).network));
  notTwice([...sources.values()]);
  if (found?.kind === "at" && !sources.has(found.url))
    sources.set(found.url, { kind: "prometheus", ...(await strange(found.url, ways)) });
  return [...sources.values()];
}

/** What coderd's pages say, a Prometheus server has from them: their sum would be wrong. Throws ServerMetricsError. */
function notTwice(sources: readonly ServerSource[]): void {
  const kinds = new Set(sources.map(({ kind }) => kind));
  if (kinds.has("prometheus") && kinds.has("prometheus-server"))
    throw new ServerMetricsError(
      say(
        "server metrics: coderd's own metrics and a Prometheus server that has them would be counted twice: name one of them",
      ),
    );
}

async function foundBy({ target, signal = new AbortController().signal }: AskedMetrics): Promise<Found> {
  try {
    return await findPage(target, signal);
  } catch {
    signal.throwIfAborted();
    // The run itself says what is wrong with the deployment.
    return { kind: "unknown" };
  }
}

async function named(
  { url, byFile }: Extract<Asked, { kind: "url" }> | PrometheusAsked,
  ways: Ways,
): Promise<{ url: string; network: Network; token?: string }> {
  const { target, env, settings } = ways;
  const isOfDeployment = new URL(url).hostname === new URL(target.url).hostname;
  if (byFile && !isOfDeployment) return strange(url, ways);
  return personNamed(url, { env, ...(settings ? { settings } : {}) });
}

/** An address that a person has named gets the token that is meant for it. Rejects with ServerMetricsError or NetworkError. */
export async function personNamed(
  url: string,
  ways: Pick<AskedMetrics, "env" | "settings">,
): Promise<{ url: string; network: Network; token?: string }> {
  const token = await pageToken(ways.env);
  const network = await networkTo(url, ways);
  return { url, network, ...(token === undefined ? {} : { token }) };
}

/** An address that no person has named: it is reached as all are, and gets nothing that is secret. */
async function strange(
  url: string,
  { env, settings }: Pick<AskedMetrics, "env" | "settings">,
): Promise<{ url: string; network: Network }> {
  const { CODER_HEADER: _fixed, CODER_HEADER_COMMAND: _command, ...rest } = env;
  const open = settings?.coder && { ...settings, coder: { ...settings.coder, headerCommand: "" } };
  const network = await networkTo(url, { env: rest, ...(settings ? { settings: open ?? settings } : {}) });
  return { url, network };
}

import type * as z from "zod";
import { PageReader, PageStatus } from "../../coder/page.ts";
import type { KubernetesCluster } from "../../protocol/server-source.ts";
import { say } from "../../text/message.ts";
import { SaidError } from "../../text/said-error.ts";
import { ClusterCredentials, type Credentials } from "./credentials.ts";

const TIMEOUT_MS = 5_000;
const MOST_BYTES = 16 * 1024 * 1024;

/** This user may not read it, or the cluster does not have it. */
export class NotThere extends SaidError {
  override readonly name = "NotThere";
  readonly isForbidden: boolean;

  constructor(what: string, status: number) {
    const isForbidden = status === 403;
    super(
      isForbidden
        ? say("this user may not list {0} (status 403)", what)
        : say("the cluster has no {0} (status {1})", what, status),
    );
    this.isForbidden = isForbidden;
  }
}

/** Kubernetes' API as far as it is read: GET requests of lists and logs, bounded, to one origin. */
export class KubernetesApi {
  readonly namespace: string;
  readonly #cluster: KubernetesCluster;
  readonly #credentials: ClusterCredentials;
  readonly #pages = new Map<string, PageReader>();
  /** With which these pages are read. */
  #with = "";
  requests = 0;
  bytes = 0;

  constructor(cluster: KubernetesCluster) {
    this.namespace = cluster.namespace;
    this.#cluster = cluster;
    this.#credentials = new ClusterCredentials(cluster);
  }

  /** `what`: for people, "pods of the namespace coder". Rejects with NotThere, or with one line. */
  async list<S extends z.ZodType>(
    path: string,
    query: Readonly<Record<string, string>>,
    { what, schema }: { what: string; schema: S },
    signal: AbortSignal,
  ): Promise<z.output<S>> {
    const parsed = schema.safeParse(jsonOf(await this.text(path, query, what, signal)));
    if (parsed.success) return parsed.data;
    throw new SaidError(say("its answer is none of Kubernetes' API: is this the address of a cluster?"));
  }

  /** An answer as it is. Rejects as `list` does. */
  async text(
    path: string,
    query: Readonly<Record<string, string>>,
    what: string,
    signal: AbortSignal,
  ): Promise<string> {
    const page = await this.#page(path);
    const parts: string[] = [];
    this.requests++;
    try {
      this.bytes += await page.read(
        (text) => parts.push(text),
        TIMEOUT_MS,
        signal,
        new URLSearchParams(query),
      );
    } catch (error) {
      if (!(error instanceof PageStatus)) throw error;
      if (error.status === 403 || error.status === 404) throw new NotThere(what, error.status);
      if (error.status !== 401) throw error;
      this.#credentials.forget();
      throw new SaidError(
        say("the cluster refuses the user of the kubeconfig (status 401): its token may have expired"),
      );
    }
    return parts.join("");
  }

  async #page(path: string): Promise<PageReader> {
    const credentials = await this.#credentials.get();
    const now = JSON.stringify(credentials);
    if (now !== this.#with) await this.close();
    this.#with = now;
    const page = this.#pages.get(path) ?? this.#newPage(path, credentials);
    this.#pages.set(path, page);
    return page;
  }

  #newPage(path: string, { token, clientCertificate }: Credentials): PageReader {
    const { url, network } = this.#cluster;
    const base = url.endsWith("/") ? url : `${url}/`;
    return new PageReader({
      url: new URL(path, base).href,
      network: { ...network, ...(clientCertificate ? { clientCertificate } : {}) },
      token: token === "" ? undefined : token,
      // A log is text.
      accept: "application/json, */*",
      mostBytes: MOST_BYTES,
    });
  }

  async close(): Promise<void> {
    const pages = [...this.#pages.values()];
    this.#pages.clear();
    await Promise.all(pages.map((page) => page.close().catch(() => undefined)));
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

import type { KubeAsked } from "../../../app/server-metrics/kubeconfig.ts";
import type { Environment } from "../../../app/target/network.ts";
import type { Memory, SecretStore } from "../../host.ts";
import { Signal } from "../../signal.ts";

/** Where a person has said that a deployment's own figures are. There is nothing secret in it. */
export interface MetricsPlace {
  /** As `--server-metrics` takes them: `auto`, `api`, `postgres`, or an address. */
  words: readonly string[];
  /** A cluster beside them. */
  kube?: KubeAsked;
}

/** `token`: the bearer token of pages of metrics. `postgres`: a connection string, which has a password in it. */
export type MetricsSecret = "token" | "postgres";

const KEY = "scaletest.serverMetrics";
const NOWHERE: MetricsPlace = { words: [] };
/** What the command line takes each of them from. */
const VARIABLES: Readonly<Record<MetricsSecret, string>> = {
  token: "CODER_SCALETEST_SERVER_METRICS_TOKEN",
  postgres: "CODER_SCALETEST_PG_URL",
};
const SECRETS = Object.keys(VARIABLES) as MetricsSecret[];

/** Where deployments' own figures are, by origin; what is secret of it is in the editor's secret store. */
export class MetricsPlaces {
  readonly changed = new Signal<void>();
  readonly #memory: Memory;
  readonly #secrets: SecretStore;

  constructor(memory: Memory, secrets: SecretStore) {
    this.#memory = memory;
    this.#secrets = secrets;
  }

  of(url: string): MetricsPlace {
    return this.#all()[originOf(url)] ?? NOWHERE;
  }

  /** How many sources a run would read. */
  count(url: string): number {
    const { words, kube } = this.of(url);
    return words.length + (kube ? 1 : 0);
  }

  async keep(url: string, place: MetricsPlace): Promise<void> {
    const { [originOf(url)]: _former, ...others } = this.#all();
    const isNowhere = place.words.length === 0 && !place.kube;
    await this.#memory.update(KEY, isNowhere ? others : { ...others, [originOf(url)]: place });
    this.changed.emit();
  }

  async keepSecret(url: string, secret: MetricsSecret, value: string): Promise<void> {
    await this.#secrets.store(keyOf(url, secret), value);
  }

  /** Of a deployment that is signed out of, too: nothing secret stays behind. */
  async forget(url: string): Promise<void> {
    for (const secret of SECRETS) await this.#secrets.delete(keyOf(url, secret));
    await this.keep(url, NOWHERE);
  }

  async forgetSecret(url: string, secret: MetricsSecret): Promise<void> {
    await this.#secrets.delete(keyOf(url, secret));
  }

  /** The environment in which this deployment's secrets are what the command line would take them from. */
  async environment(url: string, env: Environment): Promise<Environment> {
    const kept = await Promise.all(
      SECRETS.map(
        async (secret) => [VARIABLES[secret], await this.#secrets.get(keyOf(url, secret))] as const,
      ),
    );
    return { ...env, ...Object.fromEntries(kept.filter(([, value]) => value !== undefined)) };
  }

  #all(): Readonly<Record<string, MetricsPlace>> {
    return this.#memory.get<Record<string, MetricsPlace>>(KEY) ?? {};
  }
}

function originOf(url: string): string {
  return new URL(url).origin;
}

function keyOf(url: string, secret: MetricsSecret): string {
  return `${KEY}.${secret}:${originOf(url)}`;
}

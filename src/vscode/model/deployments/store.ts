import { isSameOrigin } from "../../../coder/origin.ts";
import type { Memory, SecretStore } from "../../host.ts";
import { Signal } from "../../signal.ts";

/** A deployment that has been signed in to. Its token is elsewhere, in the editor's secret store. */
export interface KnownDeployment {
  /** Origin, without a trailing slash. */
  url: string;
  username: string;
  version: string;
  /** The simulated deployment, which names itself. */
  sandbox: boolean;
}

const LIST_KEY = "scaletest.deployments";
const tokenKey = (url: string) => `scaletest.token:${new URL(url).origin}`;

/** The deployments that are signed in to, and their tokens by origin: scheme, host and port. */
export class DeploymentStore {
  readonly changed = new Signal<void>();
  /** Somebody has signed in, for the first time or anew; told before `changed`. */
  readonly signedIn = new Signal<KnownDeployment>();
  readonly #memory: Memory;
  readonly #secrets: SecretStore;

  constructor(memory: Memory, secrets: SecretStore) {
    this.#memory = memory;
    this.#secrets = secrets;
  }

  /** The one that was signed in to last comes first. */
  list(): KnownDeployment[] {
    return this.#memory.get<KnownDeployment[]>(LIST_KEY) ?? [];
  }

  find(url: string): KnownDeployment | undefined {
    return this.list().find((deployment) => isSameOrigin(deployment.url, url));
  }

  async add(deployment: KnownDeployment, token: string): Promise<void> {
    await this.#secrets.store(tokenKey(deployment.url), token);
    const others = this.list().filter(({ url }) => !isSameOrigin(url, deployment.url));
    await this.#memory.update(LIST_KEY, [deployment, ...others]);
    this.signedIn.emit(deployment);
    this.changed.emit();
  }

  async remove(url: string): Promise<void> {
    await this.#secrets.delete(tokenKey(url));
    await this.#memory.update(
      LIST_KEY,
      this.list().filter((deployment) => !isSameOrigin(deployment.url, url)),
    );
    this.changed.emit();
  }

  /** undefined where the secret store has lost it: then one has to sign in anew. */
  async token(url: string): Promise<string | undefined> {
    return (await this.#secrets.get(tokenKey(url))) ?? undefined;
  }
}

import {
  type AuthenticationProvider,
  type AuthenticationProviderAuthenticationSessionsChangeEvent,
  type AuthenticationSession,
  authentication,
  Disposable,
  EventEmitter,
} from "vscode";
import { t } from "../../../l10n/text.ts";
import { hostOf, originOf } from "../../model/deployments/origin.ts";
import type { Session } from "../../model/deployments/session.ts";
import type { DeploymentStore, KnownDeployment } from "../../model/deployments/store.ts";

export const PROVIDER = "coder-scaletest";

/**
 * The deployments that are signed in to, in the editor's own menu of accounts. A session's one scope is the
 * deployment's origin, so that several can be signed in to at once.
 */
export class DeploymentAuthentication implements AuthenticationProvider, Disposable {
  readonly #changed = new EventEmitter<AuthenticationProviderAuthenticationSessionsChangeEvent>();
  readonly onDidChangeSessions = this.#changed.event;
  readonly #session: Session;
  readonly #disposable: Disposable;
  #known: readonly KnownDeployment[];

  constructor(session: Session) {
    this.#session = session;
    this.#known = session.store.list();
    this.#disposable = Disposable.from(
      new Disposable(session.store.changed.on(() => void this.#tell())),
      new Disposable(session.store.signedIn.on((deployment) => void this.#tellAnew(deployment))),
      authentication.registerAuthenticationProvider(PROVIDER, "Coder (Scale Test)", this, {
        supportsMultipleAccounts: true,
      }),
      this.#changed,
    );
  }

  async getSessions(scopes?: readonly string[]): Promise<AuthenticationSession[]> {
    const wanted = this.#store
      .list()
      .filter(({ url }) => !scopes || scopes.length === 0 || scopes.includes(url));
    const sessions = await Promise.all(wanted.map((deployment) => this.#sessionOf(deployment)));
    return sessions.filter((session) => session !== undefined);
  }

  async createSession(scopes: readonly string[]): Promise<AuthenticationSession> {
    const url = scopes.map((scope) => originOf(scope)).find((origin) => origin !== undefined);
    const deployment = await this.#session.signIn(url ? { url } : {});
    const session = deployment && (await this.#sessionOf(deployment));
    if (!session) throw new Error(t("Not signed in"));
    return session;
  }

  async removeSession(sessionId: string): Promise<void> {
    await this.#store.remove(sessionId);
  }

  dispose(): void {
    this.#disposable.dispose();
  }

  get #store(): DeploymentStore {
    return this.#session.store;
  }

  /** undefined where the secret store has lost the token: then it is no session. */
  async #sessionOf(deployment: KnownDeployment): Promise<AuthenticationSession | undefined> {
    const accessToken = await this.#store.token(deployment.url);
    return accessToken ? { ...describe(deployment), accessToken } : undefined;
  }

  /** With another token than before. */
  async #tellAnew(deployment: KnownDeployment): Promise<void> {
    if (!this.#known.some(({ url }) => url === deployment.url)) return;
    const session = await this.#sessionOf(deployment);
    if (session) this.#changed.fire({ added: [], removed: [], changed: [session] });
  }

  async #tell(): Promise<void> {
    const before = this.#known;
    this.#known = this.#store.list();
    const has = (list: readonly KnownDeployment[], url: string) => list.some((one) => one.url === url);
    const added = await Promise.all(
      this.#known.filter(({ url }) => !has(before, url)).map((deployment) => this.#sessionOf(deployment)),
    );
    // Who is told that a session has gone needs no token of it.
    const removed = before
      .filter(({ url }) => !has(this.#known, url))
      .map((one) => ({ ...describe(one), accessToken: "" }));
    this.#changed.fire({ added: added.filter((session) => session !== undefined), removed, changed: [] });
  }
}

function describe({ url, username }: KnownDeployment): Omit<AuthenticationSession, "accessToken"> {
  return { id: url, account: { id: url, label: t("{0} on {1}", username, hostOf(url)) }, scopes: [url] };
}

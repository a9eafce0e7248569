import {
  type AuthenticationProvider,
  type AuthenticationProviderAuthenticationSessionsChangeEvent,
  type AuthenticationSession,
  authentication,
  Disposable,
  EventEmitter,
} from "vscode";
import { t } from "../../l10n/text.ts";
import { setContextKey } from "../commands.ts";
import type { SignInRequest } from "../ids.ts";
import { hostOf, originOf } from "../model/deployments/origin.ts";
import type { DeploymentStore, KnownDeployment } from "../model/deployments/store.ts";
import type { Contributed } from "./manifest.ts";

/** Resolves with undefined where the person left. */
type SignIn = (request: SignInRequest) => Promise<KnownDeployment | undefined>;
type ContributedAccounts = Contributed["accounts"][number];

/**
 * Who is signed in to what, for the editor's menu of accounts and for `when` clauses. The editor asks for it when a window
 * opens: only signing in takes more than the list.
 */
export function registerAccounts(
  contributed: Contributed["accounts"],
  store: DeploymentStore,
  signIn: SignIn,
): Disposable {
  const follow = () => setContextKey("scaletest.signedIn", store.list().length > 0);
  follow();
  return Disposable.from(
    new Disposable(store.changed.on(follow)),
    ...contributed.map((one) => new DeploymentAccounts(one, store, signIn)),
  );
}

/**
 * The deployments that are signed in to, in the editor's own menu of accounts. A session's one scope is the
 * deployment's origin, so that several can be signed in to at once.
 */
class DeploymentAccounts implements AuthenticationProvider, Disposable {
  readonly #changed = new EventEmitter<AuthenticationProviderAuthenticationSessionsChangeEvent>();
  readonly onDidChangeSessions = this.#changed.event;
  readonly #store: DeploymentStore;
  readonly #signIn: SignIn;
  readonly #disposable: Disposable;
  #known: readonly KnownDeployment[];

  constructor({ id, label }: ContributedAccounts, store: DeploymentStore, signIn: SignIn) {
    this.#store = store;
    this.#signIn = signIn;
    this.#known = store.list();
    this.#disposable = Disposable.from(
      new Disposable(store.changed.on(() => void this.#tell())),
      new Disposable(store.signedIn.on((deployment) => void this.#tellAnew(deployment))),
      authentication.registerAuthenticationProvider(id, label, this, { supportsMultipleAccounts: true }),
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
    const deployment = await this.#signIn(url ? { url } : {});
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

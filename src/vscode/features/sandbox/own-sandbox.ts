import { t } from "../../../l10n/text.ts";
import type { Log, Memory } from "../../host.ts";
import type { Session } from "../../model/deployments/session.ts";
import type { KnownDeployment } from "../../model/deployments/store.ts";
import { Signal } from "../../signal.ts";
import { OWN_SANDBOX_KEY } from "./own-sandbox-key.ts";
import { SandboxProcess } from "./process.ts";

/** This window's sandbox: its process, and the sign-in to it. */
export class OwnSandbox {
  readonly changed = new Signal<boolean>();
  readonly #process: SandboxProcess;
  readonly #session: Session;
  readonly #memory: Memory;

  constructor(cli: string, session: Session, memory: Memory, log: Log) {
    this.#session = session;
    this.#memory = memory;
    this.#process = new SandboxProcess(cli, log, () => {
      log.warn("the sandbox ended by itself");
      void this.#signOut();
    });
  }

  get running(): boolean {
    return this.#process.running;
  }

  /** Starts it where it is not running, and signs in to it. */
  async start(): Promise<KnownDeployment> {
    if (!this.running) await this.#signOut();
    const { url, token } = await this.#process.start();
    const deployment = await this.#session.signIn({ url, token });
    if (!deployment) throw new Error(t("The sandbox could not be signed in to"));
    await this.#memory.update(OWN_SANDBOX_KEY, url);
    this.changed.emit(true);
    return deployment;
  }

  async stop(): Promise<void> {
    this.#process.stop();
    await this.#signOut();
  }

  /** A sandbox ends with its window: one that an earlier window was signed in to is no more. */
  async forgetEarlier(): Promise<void> {
    if (!this.running) await this.#signOut();
  }

  dispose(): void {
    this.#process.stop();
  }

  async #signOut(): Promise<void> {
    const url = this.#memory.get<string>(OWN_SANDBOX_KEY);
    if (!url) return;
    await this.#memory.update(OWN_SANDBOX_KEY, undefined);
    await this.#session.store.remove(url);
    this.changed.emit(false);
  }
}

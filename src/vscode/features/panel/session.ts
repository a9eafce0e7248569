import { t } from "../../../l10n/text.ts";
import {
  type AskedRow,
  type FromPanel,
  fromPanelSchema,
  type PanelTarget,
  type ToPanel,
} from "../../../protocol/panel.ts";
import type { WorkspaceRow } from "../../../protocol/snapshot.ts";
import { messageOf } from "../../host.ts";
import type { WatchedRun } from "../../model/runs/watched-run.ts";
import type { Unsubscribe } from "../../signal.ts";

export interface PanelActions {
  post(message: ToPanel): void;
  /** Shows a workspace's kept log in a read-only editor. */
  openLog(row: WorkspaceRow): void;
  /** Shows a whole build log in a read-only editor. */
  openBuildLog(row: WorkspaceRow, text: string): void;
  copy(text: string): void;
  /** Asks the person to sign in again to the run's deployment. */
  signIn(): void;
}

/** What stands behind one live panel: the run's figures to it, its wishes to the run. */
export class PanelSession {
  readonly #run: WatchedRun;
  readonly #actions: PanelActions;
  readonly #unsubscribe: Unsubscribe[];
  #ready = false;
  /** What is to be shown as soon as there is something. */
  #target: PanelTarget | undefined;

  constructor(run: WatchedRun, actions: PanelActions) {
    this.#run = run;
    this.#actions = actions;
    this.#unsubscribe = [
      run.changed.on(() => this.#sendState()),
      run.sampled.on((sample) => this.#send({ type: "sample", sample })),
    ];
  }

  /** A message from the panel; what is not one is dropped. */
  receive(message: unknown): void {
    const parsed = fromPanelSchema.safeParse(message);
    if (!parsed.success) return;
    this.#handle(parsed.data).catch((error: unknown) => {
      this.#send({ type: "notice", level: "error", text: messageOf(error) });
    });
  }

  /** Shows a part of the run's time, a workspace or a failure. A panel that was hidden is drawn anew, and told when it is. */
  look(at: PanelTarget, isHidden: boolean): void {
    if (this.#ready && !isHidden) this.#send({ type: "look", at });
    else this.#target = at;
  }

  dispose(): void {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
  }

  async #handle(message: FromPanel): Promise<void> {
    switch (message.type) {
      case "ready":
        this.#ready = true;
        this.#sendState();
        this.#send({ type: "series", samples: await this.#run.series() });
        if (this.#target) this.#send({ type: "look", at: this.#target });
        this.#target = undefined;
        this.#send({ type: "asked", rows: await this.#asked() });
        return;
      case "stop":
        await this.#run.stop(message.keep);
        return;
      case "signIn":
        this.#actions.signIn();
        return;
      case "pause":
        await this.#run.pause(message.paused);
        return;
      case "page":
        this.#send({
          type: "page",
          request: message.request,
          page: await this.#run.workspaces(message.query),
        });
        return;
      case "openLog": {
        const row = await this.#row(message.step, message.index);
        if (!row?.log) throw new Error(t("This workspace has no log"));
        this.#actions.openLog(row);
        return;
      }
      case "openBuildLog": {
        const text = await this.#run.buildLog(message.step, message.index).catch((error: unknown) => {
          throw new Error(t("No build log: {0}", messageOf(error)));
        });
        const row = await this.#row(message.step, message.index);
        if (row) this.#actions.openBuildLog(row, text);
        return;
      }
      case "copy":
        this.#actions.copy(message.text);
        return;
    }
  }

  /** What it takes is read when the first panel opens. */
  async #asked(): Promise<AskedRow[]> {
    const { askedRows } = await import("../../../app/compare/configuration.ts");
    return askedRows(this.#run.file);
  }

  async #row(step: string, index: number): Promise<WorkspaceRow | undefined> {
    const { rows } = await this.#run.workspaces({ step, offset: index, limit: 1, sort: "index" });
    return rows.find((row) => row.index === index);
  }

  #sendState(): void {
    this.#send({ type: "connection", ...connectionOf(this.#run) });
    const { whole } = this.#run;
    if (whole) this.#send({ type: "snapshot", snapshot: whole });
  }

  #send(message: ToPanel): void {
    if (this.#ready) this.#actions.post(message);
  }
}

function connectionOf(run: WatchedRun): Omit<Extract<ToPanel, { type: "connection" }>, "type"> {
  switch (run.condition) {
    case "attached":
      return run.silentSince === undefined
        ? { state: "attached" }
        : { state: "silent", message: t("Its load may still be running.") };
    case "ended":
      return { state: "attached" };
    case "foreign":
      return {
        state: "lost",
        message: t("It is run by another version of this extension and can only be stopped."),
      };
    case "lost":
      return { state: run.snapshot ? "lost" : "closed", message: t("Its runner no longer answers.") };
  }
}

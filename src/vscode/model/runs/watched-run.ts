import { type EndedRecord, endedRecord } from "../../../app/runs/ended.ts";
import { t, wordsOf } from "../../../l10n/text.ts";
import type { Left } from "../../../protocol/left.ts";
import {
  type BuildLog,
  type WorkspacesPage,
  type WorkspacesQuery,
  workspacesParams,
} from "../../../protocol/messages.ts";
import type { Sample, Snapshot } from "../../../protocol/snapshot.ts";
import { type StepView, viewOf } from "../../../protocol/steps.ts";
import { workspacePage } from "../../../protocol/workspace-page.ts";
import type { Final } from "../../../runs/final.ts";
import type { RunFile } from "../../../runs/run-file.ts";
import type { Message } from "../../../text/message.ts";
import { Signal, type Unsubscribe } from "../../signal.ts";

/** What is used of runner/client's connection. */
export interface RunLink {
  readonly runId: string;
  readonly folder: string;
  readonly compatible: boolean;
  latest(): Snapshot | undefined;
  onSnapshot(listener: (snapshot: Snapshot) => void): Unsubscribe;
  onSample(listener: (sample: Sample) => void): Unsubscribe;
  onClose(listener: () => void): Unsubscribe;
  /** True when the runner has been silent for too long, false when it is back. */
  onSilence(listener: (silent: boolean) => void): Unsubscribe;
  stop(keep: boolean): Promise<void>;
  pause(paused: boolean): Promise<unknown>;
  renew(token: string): Promise<Message>;
  workspaces(query: WorkspacesQuery): Promise<WorkspacesPage>;
  series(after?: number): Promise<Sample[]>;
  buildLog(step: string, index: number): Promise<BuildLog>;
  dispose(): void;
}

/** What a run left in its folder. */
export interface RunRecords {
  /** undefined where it did not come to its end. */
  final(folder: string): Promise<Final | undefined>;
  /** Of one that did not come to its end; undefined where there is nothing of it. */
  series(folder: string): Promise<{ samples: Sample[] } | undefined>;
}

export type RunCondition =
  /** Attached to its runner. */
  | "attached"
  /** Attached, but the runner is of another version: it can only be stopped. */
  | "foreign"
  /** It has ended, with a result. */
  | "ended"
  /** The runner is gone, and has left no result. */
  | "lost";

/** One run as this window sees it: its file, its newest figures, and whether its runner still answers. */
export class WatchedRun {
  readonly changed = new Signal<void>();
  readonly sampled = new Signal<Sample>();
  readonly file: RunFile;
  readonly folder: string;
  /** Of a run that is over: what its journal still names; undefined until that is read. */
  remains: Left | undefined;
  /** Since when the runner keeps its socket and says nothing, in Unix milliseconds; undefined: it speaks. */
  silentSince: number | undefined;
  readonly #records: RunRecords;
  #link: RunLink | undefined;
  #condition: RunCondition;
  #snapshot: Snapshot | undefined;
  /** Of that snapshot; made once for all who look. */
  #made: { of: Snapshot; view: StepView } | undefined;
  #final: EndedRecord | undefined;
  #unsubscribe: Unsubscribe[] = [];

  /** Without a link, the run is lost unless `ended`, which it looked like last, is an end. */
  constructor(
    file: RunFile,
    folder: string,
    records: RunRecords,
    link: RunLink | undefined,
    ended?: Snapshot,
  ) {
    this.file = file;
    this.folder = folder;
    this.#records = records;
    this.#link = link;
    const isOver = ended !== undefined && ended.state !== "crashed";
    this.#condition = link ? (link.compatible ? "attached" : "foreign") : isOver ? "ended" : "lost";
    this.#snapshot = link?.latest() ?? ended;
    if (link) this.#listen(link);
  }

  get id(): string {
    return this.file.id;
  }

  get title(): string {
    return this.#snapshot?.run.title ?? this.file.title;
  }

  get condition(): RunCondition {
    return this.#condition;
  }

  /** With the figures of the step in focus. */
  get snapshot(): StepView | undefined {
    return this.#view;
  }

  /** With all its steps, as the runner says it. */
  get whole(): Snapshot | undefined {
    return this.#snapshot;
  }

  get #view(): StepView | undefined {
    const of = this.#snapshot;
    if (!of) return undefined;
    if (this.#made?.of !== of) this.#made = { of, view: viewOf(of) };
    return this.#made.view;
  }

  /** Load may be under way: it can be stopped. */
  get active(): boolean {
    return this.#condition === "attached" || this.#condition === "foreign";
  }

  /** Rejects where there is nobody to be told any more. */
  async stop(keep: boolean): Promise<void> {
    if (!this.#link || !this.active) throw new Error(t("{0} has ended already", this.title));
    await this.#link.stop(keep);
  }

  /** Paused, it begins nothing new. */
  async pause(paused: boolean): Promise<void> {
    if (!this.#link || this.#condition !== "attached") throw new Error(t("{0} cannot be paused", this.title));
    await this.#link.pause(paused);
  }

  /** Since when, and until when, it waits for a sign-in; undefined where it does not. */
  get expired(): Snapshot["sessionExpired"] {
    return this.active ? this.#snapshot?.sessionExpired : undefined;
  }

  /** Hands it another token. Resolves with one sentence; rejects with one where it is not good for this run. */
  async renew(token: string): Promise<Message> {
    if (!this.#link || this.#condition !== "attached")
      throw new Error(t("{0} cannot take a token", this.title));
    return this.#link.renew(token);
  }

  async workspaces(query: WorkspacesQuery): Promise<WorkspacesPage> {
    if (this.#link) return this.#link.workspaces(query);
    const final = await this.final();
    return workspacePage(final?.rows ?? [], workspacesParams.parse(query));
  }

  async series(): Promise<Sample[]> {
    if (this.#link) return this.#link.series();
    const final = await this.final();
    return final?.samples ?? (await this.#records.series(this.folder))?.samples ?? [];
  }

  /** Asked of the deployment by the runner. Rejects with one sentence where there is none to be had. */
  async buildLog(step: string, index: number): Promise<string> {
    if (!this.#link || this.#condition !== "attached") {
      throw new Error(t("the run has ended, and its sign-in with it; the deployment has the log"));
    }
    const { head, text } = await this.#link.buildLog(step, index);
    return `${wordsOf(head)}\n${text}\n`;
  }

  /** The run at its end, from its folder; undefined where it did not come to one, or not yet. */
  async final(): Promise<EndedRecord | undefined> {
    if (!this.#final) {
      const final = await this.#records.final(this.folder);
      this.#final = final && endedRecord(final);
    }
    return this.#final;
  }

  dispose(): void {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    this.#unsubscribe = [];
    this.#link?.dispose();
  }

  #listen(link: RunLink): void {
    this.#unsubscribe.push(
      link.onSnapshot((snapshot) => {
        this.#snapshot = snapshot;
        this.#leaveFinished();
        this.changed.emit();
      }),
      link.onSample((sample) => this.sampled.emit(sample)),
      link.onClose(() => this.#closed()),
      link.onSilence((silent) => {
        this.silentSince = silent ? Date.now() : undefined;
        this.changed.emit();
      }),
    );
    this.#leaveFinished();
  }

  /** An outcome alone is not the end: only with this state its record is complete, and the runner not needed. */
  #leaveFinished(): void {
    if (this.#snapshot?.state === "finished") this.#leave("ended");
  }

  #closed(): void {
    if (!this.#link) return;
    if (this.#snapshot?.outcome) {
      this.#leave("ended");
      this.changed.emit();
      return;
    }
    if (this.#snapshot) this.#snapshot = { ...this.#snapshot, state: "crashed" };
    this.#leave("lost");
    this.changed.emit();
  }

  /** What there is to know is in the run's folder: the runner may go. */
  #leave(condition: RunCondition): void {
    const link = this.#link;
    this.#condition = condition;
    this.silentSince = undefined;
    this.#link = undefined;
    this.dispose();
    link?.dispose();
  }
}

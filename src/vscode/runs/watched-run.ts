import type { WorkspacesPage, WorkspacesQuery } from "../../protocol/messages.ts";
import type { Sample, Snapshot } from "../../protocol/snapshot.ts";
import type { RunFile } from "../../runs/run-file.ts";
import { Signal, type Unsubscribe } from "../signal.ts";

/** What is used of runner/client's connection. */
export interface RunLink {
  readonly runId: string;
  readonly folder: string;
  readonly compatible: boolean;
  latest(): Snapshot | undefined;
  onSnapshot(listener: (snapshot: Snapshot) => void): Unsubscribe;
  onSample(listener: (sample: Sample) => void): Unsubscribe;
  onClose(listener: () => void): Unsubscribe;
  stop(keep: boolean): Promise<void>;
  workspaces(query: WorkspacesQuery): Promise<WorkspacesPage>;
  series(after?: number): Promise<Sample[]>;
  dispose(): void;
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
  #link: RunLink | undefined;
  #condition: RunCondition;
  #snapshot: Snapshot | undefined;
  #linkClosed = false;
  #unsubscribe: Unsubscribe[] = [];

  constructor(file: RunFile, folder: string, link: RunLink | undefined) {
    this.file = file;
    this.folder = folder;
    this.#link = link;
    this.#condition = link ? (link.compatible ? "attached" : "foreign") : "lost";
    this.#snapshot = link?.latest();
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

  get snapshot(): Snapshot | undefined {
    return this.#snapshot;
  }

  /** Load may be under way: it can be stopped. */
  get active(): boolean {
    return this.#condition === "attached" || this.#condition === "foreign";
  }

  /** Rejects where there is nobody to be told any more. */
  async stop(keep: boolean): Promise<void> {
    if (!this.#link || !this.active) throw new Error(`${this.title} has ended already`);
    await this.#link.stop(keep);
  }

  async workspaces(query: WorkspacesQuery): Promise<WorkspacesPage> {
    if (this.#link && !this.#linkClosed) return this.#link.workspaces(query);
    return { rows: [], total: 0 };
  }

  async series(): Promise<Sample[]> {
    if (this.#link && !this.#linkClosed) return this.#link.series();
    return [];
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
        if (snapshot.outcome) this.#condition = "ended";
        this.changed.emit();
      }),
      link.onSample((sample) => this.sampled.emit(sample)),
      link.onClose(() => this.#closed()),
    );
    if (this.#snapshot?.outcome) this.#condition = "ended";
  }

  #closed(): void {
    this.#linkClosed = true;
    if (this.#condition === "ended") return;
    this.#condition = "lost";
    if (this.#snapshot) this.#snapshot = { ...this.#snapshot, state: "crashed" };
    this.changed.emit();
  }
}

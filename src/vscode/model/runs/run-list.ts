import type { RunRequest } from "../../../app/run-request.ts";
import { isYoung } from "../../../app/runs/state.ts";
import { t } from "../../../l10n/text.ts";
import { type Left, NOTHING_LEFT, totalLeft } from "../../../protocol/left.ts";
import { isNewer } from "../../../runs/newer.ts";
import type { RunFile } from "../../../runs/run-file.ts";
import type { RunEntry } from "../../../runs/run-list.ts";
import { type Log, messageOf } from "../../host.ts";
import { Signal } from "../../signal.ts";
import { type RunLink, type RunRecords, WatchedRun } from "./watched-run.ts";

export type NewRun = RunRequest;

/** The way to runners and to the folder of runs. */
export interface RunSource {
  start(run: NewRun): Promise<RunLink>;
  attach(folder: string): Promise<RunLink>;
  list(): Promise<RunEntry[]>;
  read(folder: string): Promise<RunFile>;
  records: RunRecords;
  /** Why runs cannot be kept, in one sentence; undefined where they can. */
  problem?(): string | undefined;
  /** What the run's journal still names. */
  remains(folder: string): Promise<Left>;
  isDismissed(folder: string): Promise<boolean>;
  /** Whether its runner listens. */
  isAlive(folder: string): Promise<boolean>;
  /** Takes the run off every list for good, the command line's too. */
  dismiss(folder: string): Promise<void>;
  /** Ends a runner's process at once, without its clean-up. Rejects where it is not known. */
  kill(folder: string): Promise<void>;
}

/** A run that is over, and what its journal still names; nothing of one that a newer version made. */
export type PastRun = RunEntry & { left: Left };

/** The runs that this window shows as active: started here, in another window, or on the command line. */
export class RunList {
  /** A run came, went, or has new figures. */
  readonly changed = new Signal<WatchedRun | undefined>();
  readonly finished = new Signal<WatchedRun>();
  /** A run's runner is gone without a result, and its journal names what may still exist. */
  readonly interrupted = new Signal<WatchedRun>();
  /** A run's runner keeps its socket and says nothing any more. */
  readonly silenced = new Signal<WatchedRun>();
  /** A run's session has expired: it waits for a sign-in. */
  readonly expired = new Signal<WatchedRun>();
  readonly #source: RunSource;
  readonly #log: Log;
  readonly #runs = new Map<string, WatchedRun>();
  /** Runs that a person has put away; they are not found again. */
  readonly #forgotten = new Set<string>();
  readonly #now: () => number;
  /** Finding and starting take turns, so that a run which is being started here is not found as another's. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(source: RunSource, log: Log, now: () => number = Date.now) {
    this.#source = source;
    this.#log = log;
    this.#now = now;
  }

  /** The newest first. */
  list(): WatchedRun[] {
    return [...this.#runs.values()].sort((a, b) => b.file.createdAt - a.file.createdAt);
  }

  active(): WatchedRun[] {
    return this.list().filter((run) => run.active);
  }

  get(id: string): WatchedRun | undefined {
    return this.#runs.get(id);
  }

  /** Starts a run in a process of its own. Rejects with one sentence where it could not begin. */
  start(run: NewRun): Promise<WatchedRun> {
    return this.#inTurn(async () => {
      const link = await this.#source.start(run);
      const watched = new WatchedRun(
        await this.#source.read(link.folder),
        link.folder,
        this.#source.records,
        link,
      );
      this.#log.info(`started run ${watched.id}: ${watched.title}`);
      this.#add(watched);
      return watched;
    });
  }

  /**
   * Attaches to the runs of the folder that are under way and not known yet. Returns whether a young one had
   * no runner yet, so that it is worth while to look again soon.
   */
  find(): Promise<boolean> {
    return this.#inTurn(async () => {
      const entries = (await this.#source.list()).filter(
        ({ file, result }) => !result && !this.#isKnown(file.id),
      );
      const found = await Promise.all(entries.map((entry) => this.#findOne(entry)));
      return found.includes("later");
    });
  }

  /**
   * Any run of the folder, the active ones as they are, the others as they ended. Rejects with one sentence where a
   * newer version made it.
   */
  async open(id: string): Promise<WatchedRun | undefined> {
    const known = this.#runs.get(id);
    if (known) return known;
    const entry = (await this.#source.list()).find(({ file }) => file.id === id);
    if (!entry) return undefined;
    if (isNewer(entry.file)) throw new Error(newerText(entry.file));
    const final = await this.#source.records.final(entry.folder);
    return new WatchedRun(entry.file, entry.folder, this.#source.records, undefined, final?.snapshot);
  }

  /** Why the folder of runs cannot be used, in one sentence; undefined where it can. */
  problem(): string | undefined {
    return this.#source.problem?.();
  }

  /** Everything that the folder has, the newest first. */
  stored(): Promise<RunEntry[]> {
    return this.#source.list();
  }

  /** Titles of all of them by their ids. */
  async titles(): Promise<ReadonlyMap<string, string>> {
    return new Map((await this.stored()).map(({ file }) => [file.id, file.title]));
  }

  /**
   * Of the folder, what is not under way and not put away, the newest first, with what each has left; nothing that
   * is under way, not even where this window has not found it yet.
   */
  async past(): Promise<PastRun[]> {
    const entries = await this.#source.list();
    const found = await Promise.all(entries.map((entry) => this.#pastOf(entry)));
    return found.filter((entry) => entry !== undefined);
  }

  async #pastOf(entry: RunEntry): Promise<PastRun | undefined> {
    if (await this.#isUnderWay(entry)) return undefined;
    if (isNewer(entry.file)) return { ...entry, left: NOTHING_LEFT };
    const left = await this.#source.remains(entry.folder);
    // Of one that was put away, and still names something, the record is not to be deleted: it is out of sight.
    if (totalLeft(left) > 0 && (await this.#source.isDismissed(entry.folder))) return undefined;
    return { ...entry, left };
  }

  /** What a run that is over has left, by its journal. */
  left(run: Pick<WatchedRun, "folder">): Promise<Left> {
    return this.#source.remains(run.folder);
  }

  async #isUnderWay({ file, folder, result }: RunEntry): Promise<boolean> {
    if (result) return false;
    const known = this.#runs.get(file.id);
    if (known) return known.active;
    if (this.#forgotten.has(file.id)) return false;
    return isYoung(file.createdAt, this.#now()) || this.#source.isAlive(folder);
  }

  /** Takes a run that has ended, or whose runner is gone, off the list. */
  forget(id: string): void {
    const run = this.#runs.get(id);
    if (!run || run.active) return;
    if (run.condition === "lost") {
      this.#source.dismiss(run.folder).catch((error: unknown) => this.#log.warn(messageOf(error)));
    }
    this.#drop(run);
  }

  #drop(run: WatchedRun): void {
    this.#forgotten.add(run.id);
    this.#runs.delete(run.id);
    run.dispose();
    this.changed.emit(undefined);
  }

  /** Runs whose runner says nothing. */
  silent(): WatchedRun[] {
    return this.active().filter((run) => run.silentSince !== undefined);
  }

  /** Runs that wait for a sign-in. */
  waiting(): WatchedRun[] {
    return this.active().filter((run) => run.expired !== undefined);
  }

  /**
   * Ends the process of a run whose runner says nothing. What the run created stays until it is cleaned up by
   * its journal. Rejects where the runner speaks: then it can be stopped.
   */
  async endRunner(run: WatchedRun): Promise<void> {
    if (run.silentSince === undefined) throw new Error(t("{0} answers: stop it instead", run.title));
    this.#log.warn(`ending the runner of run ${run.id}, which does not answer`);
    await this.#source.kill(run.folder);
  }

  /** Leaves all runs; they go on. */
  dispose(): void {
    for (const run of this.#runs.values()) run.dispose();
    this.#runs.clear();
  }

  async #findOne({ folder, file }: RunEntry): Promise<"found" | "gone" | "later"> {
    try {
      const link = await this.#source.attach(folder);
      this.#log.info(`attached to run ${file.id}: ${file.title}`);
      this.#add(new WatchedRun(file, folder, this.#source.records, link));
      return "found";
    } catch (error) {
      if (isYoung(file.createdAt, this.#now())) return "later";
      // Whether it came to its end is that version's to tell.
      if (isNewer(file)) return "gone";
      const remains = await this.#source.remains(folder);
      if (totalLeft(remains) === 0 || (await this.#source.isDismissed(folder))) {
        // Nothing to be done about it: the history has it.
        this.#forgotten.add(file.id);
        return "gone";
      }
      this.#log.warn(`run ${file.id} has no result and no runner: ${messageOf(error)}`);
      const run = new WatchedRun(file, folder, this.#source.records, undefined);
      run.remains = remains;
      this.#add(run);
      this.interrupted.emit(run);
      return "gone";
    }
  }

  async #interrupted(run: WatchedRun): Promise<void> {
    // What a newer version's run has left is that version's to tell: the history has it.
    if (isNewer(run.file)) return this.#drop(run);
    await this.#readLeft(run);
    this.interrupted.emit(run);
  }

  /** A clean-up that has ended may have removed what others of the list have left. */
  async #afterEnd(): Promise<void> {
    await Promise.all(
      this.list()
        .filter((run) => !run.active)
        .map((run) => this.#readLeft(run)),
    );
  }

  async #readLeft(run: WatchedRun): Promise<void> {
    const before = run.remains && totalLeft(run.remains);
    run.remains = await this.#source.remains(run.folder);
    if (totalLeft(run.remains) !== before) this.changed.emit(run);
  }

  #isKnown(id: string): boolean {
    return this.#runs.has(id) || this.#forgotten.has(id);
  }

  #add(run: WatchedRun): void {
    this.#runs.set(run.id, run);
    let over = !run.active;
    let silent = false;
    let since: number | undefined;
    const lookAtSession = () => {
      const before = since;
      since = run.expired?.since;
      if (since !== undefined && since !== before) this.expired.emit(run);
    };
    run.changed.on(() => {
      this.changed.emit(run);
      lookAtSession();
      const wasSilent = silent;
      silent = run.silentSince !== undefined;
      if (silent && !wasSilent) this.silenced.emit(run);
      if (!over && !run.active) {
        over = true;
        this.finished.emit(run);
        if (run.condition === "lost") void this.#interrupted(run);
        void this.#afterEnd();
      }
    });
    this.changed.emit(run);
    lookAtSession();
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(work);
    this.#turn = result.catch(() => undefined);
    return result;
  }
}

/** Why nothing but listing and stopping can be done with a run that a newer version made. */
export function newerText({ title, product }: Pick<RunFile, "title" | "product">): string {
  return t(
    "{0} was made by a newer version of this extension ({1}). Update it to open that run.",
    title,
    product,
  );
}

import type { Snapshot, Stage, WaitsFor } from "../../protocol/snapshot.ts";
import { english, type Message } from "../../text/message.ts";

/** How long a stage still takes, by when its jobs have ended so far. All times are of the run's clock, in milliseconds. */
class Pace {
  #from: number | undefined;
  #lastEnd = 0;

  begin(at: number): void {
    this.#from = at;
    this.#lastEnd = at;
  }

  /** A job has ended. */
  ended(at: number): void {
    this.#lastEnd = at;
  }

  /**
   * null where there is no ground for an estimate: before the first end, and when by the pace so far all should have
   * ended by now.
   */
  remainingMs(done: number, total: number, now: number): number | null {
    if (this.#from === undefined || done === 0) return null;
    const left = ((this.#lastEnd - this.#from) / done) * (total - done) - (now - this.#lastEnd);
    return left > 0 ? left : null;
  }

  /** For how long nothing has ended. */
  quietMs(now: number): number {
    return now - this.#lastEnd;
  }
}

/** Something that a job does, from a time of the run's clock on, for `limitMs` at most; 0 is without a limit. */
export interface InProgress {
  since: number;
  limitMs: number;
}

/** What most of those in progress are doing; undefined where nothing is. `stageLeftMs`: until all of them are given up. */
function waitsFor(
  jobs: readonly { row: { doing: Message }; inProgress: InProgress | undefined }[],
  now: number,
  stageLeftMs: number,
): WaitsFor | undefined {
  /** By what they do, in English. */
  const groups = new Map<string, Omit<WaitsFor, "limitMs"> & { leftMs: number }>();
  for (const { row, inProgress } of jobs) {
    if (!inProgress) continue;
    const { since, limitMs } = inProgress;
    const own = limitMs > 0 ? since + limitMs - now : Number.POSITIVE_INFINITY;
    const key = english(row.doing);
    const group = groups.get(key) ?? { doing: row.doing, count: 0, leftMs: stageLeftMs };
    groups.set(key, { ...group, count: group.count + 1, leftMs: Math.min(group.leftMs, own) });
  }
  const [most] = [...groups.values()].sort((a, b) => b.count - a.count);
  if (!most) return undefined;
  const { doing, count, leftMs } = most;
  return { doing, count, limitMs: Number.isFinite(leftMs) ? Math.max(0, Math.round(leftMs)) : null };
}

type StageId = "jobs" | "cleanup";
type Jobs = Parameters<typeof waitsFor>[0];

/** Before the first end there is no pace: what is waited for is told when nothing has ended for so long. */
const QUIET_MS = 30_000;

/** What a run says of the time that it still takes. */
export class Estimates {
  #paces = { jobs: new Pace(), cleanup: new Pace() };
  #ends = { jobs: Number.POSITIVE_INFINITY, cleanup: Number.POSITIVE_INFINITY };

  /** A stage begins, and is given up after `limitMs`; 0 is without a limit. */
  begin(stage: StageId, at: number, limitMs: number): void {
    this.#paces[stage].begin(at);
    if (limitMs > 0) this.#ends[stage] = at + limitMs;
  }

  ended(stage: StageId, at: number): void {
    this.#paces[stage].ended(at);
  }

  /** By the pace so far. Where that does not hold: what is waited for, and until when. */
  of(id: StageId, stage: Stage, jobs: Jobs, now: number): Pick<Snapshot, "remainingMs" | "waitsFor"> {
    const pace = this.#paces[id];
    const remainingMs = pace.remainingMs(stage.done, stage.total, now);
    if (remainingMs !== null || (stage.done === 0 && pace.quietMs(now) < QUIET_MS)) return { remainingMs };
    const waits = waitsFor(jobs, now, this.#ends[id] - now);
    return { remainingMs: null, ...(waits ? { waitsFor: waits } : {}) };
  }
}

import { monitorEventLoopDelay, performance } from "node:perf_hooks";

export interface HealthSample {
  latenessP99Ms: number;
  cpu: number;
  rssBytes: number;
}

/** Every look wakes the process: a hundred of them a second cost as much as ten connections' traffic. */
const LOOK_MS = 50;

/** Less than this is the rest of a second, which has no rate of its own: the second before counts with it. */
const SHORTEST_MS = 900;

interface Mark {
  at: number;
  cpu: NodeJS.CpuUsage;
}

/** Watches this process itself: how late its event loop runs, and what it costs. */
export class GeneratorHealth {
  // The delay that it reports includes its interval, which is taken off again.
  #delay = monitorEventLoopDelay({ resolution: LOOK_MS });
  /** When the last one was taken, and the one before. */
  #last = mark();
  #before = this.#last;
  #lastRss = 0;

  constructor() {
    this.#delay.enable();
  }

  /** Since the last call: lateness in ms, CPU in cores' worth (over a second at least). */
  take(): HealthSample {
    const now = mark();
    const from = now.at - this.#last.at < SHORTEST_MS ? this.#before : this.#last;
    const p99 = this.#delay.percentile(99) / 1e6 - LOOK_MS;
    this.#delay.reset();
    this.#before = from;
    this.#last = now;
    return {
      latenessP99Ms: Math.max(0, Number.isFinite(p99) ? p99 : 0),
      cpu: coresBetween(from, now),
      rssBytes: this.#rss(),
    };
  }

  /** Reading it takes a file handle, and a run at the limit of those must not die of being watched. */
  #rss(): number {
    try {
      this.#lastRss = process.memoryUsage.rss();
    } catch {
      // The last figure stands.
    }
    return this.#lastRss;
  }

  stop(): void {
    this.#delay.disable();
  }
}

function mark(): Mark {
  return { at: performance.now(), cpu: process.cpuUsage() };
}

function coresBetween(from: Mark, to: Mark): number {
  const used = to.cpu.user + to.cpu.system - from.cpu.user - from.cpu.system;
  const elapsed = to.at - from.at;
  return used / 1_000 / (elapsed < SHORTEST_MS ? 1_000 : elapsed);
}

import { monitorEventLoopDelay, performance } from "node:perf_hooks";

export interface HealthSample {
  latenessP99Ms: number;
  cpu: number;
  rssBytes: number;
}

/** Every look wakes the process: a hundred of them a second cost as much as ten connections' traffic. */
const LOOK_MS = 50;

/** Watches this process itself: how late its event loop runs, and what it costs. */
export class GeneratorHealth {
  // The delay that it reports includes its interval, which is taken off again.
  #delay = monitorEventLoopDelay({ resolution: LOOK_MS });
  #cpu = process.cpuUsage();
  #at = performance.now();
  #lastRss = 0;

  constructor() {
    this.#delay.enable();
  }

  /** Since the last call: lateness in ms, CPU in cores' worth. */
  take(): HealthSample {
    const now = performance.now();
    const used = process.cpuUsage(this.#cpu);
    const elapsed = Math.max(1, now - this.#at);
    const p99 = this.#delay.percentile(99) / 1e6 - LOOK_MS;
    this.#delay.reset();
    this.#cpu = process.cpuUsage();
    this.#at = now;
    return {
      latenessP99Ms: Math.max(0, Number.isFinite(p99) ? p99 : 0),
      cpu: (used.user + used.system) / 1_000 / elapsed,
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

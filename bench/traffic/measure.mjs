// What every subject of the bench measures of itself, in the same way.

/** Flags as `--connections 1000`; all numbers but `url` and `ca`, the file of a certificate to be trusted. */
export function flags() {
  const given = { url: "", ca: "", connections: 1000, bytes: 1024, hz: 10, seconds: 5, warm: 2 };
  for (let at = 2; at < process.argv.length; at += 2) {
    const name = process.argv[at].slice(2);
    given[name] = typeof given[name] === "string" ? process.argv[at + 1] : Number(process.argv[at + 1]);
  }
  return given;
}

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Megabytes resident, after the garbage is gone. */
export async function resident() {
  globalThis.gc?.();
  await sleep(300);
  globalThis.gc?.();
  return process.memoryUsage.rss();
}

/** Counts what happens in a part of the time: ticks, CPU and round trips. */
export class Meter {
  constructor() {
    this.reset();
  }
  reset() {
    this.sent = 0;
    this.echoed = 0;
    this.trips = [];
    this.cpu = process.cpuUsage();
    this.at = performance.now();
  }
  take() {
    const used = process.cpuUsage(this.cpu);
    const sorted = Float64Array.from(this.trips).sort();
    const p = (share) => sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
    return {
      ticks: this.sent,
      echoed: this.echoed,
      cpuUs: (used.user + used.system) / Math.max(1, this.sent),
      p50: p(0.5),
      p99: p(0.99),
      max: p(1),
    };
  }
}

/** Calls `send(connection)` for each connection `hz` times a second, spread evenly, from one timer. */
export function schedule(connections, hz, send) {
  const interval = 1000 / hz;
  const begin = performance.now();
  let done = 0;
  return setInterval(() => {
    const due = ((performance.now() - begin) / interval) * connections;
    for (; done < due; done++) send(done % connections, begin + (done / connections) * interval);
  }, 1);
}

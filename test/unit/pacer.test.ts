import { describe, expect, it } from "vitest";
import { Pacer, type PacerClock } from "../../src/coder/pacer.ts";

/** A clock that only moves when somebody sleeps; sleepers wake in their order. */
class VirtualClock implements PacerClock {
  time = 1_000_000 * 60_000;
  now = () => this.time;
  sleep = async (ms: number) => {
    this.time += ms;
  };
}

/** The server's own rule (docs/coder-api.md, Rate limits), kept apart from the pacer's. */
class Server {
  #counts = new Map<number, number>();
  readonly limit: number;
  constructor(limit: number) {
    this.limit = limit;
  }
  accepts(now: number): boolean {
    const window = Math.floor(now / 60_000);
    const before = this.#counts.get(window - 1) ?? 0;
    const current = this.#counts.get(window) ?? 0;
    const used = before * (1 - (now % 60_000) / 60_000) + current;
    if (used >= this.limit) return false;
    this.#counts.set(window, current + 1);
    return true;
  }
}

describe("pacing", () => {
  it("never waits where the server has no limit", async () => {
    const pacer = new Pacer(new VirtualClock());
    for (let i = 0; i < 5_000; i++) expect(await pacer.take("/p")).toBe(0);
  });

  it("2,000 requests to one path are never refused, and not slower than the limit allows", async () => {
    const clock = new VirtualClock();
    clock.time += 17_000;
    const begun = clock.time;
    const pacer = new Pacer(clock);
    const server = new Server(512);
    pacer.learn("/p", 512, 511);
    for (let i = 0; i < 2_000; i++) {
      await pacer.take("/p");
      expect(server.accepts(clock.time)).toBe(true);
    }
    expect(clock.time - begun).toBeLessThan((2_000 / 512) * 60_000 * 1.1);
  });

  it("tells how long requests have waited that wait still, all together", async () => {
    const clock = new VirtualClock();
    let wake: () => void = () => undefined;
    clock.sleep = () =>
      new Promise((resolve) => {
        wake = resolve;
      });
    const pacer = new Pacer(clock);
    pacer.learn("/p", 2, 1);
    await pacer.take("/p");
    expect(pacer.waitingMs).toBe(0);
    const waiting = [pacer.take("/p"), pacer.take("/p")];
    await Promise.resolve();
    clock.time += 3_000;
    expect(pacer.waitingMs).toBe(6_000);
    clock.time += 120_000;
    while (pacer.waitingMs > 0) {
      wake();
      await new Promise(setImmediate);
      clock.time += 120_000;
    }
    expect(await Promise.all(waiting)).toEqual([expect.any(Number), expect.any(Number)]);
  });

  it("paths have budgets of their own", async () => {
    const clock = new VirtualClock();
    const pacer = new Pacer(clock);
    pacer.learn("/a", 10, 9);
    for (let i = 0; i < 9; i++) await pacer.take("/a");
    const before = clock.time;
    await pacer.take("/b");
    expect(clock.time).toBe(before);
  });

  it("after a refusal it resumes gradually, not at once", async () => {
    const clock = new VirtualClock();
    const pacer = new Pacer(clock);
    const waits: number[] = [];
    pacer.onWait = (ms) => waits.push(ms);
    pacer.refused("/p", 600);
    await pacer.take("/p");
    expect(waits[0]).toBeGreaterThan(59_000);
    await pacer.take("/p");
    await pacer.take("/p");
    expect(waits.length).toBeGreaterThanOrEqual(2);
    expect(waits.reduce((sum, ms) => sum + ms, 0)).toBeLessThan(75_000);
  });

  it("takes a refusal that names no limit for no rule: it waits as long as it is told, and goes on", async () => {
    const clock = new VirtualClock();
    const pacer = new Pacer(clock);
    const begun = clock.time;
    pacer.refused("/p", undefined, 1_000);
    await pacer.take("/p");
    expect(clock.time - begun).toBe(1_000);
    pacer.learn("/p", undefined, undefined);
    for (let i = 0; i < 5_000; i++) expect(await pacer.take("/p")).toBe(0);
    expect(pacer.limit).toBeUndefined();
  });

  it("waits longer after each refusal in a row that says nothing at all, up to half a minute", async () => {
    const clock = new VirtualClock();
    const pacer = new Pacer(clock);
    const waits: number[] = [];
    for (let i = 0; i < 9; i++) {
      pacer.refused("/p", undefined);
      waits.push(await pacer.take("/p"));
    }
    expect(waits).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
    pacer.learn("/p", undefined, undefined);
    pacer.refused("/p", undefined);
    expect(await pacer.take("/p")).toBe(500);
  });

  it("keeps to a limit that it knows, whatever something in front says", async () => {
    const clock = new VirtualClock();
    const pacer = new Pacer(clock);
    pacer.learn("/p", 512, 511);
    pacer.refused("/p", undefined, 2_000);
    const begun = clock.time;
    await pacer.take("/p");
    expect(clock.time - begun).toBe(2_000);
    expect(pacer.limit).toBe(512);
  });

  it("sees what others behind the same address have used", async () => {
    const clock = new VirtualClock();
    const pacer = new Pacer(clock);
    pacer.learn("/p", 100, 0);
    const before = clock.time;
    await pacer.take("/p");
    expect(clock.time - before).toBeGreaterThan(1_000);
  });
});

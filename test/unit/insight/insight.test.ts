import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Insight, PAGE_EVERY_MS } from "../../../src/insight/insight.ts";
import type { Look, Source } from "../../../src/insight/source.ts";
import { look, type Value } from "../../../src/measure/values.ts";
import { english, say } from "../../../src/text/message.ts";
import { SaidError } from "../../../src/text/said-error.ts";

const found = (values: Record<string, Value>, more: Partial<Look> = {}): Look => ({
  values,
  requests: 1,
  bytes: 1_000,
  cpuMs: 1,
  ...more,
});

class FakeSource implements Source {
  readonly name: string;
  readonly asked: number[] = [];
  answer: () => Look | Promise<Look>;

  constructor(name: string, answer: () => Look | Promise<Look>) {
    this.name = name;
    this.answer = answer;
  }

  async look(): Promise<Look> {
    this.asked.push(performance.now());
    return this.answer();
  }

  missing() {
    return [];
  }

  async close(): Promise<void> {}
}

interface Taken {
  place: string;
  values: Readonly<Record<string, Value>>;
}

function watch(
  pages: readonly Source[],
  api?: { source: Source; everyMs: number },
  others: { source: Source; everyMs: number }[] = [],
) {
  const taken: Taken[] = [];
  const events: string[] = [];
  const insight = new Insight({
    pages,
    others,
    api,
    take: (place, values) => taken.push({ place, values }),
    event: (level, what) => events.push(`${level}: ${english(what)}`),
  });
  insight.start();
  const lastOf = (key: string) =>
    taken.flatMap(({ values }) => {
      const value = values[key];
      return value?.kind === "gauge" ? [value.last] : [];
    });
  return { insight, taken, events, lastOf };
}

describe("looking at a deployment", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("asks for half a page a second, however many replicas there are", async () => {
    const pages = [1, 2, 3, 4].map((n) => new FakeSource(`coderd ${n}`, () => found({})));
    const { insight } = watch(pages);
    await vi.advanceTimersByTimeAsync(80_000 - 1);
    await insight.end();
    expect(pages.map(({ asked }) => asked.length)).toEqual([10, 10, 10, 10]);
  });

  it("asks less often where reading a page costs more than a hundredth of a core", async () => {
    const page = new FakeSource("coderd 1", () => found({}, { cpuMs: 100 }));
    const { insight } = watch([page]);
    await vi.advanceTimersByTimeAsync(100_000 - 1);
    await insight.end();
    expect(page.asked).toHaveLength(10);
    expect(insight.cost.cpuMs / insight.cost.ms).toBeLessThanOrEqual(0.0101);
  });

  it("says once in one line that a source does not answer, goes on, and says when it answers again", async () => {
    let isDown = false;
    const page = new FakeSource("coderd 1", () => {
      if (isDown)
        throw new SaidError(say("it refuses the bearer token (status {0}): it may have expired", 401));
      return found({ server_db_most: look(10) });
    });
    const other = new FakeSource("coderd 2", () => found({ server_in_flight: look(1) }));
    const { insight, events, lastOf } = watch([page, other]);
    await vi.advanceTimersByTimeAsync(1);
    isDown = true;
    await vi.advanceTimersByTimeAsync(5 * 2 * PAGE_EVERY_MS);
    expect(events).toEqual([
      "warning: coderd 1: it refuses the bearer token (status 401): it may have expired; the run goes on without its figures",
    ]);
    expect(lastOf('server_up{source="1"}')).toEqual([1, 0, 0, 0, 0, 0]);
    expect(lastOf("server_db_most")).toEqual([10]);
    expect(lastOf("server_in_flight")).toHaveLength(6);
    isDown = false;
    await vi.advanceTimersByTimeAsync(2 * PAGE_EVERY_MS);
    expect(events.slice(1)).toEqual(["info: coderd 1 answers again"]);
    await insight.end();
  });

  it("takes what all replicas tell alike from one of them, and adds up nothing of it", async () => {
    const shared = new Set(["server_agents"]);
    const pages = [1, 2].map(
      (n) =>
        new FakeSource(`coderd ${n}`, () =>
          found({ server_agents: look(100), server_in_flight: look(n) }, { shared }),
        ),
    );
    const { insight, lastOf } = watch(pages);
    await vi.advanceTimersByTimeAsync(1);
    await insight.end();
    expect(lastOf("server_agents")).toEqual([100]);
    expect(lastOf("server_in_flight")).toEqual([1, 2]);
  });

  it("takes from the API only what no page tells", async () => {
    const page = new FakeSource("coderd 1", () => found({ 'server_jobs{state="running"}': look(3) }));
    const api = new FakeSource("deployment API", () =>
      found({ 'server_jobs{state="running"}': look(3), 'server_jobs{state="waiting"}': look(9) }),
    );
    const { insight, taken } = watch([page], { source: api, everyMs: 10_000 });
    await vi.advanceTimersByTimeAsync(10_001);
    await insight.end();
    const ofApi = taken.filter(({ place }) => place === "deployment API").at(-1);
    expect(Object.keys(ofApi?.values ?? {})).toEqual(['server_jobs{state="waiting"}']);
  });

  it("says that coderd was restarted, and counts it", async () => {
    let looks = 0;
    const page = new FakeSource("coderd 1", () => found({}, { restarted: ++looks === 3 }));
    const { insight, events, lastOf } = watch([page]);
    await vi.advanceTimersByTimeAsync(3 * PAGE_EVERY_MS);
    await insight.end();
    expect(events).toEqual(["warning: coderd 1 was restarted"]);
    expect(lastOf('server_restarts{source="1"}')).toEqual([0, 0, 1, 1]);
  });

  it("ends at once, also while a source does not answer", async () => {
    const page = new FakeSource("coderd 1", () => new Promise<Look>(() => undefined));
    const { insight } = watch([page]);
    await vi.advanceTimersByTimeAsync(1);
    let hasEnded = false;
    void insight.end().then(() => {
      hasEnded = true;
    });
    await vi.advanceTimersByTimeAsync(1);
    expect(hasEnded).toBe(true);
  });

  it("tells what looking costs", async () => {
    const page = new FakeSource("coderd 1", () => found({}));
    const { insight, lastOf } = watch([page]);
    await vi.advanceTimersByTimeAsync(60_000 - 1);
    await insight.end();
    expect(lastOf("server_looks").at(-1)).toBeCloseTo(0.5);
    expect(lastOf("server_look_cpu").at(-1)).toBeCloseTo(0.0005);
    expect(english(insight.sayCost())).toContain("30 requests, 0.5 a second");
  });

  it("tells the replicas of a source apart as pages are, and has no such word of the source itself", async () => {
    const shared = new Set(["server_agents"]);
    const replica = (name: string, more: object = {}) => ({
      name,
      answers: true,
      values: { server_agents: look(5), server_goroutines: look(1) },
      shared,
      ...more,
    });
    const prometheus = new FakeSource("Prometheus p", () =>
      found(
        {},
        { replicas: [replica("a", { restarted: true }), replica("b"), replica("c", { answers: false })] },
      ),
    );
    const database = new FakeSource("PostgreSQL", () => found({ server_pg_most: look(100) }));
    const { insight, taken, events, lastOf } = watch([], undefined, [
      { source: prometheus, everyMs: 4_000 },
      { source: database, everyMs: 5_000 },
    ]);
    await vi.advanceTimersByTimeAsync(10_000);
    await insight.end();
    expect(prometheus.asked).toHaveLength(3);
    expect(lastOf("server_pg_most")).toEqual([100, 100, 100]);
    const ups = taken.flatMap(({ values }) =>
      Object.keys(values).filter((key) => key.startsWith("server_up")),
    );
    expect(new Set(ups)).toEqual(new Set(["a", "b", "c"].map((name) => `server_up{source="${name}"}`)));
    expect(new Set(lastOf('server_up{source="c"}'))).toEqual(new Set([0]));
    // The first replica's word is taken of what all tell alike.
    expect(taken.filter(({ values }) => values.server_agents).map(({ place }) => place)).toEqual(
      Array.from({ length: 3 }, () => "coderd a"),
    );
    expect(lastOf('server_restarts{source="a"}')).toEqual([1, 2, 3]);
    expect(events).toContain("warning: coderd a was restarted");
  });
});

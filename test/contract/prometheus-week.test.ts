import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { weeklyPeak } from "../../src/app/server-metrics/weekly-peak.ts";
import { readWeeklyPeak } from "../../src/insight/weekly-peak.ts";
import { RecordedPrometheus } from "../support/recorded-prometheus.ts";

/**
 * What was written into a Prometheus server 2.42 as the last seven days of two replicas of coderd, each minute: by day up to so
 * many active users, more from day to day, and once, in one minute, the most of all else. A third process beside them, which is
 * no coderd, uses more CPU and memory than both.
 */
let server: RecordedPrometheus;
let url: string;
beforeEach(async () => {
  server = new RecordedPrometheus("prometheus-week.json");
  url = await server.start();
});
afterEach(() => server.close());

const { signal } = new AbortController();
const NOW = Date.UTC(2026, 10, 28, 12, 3, 20);
const BURST = Date.UTC(2026, 10, 25, 14, 7);
const MINUTE_MS = 60_000;

const read = (selector: Record<string, string> = { namespace: "coder", job: "coderd" }) =>
  readWeeklyPeak({ kind: "prometheus-server", url, selector, network: {} }, NOW, signal);

describe("the highest figures of a week, of a real Prometheus server's answers", () => {
  it("are found with their times, also where they lasted a minute, and of coderd alone", async () => {
    const week = await read();
    const of = (name: string) => week.peaks.find((one) => one.of === name);
    expect(week).toMatchObject({ source: new URL(url).host, replicas: 2, cores: 8, missing: [] });
    expect(week.until - week.from).toBeGreaterThan(6.9 * 86_400_000);
    expect(of("users")).toMatchObject({ value: 612 });
    // Every replica tells the same of agents and terminals, and its own of WebSockets.
    expect(of("agents")?.value).toBe(420);
    expect(of("terminals")?.value).toBe(37);
    expect(of("websockets")?.value).toBe(2_400);
    expect(of("memory")?.value).toBe(6_000_000_000);
    // Of five minutes, coderd was busy with 3.1 cores for four.
    expect(of("cpu")?.value).toBeCloseTo(2.79, 2);
    for (const name of ["websockets", "cpu", "memory"]) {
      const at = of(name)?.at ?? 0;
      expect({ name, isThen: at >= BURST && at <= BURST + 15 * MINUTE_MS }).toEqual({ name, isThen: true });
    }
    const { earlier = 0, later = 0 } = of("users")?.halves ?? {};
    expect(later).toBe(612);
    expect(earlier).toBeLessThan(later);
  });

  it("are asked for by eight small requests", async () => {
    await read();
    expect(server.asked.map(({ method }) => method)).toEqual(new Array(8).fill("GET"));
  });

  it("have nothing for what the server has not, and no halves of what was not scraped for most of its time", async () => {
    for (const { request, response } of server.recording.exchanges) {
      const { data } = response.body as { data: { result: { values?: unknown[] }[] } };
      if (/reconnecting_pty|gomaxprocs/.test(request.query)) data.result = [];
      for (const one of data.result) if (one.values) one.values = one.values.slice(-300);
    }
    const week = await read();
    expect(week.missing).toEqual([
      { of: "terminals", series: "coderd_agentstats_session_count_reconnecting_pty" },
    ]);
    expect(week.cores).toBeUndefined();
    expect(week.peaks.map(({ of }) => of)).not.toContain("terminals");
    expect(week.peaks.every(({ halves }) => halves === undefined)).toBe(true);
    expect(week.until - week.from).toBeLessThan(2.2 * 86_400_000);
  });

  it("are not guessed from several jobs, nor from none", async () => {
    await expect(read({ namespace: "coder" })).rejects.toThrow(
      "the jobs coderd, coderd-copy all have series of coderd, which would count twice: name one, as job",
    );
    await expect(read({ job: "nope" })).rejects.toThrow('it has no series of coderd for {job="nope"}');
  });

  it("say in one line what is no such server", async () => {
    server.instead = { status: 404, body: "404 page not found\n" };
    await expect(read()).rejects.toThrow(/^it answers with status 404: is this the address of a Prometheus/);
  });
});

describe("the week of the server that a person names", () => {
  const asked = (words: string[], env: Record<string, string> = {}) =>
    weeklyPeak({ words, env, nowMs: NOW, signal });

  it("is read with the token that is meant for it, whatever else is named", async () => {
    server.token = "a-token";
    const words = ["api", `prometheus+${url}/graph?namespace=coder&job=coderd`];
    const env = { CODER_SCALETEST_SERVER_METRICS_TOKEN: "a-token" };
    expect((await asked(words, env)).peaks).toHaveLength(6);
    await expect(asked(words)).rejects.toThrow(
      `Prometheus ${new URL(url).host}: it wants a bearer token (status 401)`,
    );
  });

  it("is not to be had of a page of coderd's own, which does not remember", async () => {
    await expect(asked(["http://10.0.0.7:2112"])).rejects.toThrow(
      "the last 7 days are known to a Prometheus server alone: name one, as prometheus+https://",
    );
  });
});

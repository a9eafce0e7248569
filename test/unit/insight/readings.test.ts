import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { SERVER_METRICS } from "../../../src/contract/server-metrics.ts";
import { readExposition } from "../../../src/insight/exposition.ts";
import { isWanted, NAMES } from "../../../src/insight/names.ts";
import { Readings } from "../../../src/insight/readings.ts";
import { Durations } from "../../../src/measure/durations.ts";
import type { Value } from "../../../src/measure/values.ts";
import { parseSeriesKey } from "../../../src/protocol/series-key.ts";

const page = (text: string) => readExposition(text, isWanted);
const last = (value: Value | undefined) => (value?.kind === "gauge" ? value.last : undefined);

function durations(value: Value | undefined): Durations {
  const all = new Durations();
  if (value?.kind === "duration") all.add(value);
  return all;
}

/** Pages two seconds apart; what the last one is read as. */
function valuesOf(...texts: readonly string[]): Record<string, Value> {
  const readings = new Readings("a:1");
  let values: Record<string, Value> = {};
  for (const [at, text] of texts.entries()) ({ values } = readings.take(page(text), at * 2_000));
  return values;
}

describe("what pages of coderd come to", () => {
  it("tells counters by their growth a second, and nothing of them before there are two pages", () => {
    const text = (n: number) => `process_cpu_seconds_total ${n}\nprocess_resident_memory_bytes 5e7`;
    expect(valuesOf(text(10))).toEqual({
      'server_memory{source="a:1"}': expect.objectContaining({ last: 5e7 }),
    });
    expect(last(valuesOf(text(10), text(13))['server_cpu{source="a:1"}'])).toBe(1.5);
  });

  it("counts from 0 after a restart, and says that there was one", () => {
    const text = (n: number, begun: number) =>
      `process_cpu_seconds_total ${n}\nprocess_start_time_seconds ${begun}\n`;
    const readings = new Readings("a:1");
    readings.take(page(text(100, 1_000)), 0);
    expect(readings.take(page(text(101, 1_000.4)), 2_000).restarted).toBe(false);
    const anew = readings.take(page(text(150, 2_000)), 4_000);
    expect(anew.restarted).toBe(true);
    expect(last(anew.values['server_cpu{source="a:1"}'])).toBe(75);
  });

  it("takes a counter that has fallen for one that began anew, where the page does not say when it did", () => {
    const text = (n: number) => `process_cpu_seconds_total ${n}`;
    expect(last(valuesOf(text(100), text(4))['server_cpu{source="a:1"}'])).toBe(2);
  });

  it("counts a series from 0 that was not on the page before", () => {
    const line = (code: string, n: number) =>
      `coderd_api_requests_processed_total{code="${code}",method="GET",path="/a"} ${n}\n`;
    const values = valuesOf(
      line("200", 10),
      line("200", 10) + line("500", 6) + line("429", 2) + line("404", 4),
    );
    expect(last(values['server_requests{status="2xx"}'])).toBe(0);
    expect(last(values['server_requests{status="5xx"}'])).toBe(3);
    expect(last(values['server_requests{status="429"}'])).toBe(1);
    expect(last(values['server_requests{status="4xx"}'])).toBe(2);
  });

  it("makes durations of what the buckets have grown by, with Prometheus' own quantiles", () => {
    const bucket = (le: string, n: number) =>
      `coderd_api_request_latencies_seconds_bucket{method="GET",path="/a",le="${le}"} ${n}\n`;
    const text = (counts: readonly number[]) =>
      ["0.1", "0.5", "1", "+Inf"].map((le, at) => bucket(le, counts[at] ?? 0)).join("");
    const values = valuesOf(text([5, 5, 5, 5]), text([5, 105, 105, 106]));
    const all = durations(values['server_latency{route="/a"}']);
    expect(all.count).toBe(101);
    // 100 evenly between 100 ms and 500 ms: their middle is 300 ms. The one above all bounds counts as the highest.
    expect(all.percentile(50)?.ms).toBeGreaterThan(270);
    expect(all.percentile(50)?.ms).toBeLessThan(330);
    expect(all.max?.ms).toBeCloseTo(1_000, -1);
  });

  it("leaves out what is no number, and what is less than nothing", () => {
    expect(
      valuesOf(
        "process_cpu_seconds_total 1\n",
        "process_cpu_seconds_total NaN\nprocess_resident_memory_bytes +Inf\ngo_goroutines NaN\n",
      ),
    ).toEqual({});
  });

  it("tells the mean wait for a connection of those who have waited, and none where nobody has", () => {
    const text = (count: number, seconds: number) =>
      `go_sql_wait_count_total{db_name=""} ${count}\ngo_sql_wait_duration_seconds_total{db_name=""} ${seconds}`;
    expect(last(valuesOf(text(1, 1), text(11, 3)).server_db_wait)).toBe(200);
    expect(valuesOf(text(1, 1), text(1, 1)).server_db_wait).toBeUndefined();
  });

  it("bounds the series of a metric, and gives the places to those that have something to tell", () => {
    const line = (path: string, n: number) =>
      `coderd_api_request_latencies_seconds_bucket{path="${path}",le="+Inf"} ${n}\n`;
    const still = Array.from({ length: 300 }, (_, at) => line(`/still/${at}`, 7)).join("");
    const busy = (n: number) => Array.from({ length: 100 }, (_, at) => line(`/busy/${at}`, n)).join("");
    const keys = Object.keys(valuesOf(still + busy(1), still + busy(2)));
    expect(keys).toHaveLength(21);
    expect(keys.filter((key) => key.includes("/still/"))).toEqual([]);
    expect(keys).toContain('server_latency{route="other"}');
  });

  it("reads two pages of a real server, of the time between which it is known what was asked", () => {
    const [a, b] = ["a", "b"].map((name) => readFileSync(`test/data/coderd-metrics-${name}.prom`, "utf8"));
    const readings = new Readings("a:1");
    readings.take(page(a ?? ""), 0);
    const { values, restarted } = readings.take(page(b ?? ""), 8_000);
    expect(restarted).toBe(false);
    // Five times each, and one without a session.
    expect(last(values['server_requests{status="2xx"}'])).toBeCloseTo(10 / 8);
    expect(last(values['server_requests{status="4xx"}'])).toBeCloseTo(1 / 8);
    expect(durations(values['server_latency{route="/api/v2/workspaces"}']).count).toBe(6);
    expect(last(values.server_db_most)).toBe(10);
    const cpu = last(values['server_cpu{source="a:1"}']) ?? 0;
    expect(cpu).toBeGreaterThan(0);
    expect(cpu).toBeLessThan(2);
    for (const missed of NAMES.filter((one) => one.missed)) expect(readings.seen).toContain(missed.metric);
  });

  it("knows every metric that the table names, with its labels", () => {
    const known = new Map(SERVER_METRICS.map((metric) => [metric.name, metric]));
    for (const { metric, labels } of NAMES) {
      const given = Object.keys(labels?.({}) ?? {});
      for (const label of given) expect(known.get(metric)?.labels).toContain(label);
      expect(known.has(metric)).toBe(true);
    }
    expect(parseSeriesKey('server_latency{route="other"}')?.labels).toEqual({ route: "other" });
  });
});

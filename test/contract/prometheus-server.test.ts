import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readExposition } from "../../src/insight/exposition.ts";
import { isWanted, LABELS_READ, NAMES } from "../../src/insight/names.ts";
import { PrometheusSource } from "../../src/insight/prometheus-source.ts";
import { Readings } from "../../src/insight/readings.ts";
import { english } from "../../src/text/message.ts";
import { RecordedPrometheus } from "../support/recorded-prometheus.ts";

let server: RecordedPrometheus;
let url: string;
const opened: PrometheusSource[] = [];
beforeEach(async () => {
  server = new RecordedPrometheus();
  url = await server.start();
});
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
  await server.close();
});

const { signal } = new AbortController();
const CODERD = { namespace: "coder", job: "coderd" };

function source(selector: Record<string, string> = CODERD, token?: string): PrometheusSource {
  const made = new PrometheusSource({
    kind: "prometheus-server",
    url,
    selector,
    network: {},
    ...(token ? { token } : {}),
  });
  opened.push(made);
  return made;
}

/** When the recorded server had scraped a pod, look by look. */
function scrapes(pod: string): number[] {
  const probes = server.recording.exchanges.filter(({ request }) => request.query.startsWith("max"));
  const times = probes.flatMap(({ response }) => {
    const { result } = (
      response.body as { data: { result: { metric: { pod: string }; value: [number, string] }[] } }
    ).data;
    return result.filter(({ metric }) => metric.pod === pod).map(({ value }) => Number(value[1]));
  });
  return times.sort((a, b) => a - b);
}

describe("a real Prometheus server's answers", () => {
  it("come to the same values as coderd's own pages at the same times", async () => {
    const prometheus = source();
    const looks = [await prometheus.look(signal), await prometheus.look(signal)];
    for (const pod of ["coder-0", "coder-1"]) {
      const [at = [], pages = []] = [scrapes(pod), server.recording.pages[pod]];
      expect(pages).toHaveLength(3);
      const readings = new Readings(pod);
      const byPages = pages.map(
        (text, n) => readings.take(readExposition(text, isWanted), (at[n] ?? 0) * 1_000).values,
      );
      const byServer = looks.map(({ replicas = [] }) => replicas.find(({ name }) => name === pod)?.values);
      expect(Object.keys(byServer[0] ?? {}).length).toBeGreaterThan(10);
      // The first look has rates: it reads the scrape before the newest, too.
      expect(byServer[0]).toEqual(byPages[1]);
      expect(byServer[1]).toEqual(byPages[2]);
    }
    expect(english(prometheus.found() ?? { id: "" })).toBe("2 replicas of coderd, scraped every 5 s");
  });

  it("are asked for by GET, and for what is new alone", async () => {
    const prometheus = source(CODERD, "a-token");
    server.token = "a-token";
    const costs = [];
    for (let n = 0; n < 3; n++) costs.push((await prometheus.look(signal)).requests);
    // The newest and the one before; the next round; nothing new.
    expect(costs).toEqual([4, 2, 1]);
    expect(new Set(server.asked.map(({ method }) => method))).toEqual(new Set(["GET"]));
  });

  it("say of replicas that are scraped no more that they do not answer", async () => {
    const prometheus = source();
    await prometheus.look(signal);
    const body = JSON.stringify({ status: "success", data: { resultType: "vector", result: [] } });
    server.instead = { status: 200, body };
    const { replicas = [], requests } = await prometheus.look(signal);
    expect(requests).toBe(1);
    expect(replicas.map(({ name, answers }) => [name, answers])).toEqual([
      ["coder-0", false],
      ["coder-1", false],
    ]);
  });

  it("say a missing job in one line, with those that there are", async () => {
    await expect(source({ job: "nope" }).look(signal)).rejects.toThrow(
      'it has no series of coderd for {job="nope"}; it has some for {namespace="coder", job="coderd"}',
    );
  });

  it("say a token that has expired in one line, and one that is wanted", async () => {
    server.token = "the-new-one";
    await expect(source(CODERD, "the-old-one").look(signal)).rejects.toThrow(
      /^it refuses the bearer token \(status 401\): it may have expired$/,
    );
    await expect(source().look(signal)).rejects.toThrow(/^it wants a bearer token \(status 401\)$/);
  });

  it.each([
    [
      404,
      "404 page not found\n",
      /^it answers with status 404: is this the address of a Prometheus server\?$/,
    ],
    [
      200,
      "<!doctype html>",
      /^its answer is none of the query API: is this the address of a Prometheus server\?$/,
    ],
    [200, '{"status":"success","data":[]}', /is this the address of a Prometheus server\?$/],
    [
      422,
      '{"status":"error","error":"query timed out"}',
      /^it answers with status 422: it gave up the query/,
    ],
    [500, "", /^it answers with status 500$/],
    [200, `"${"x".repeat(17 * 1024 * 1024)}"`, /^the page is larger than 17 MB$/],
  ])("say what is no such answer in one line (status %i, %.20j)", async (status, body, line) => {
    server.instead = { status, body };
    await expect(source().look(signal)).rejects.toThrow(line);
  });

  it("take the token to no other origin", async () => {
    const heard: unknown[] = [];
    const other = createServer((request, response) => {
      heard.push(request.headers);
      response.end();
    });
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const location = `http://127.0.0.1:${(other.address() as AddressInfo).port}/login`;
    server.instead = { status: 302, headers: { location }, body: "" };
    await expect(source(CODERD, "a-token").look(signal)).rejects.toThrow("which is not followed");
    expect(heard).toEqual([]);
    other.close();
  });
});

it("looks at those labels of coderd's that it asks a Prometheus server for", () => {
  const read = new Set<string>();
  const labels = new Proxy<Record<string, string>>(
    {},
    {
      get: (_labels, name) => {
        read.add(String(name));
        return "x";
      },
    },
  );
  for (const one of NAMES) one.labels?.(labels);
  expect([...read].filter((name) => !LABELS_READ.some((one) => one === name))).toEqual([]);
});

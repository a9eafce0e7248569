import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { pageAt } from "../../../src/app/server-metrics/found.ts";
import { serverMetricsOf, sourcesOf } from "../../../src/app/server-metrics/resolve.ts";
import { readAsked } from "../../../src/contract/server-words.ts";
import { withoutSecrets } from "../../../src/protocol/secret-variables.ts";

const target = { url: "https://coder.example.com", token: "t", network: {} };
const env = {
  CODER_SCALETEST_SERVER_METRICS_TOKEN: "page-token",
  CODER_HEADER: "x-gate=open",
  HTTP_PROXY: "http://proxy.example.com:3128",
  NO_PROXY: "10.0.0.8",
};

const resolved = (asked: readonly string[], byFile: readonly string[] = [], more: object = {}) =>
  serverMetricsOf({ asked, byFile, target, env: { ...env, ...more } });

describe("where a run reads the deployment's own figures", () => {
  it("is nowhere unless somebody asks", async () => {
    expect(await resolved([])).toBeUndefined();
    expect(await resolved(["api"])).toEqual({ sources: [], aroundMs: 5_000 });
  });

  it.each([
    ["http://10.0.0.7:2112", "http://10.0.0.7:2112/metrics"],
    ["10.0.0.7:2112", "http://10.0.0.7:2112/metrics"],
    ["https://metrics.example.com/coder?part=a#x", "https://metrics.example.com/coder?part=a"],
    ["[::1]:2112", "http://[::1]:2112/metrics"],
  ])("takes the address %s", (text, url) => {
    expect(readAsked(text, false)).toEqual({ kind: "url", url, byFile: false });
  });

  it.each([
    ["prometheus+http://10.0.0.9:9090", "http://10.0.0.9:9090/", {}],
    [
      "prometheus+https://metrics.example.com/prom/?namespace=coder&pod=~coder-.*#x",
      "https://metrics.example.com/prom/",
      { namespace: "coder", pod: "~coder-.*" },
    ],
    ["prometheus+http://p:9090/graph?job=coderd", "http://p:9090/", { job: "coderd" }],
    ["prometheus+http://p:9090/api/v1/query?job=a%26b", "http://p:9090/", { job: "a&b" }],
  ])("takes the Prometheus server %s", (text, url, selector) => {
    expect(readAsked(text, true)).toEqual({ kind: "prometheus-server", url, selector, byFile: true });
  });

  it("takes no labels that are none, nor one twice", () => {
    expect(() => readAsked("prometheus+http://p?a-b=c", false)).toThrow('"a-b" is no label of Prometheus');
    expect(() => readAsked("prometheus+http://p?__name__=up", false)).toThrow("is no label of Prometheus");
    expect(() => readAsked("prometheus+http://p?job=a&job=b", false)).toThrow("the label job is named twice");
  });

  it("has the same policy and token for a Prometheus server, and counts nothing twice", async () => {
    const word = "prometheus+http://10.0.0.8:9090?job=coderd";
    const [own] = (await resolved([word]))?.sources ?? [];
    expect(own).toEqual({
      kind: "prometheus-server",
      url: "http://10.0.0.8:9090/",
      selector: { job: "coderd" },
      token: "page-token",
      network: { noProxy: "10.0.0.8", headers: { "x-gate": "open" } },
    });
    const [byFile] = (await resolved([], [word]))?.sources ?? [];
    expect(byFile).not.toHaveProperty("token");
    expect(byFile).not.toHaveProperty("network.headers");
    await expect(resolved([word, "10.0.0.7:2112"])).rejects.toThrow("would be counted twice");
  });

  it.each(["", "ftp://a", "prometheus+ftp://a", "file:///etc/passwd", "http://", "a b"])(
    "takes no %j",
    (text) => {
      expect(() => readAsked(text, false)).toThrow("is none of auto, api, postgres, or an address");
    },
  );

  it("takes no password in an address, and repeats none", () => {
    for (const text of [
      "http://me:hunter2@a:1/metrics",
      "prometheus+http://me:hunter2@a:1",
      "https://hunter2@a",
      "me:hunter2@a:1",
    ])
      expect(() => readAsked(text, false)).toThrow(/password in it/);
    for (const text of ["ftp://me:hunter2@a", "http://me:hunter2@", "http://me:hunter2@a:x"])
      expect(() => readAsked(text, false)).toThrow(/^(?!.*hunter2)/);
  });

  it("has the one network policy, and the token that the environment has", async () => {
    const found = await resolved(["http://10.0.0.7:2112", "10.0.0.8:2112", "10.0.0.7:2112"]);
    expect(found?.sources).toEqual([
      {
        kind: "prometheus",
        url: "http://10.0.0.7:2112/metrics",
        token: "page-token",
        network: {
          proxy: "http://proxy.example.com:3128",
          noProxy: "10.0.0.8",
          headers: { "x-gate": "open" },
        },
      },
      expect.objectContaining({
        url: "http://10.0.0.8:2112/metrics",
        network: { noProxy: "10.0.0.8", headers: { "x-gate": "open" } },
      }),
    ]);
  });

  it("gives neither token nor headers to an address that only a file names, unless it is the deployment's host", async () => {
    const [other, own] =
      (await resolved([], ["http://10.0.0.7:2112", "http://coder.example.com:2112"]))?.sources ?? [];
    expect(other).not.toHaveProperty("token");
    expect(other).not.toHaveProperty("network.headers");
    expect(other).toHaveProperty("network.proxy", "http://proxy.example.com:3128");
    expect(own).toMatchObject({ token: "page-token", network: { headers: { "x-gate": "open" } } });
    // What the person says wins over the file.
    expect((await resolved(["10.0.0.9:1"], ["10.0.0.7:2112"]))?.sources.map(({ url }) => url)).toEqual([
      "http://10.0.0.9:1/metrics",
    ]);
  });

  it("gives neither to an address that the deployment itself names", async () => {
    const found = { kind: "at", url: "http://10.0.0.7:2112/metrics" } as const;
    const [source] = await sourcesOf([{ kind: "auto" }], found, { target, env });
    expect(source).toEqual({
      kind: "prometheus",
      url: found.url,
      network: { proxy: "http://proxy.example.com:3128", noProxy: "10.0.0.8" },
    });
  });

  it("reads the token from a file, and says in one line where it cannot, or where it is none", async () => {
    const folder = mkdtempSync(path.join(tmpdir(), "scaletest-token-"));
    const file = path.join(folder, "token");
    writeFileSync(file, "from-a-file\n");
    const ofFile = {
      CODER_SCALETEST_SERVER_METRICS_TOKEN: "",
      CODER_SCALETEST_SERVER_METRICS_TOKEN_FILE: file,
    };
    expect((await resolved(["a:1"], [], ofFile))?.sources[0]).toHaveProperty("token", "from-a-file");
    rmSync(folder, { recursive: true });
    await expect(resolved(["a:1"], [], ofFile)).rejects.toThrow(
      /^CODER_SCALETEST_SERVER_METRICS_TOKEN_FILE cannot be read/,
    );
    const two = { CODER_SCALETEST_SERVER_METRICS_TOKEN: "a\nx-evil: b" };
    await expect(resolved(["a:1"], [], two)).rejects.toThrow(/is no bearer token/);
    await expect(resolved(["a:1"], [], two)).rejects.toThrow(/^(?!.*x-evil)/);
  });

  const PG = "postgres://coder:hunter2@db.example.com/coder";

  it("takes the database of the environment, from a file too, and from nowhere else", async () => {
    const found = await resolved([], [], { CODER_SCALETEST_PG_URL: PG });
    expect(found?.sources).toMatchObject([{ kind: "postgres", url: PG }]);
    expect((await resolved(["api"], [], { CODER_SCALETEST_PG_URL: PG }))?.sources).toHaveLength(1);
    const folder = mkdtempSync(path.join(tmpdir(), "scaletest-pg-"));
    const file = path.join(folder, "url");
    writeFileSync(file, `${PG}\n`);
    const byFile = await resolved(["postgres"], [], { CODER_SCALETEST_PG_URL_FILE: file });
    expect(byFile?.sources).toMatchObject([{ url: PG }]);
    rmSync(folder, { recursive: true });
    await expect(resolved(["postgres"])).rejects.toThrow(
      "needs its connection string in CODER_SCALETEST_PG_URL",
    );
    await expect(resolved([PG])).rejects.toThrow(
      /^(?!.*hunter2).*set CODER_SCALETEST_PG_URL, and name postgres$/,
    );
    expect(withoutSecrets({ CODER_SCALETEST_PG_URL: PG })).toEqual({});
  });

  it.each([
    ["mysql://coder:hunter2@db/coder", "CODER_SCALETEST_PG_URL is no connection string"],
    [`${PG}?sslmode=no-verify`, "asks for TLS without a check of the certificate"],
    [`${PG}?a=b&uselibpqcompat=true&sslmode=require`, "asks for TLS without a check"],
  ])("says what is wrong with a connection string, and repeats nothing of it", async (url, line) => {
    const asked = resolved([], [], { CODER_SCALETEST_PG_URL: url });
    await expect(asked).rejects.toThrow(line);
    await expect(asked).rejects.toThrow(/^(?!.*hunter2)/);
  });

  it("keeps the token from processes of the run's own", () => {
    expect(withoutSecrets(env)).not.toHaveProperty("CODER_SCALETEST_SERVER_METRICS_TOKEN");
  });

  it.each([
    [
      "0.0.0.0:2112",
      "https://coder.example.com",
      { kind: "at", url: "http://coder.example.com:2112/metrics" },
    ],
    [":2112", "https://coder.example.com", { kind: "at", url: "http://coder.example.com:2112/metrics" }],
    ["[::]:2112", "http://127.0.0.1:3000", { kind: "at", url: "http://127.0.0.1:2112/metrics" }],
    ["10.0.0.7:2112", "https://coder.example.com", { kind: "at", url: "http://10.0.0.7:2112/metrics" }],
    ["127.0.0.1:2112", "http://localhost:3000", { kind: "at", url: "http://127.0.0.1:2112/metrics" }],
    ["127.0.0.1:2112", "https://coder.example.com", { kind: "hidden", address: "127.0.0.1:2112" }],
    ["", "https://coder.example.com", { kind: "hidden", address: "" }],
  ])("finds the page of a server that listens at %j, of a deployment at %s", (address, url, found) => {
    expect(pageAt(address, url)).toEqual(found);
  });
});

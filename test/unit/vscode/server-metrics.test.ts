import { afterEach, describe, expect, it } from "vitest";
import { serverMetricsOf } from "../../../src/app/server-metrics/resolve.ts";
import { trySources } from "../../../src/app/server-metrics/try.ts";
import { type Sandbox, startSandbox } from "../../../src/sandbox/server.ts";
import { english } from "../../../src/text/message.ts";
import { type ConnectParts, connectMetrics } from "../../../src/vscode/features/server-metrics/ask.ts";
import { MetricsPlaces } from "../../../src/vscode/model/deployments/metrics-places.ts";
import { memory, type Scripted, scripted, secrets } from "./stand-ins.ts";

const URL = "https://coder.example.com";
const POSTGRES = "postgres://reader:s3cret-of-the-reader@10.0.0.8:5432/coder?sslmode=disable";

function parts(...script: Scripted[]) {
  const [kept, secret] = [memory(), secrets()];
  const places = new MetricsPlaces(kept, secret);
  const said: string[] = [];
  const inputs = scripted(...script, { leave: true });
  const all: ConnectParts = {
    ...{ inputs, places, kubeconfig: "/home/me/.kube/config" },
    try: async () => ["Server metrics: all answer"],
    confirm: async () => false,
    say: (text) => said.push(text),
  };
  return { all, places, kept, secret, said };
}

describe("connecting a deployment's own figures", () => {
  it("keeps addresses with the window and what is secret in the secret store, and tries each at once", async () => {
    const { all, places, kept, secret, said } = parts(
      ...["A metrics page at an address", "http://10.0.0.7:2112", "bearer-of-the-page"],
      ...["PostgreSQL", POSTGRES],
    );
    await connectMetrics(all, URL);
    expect(places.of(URL).words).toEqual(["http://10.0.0.7:2112", "postgres"]);
    expect(said).toEqual(["Server metrics: all answer", "Server metrics: all answer"]);
    expect([...secret.values.values()].toSorted()).toEqual(["bearer-of-the-page", POSTGRES]);
    expect(JSON.stringify([...kept.values])).not.toMatch(/s3cret|bearer/);
  });

  it("gives a run what the command line would take from its environment", async () => {
    const { all, places } = parts(
      "PostgreSQL",
      POSTGRES,
      "A metrics page",
      "10.0.0.7:2112",
      "bearer-of-the-page",
    );
    await connectMetrics(all, URL);
    const env = await places.environment(URL, {});
    const target = { url: URL, token: "t", network: {} };
    const found = await serverMetricsOf({ asked: places.of(URL).words, target, env });
    expect(found?.sources).toEqual([
      expect.objectContaining({ url: "http://10.0.0.7:2112/metrics", token: "bearer-of-the-page" }),
      expect.objectContaining({ kind: "postgres", url: POSTGRES }),
    ]);
    expect(await places.environment("https://other.example.com", {})).toEqual({});
  });

  it("takes a Prometheus server by its plain address, with the labels of the deployment", async () => {
    const { all, places } = parts("A Prometheus server", "10.0.0.9:9090/?namespace=coder", "");
    await connectMetrics(all, URL);
    expect(places.of(URL).words).toEqual(["prometheus+http://10.0.0.9:9090/?namespace=coder"]);
  });

  it("takes a cluster by its kubeconfig, and runs no program of it that nobody has allowed", async () => {
    const { all, places } = parts("Kubernetes", "/tmp/config", "", "coder-staging");
    await connectMetrics(all, URL);
    expect(places.of(URL).kube).toEqual({
      file: "/tmp/config",
      namespace: "coder-staging",
      allowExec: false,
    });
    expect(places.count(URL)).toBe(1);
  });

  it("refuses a password in an address, which would be kept where others can read it", async () => {
    const { all } = parts("A metrics page", "http://me:my-password@10.0.0.7:2112");
    await expect(connectMetrics(all, URL)).rejects.toThrow(/has a password in it/);
  });

  it("forgets a secret with what it was for, and all of them with the deployment", async () => {
    const { all, places, secret } = parts(
      ...["PostgreSQL", POSTGRES, "A metrics page", "10.0.0.7:2112", "bearer-of-the-page"],
      "$(plug) PostgreSQL",
    );
    await connectMetrics(all, URL);
    expect([...secret.values.values()]).toEqual(["bearer-of-the-page"]);
    await places.forget(URL);
    expect(secret.values.size).toBe(0);
    expect(places.of(URL)).toEqual({ words: [] });
  });
});

describe("trying what is connected", () => {
  let sandbox: Sandbox | undefined;
  afterEach(() => sandbox?.close());

  it("says in one line what answers, and what does not", async () => {
    sandbox = await startSandbox({ model: { coderdCores: 2 } });
    const target = { url: sandbox.url, token: sandbox.token, network: {} };
    const tried = { env: {}, signal: AbortSignal.timeout(10_000) };
    const look = async (word: string) => {
      const [check] = await trySources([word], target, tried);
      return check && english(check.figure);
    };
    expect(await look(sandbox.prometheusUrl ?? "")).toMatch(/answers/);
    expect(await look("http://127.0.0.1:9")).toMatch(/refused/);
    await expect(trySources(["postgres"], target, tried)).rejects.toThrow("CODER_SCALETEST_PG_URL");
  });
});

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { unpacked } from "../../src/measure/packed.ts";
import { type RunResult, runResultSchema } from "../../src/protocol/result.ts";
import { restartMetrics } from "../../src/sandbox/metrics/exposition.ts";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { FakeCluster, pod } from "../support/cluster.ts";
import { RecordedPrometheus } from "../support/recorded-prometheus.ts";
import { envOf } from "./deployed.ts";
import { CommandLine, eventually, processesOf, run, runFolder } from "./product.ts";

let sandbox: Sandbox;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "scaletest-server-"));
  sandbox = await startSandbox({
    buildTimeMs: [100, 200],
    deleteTimeMs: [50, 100],
    model: { coderdCores: 2, databaseCores: 1 },
  });
});
afterAll(async () => {
  await sandbox.close();
  rmSync(folder, { recursive: true, force: true });
});

const SCENARIO = `template: kubernetes
serverMetrics: api
steps:
  - create:  { count: 3, concurrency: 0, ssh: false }
  - traffic: { over: terminal, rate: 1KB/s, late-limit: 1m }
    name: terminals
    ramp: 200ms
    hold: 10s
thresholds:
  - server_cpu.mean < 2
  - server_latency{step=terminals}.p95 < 10s
  - server_gc.max < 50%
`;

/** The first and the last second of a step in which a metric was measured, by the part of the step. */
function spans(home: string, step: string, metric: string): Record<string, [number, number]> {
  const found: Record<string, [number, number]> = {};
  for (const text of readFileSync(path.join(runFolder(home), "seconds.ndjson"), "utf8")
    .trim()
    .split("\n")) {
    const { second, steps } = unpacked(JSON.parse(text));
    for (const [window, values] of Object.entries(steps[step]?.values ?? {}))
      if (Object.keys(values).some((key) => key.startsWith(metric)))
        found[window] = [found[window]?.[0] ?? second, second];
  }
  return found;
}

/** As far as it has been written: the last line may be a part of one. */
function isMeasured(home: string, step: string): boolean {
  try {
    return spans(home, step, "server_up").measured !== undefined;
  } catch {
    return false;
  }
}

describe("the deployment's own figures beside a run", () => {
  it("stand in the seconds of its steps, through a restart of the source and an expired token", async () => {
    const file = path.join(folder, "two.scaletest.yaml");
    writeFileSync(file, SCENARIO);
    sandbox.deployment.metricsToken = "first-secret-of-the-page";
    const home = path.join(folder, "home");
    const html = path.join(folder, "report.html");
    const line = new CommandLine(
      [
        ...["run", file, "--server-metrics", sandbox.prometheusUrl, "--server-metrics-around", "2500ms"],
        ...["--output", "json", "--output", `html:${html}`],
      ],
      { ...envOf(sandbox), CODER_SCALETEST_SERVER_METRICS_TOKEN: "first-secret-of-the-page" },
      home,
    );
    await line.until(/looking at the deployment for 2.5s before the load/);
    await line.until(/Create and use/);
    restartMetrics(sandbox.deployment);
    // To the second: what began in the same one is no other.
    sandbox.deployment.process.startedAt += 2_000;
    await line.until(/coderd 127\.0\.0\.1:\d+ has begun anew: it was restarted/);
    await eventually("the second step is measured", () => isMeasured(home, "terminals"));
    sandbox.deployment.metricsToken = "second-secret-of-the-page";
    await line.until(
      /coderd 127\.0\.0\.1:\d+: it refuses the bearer token \(status 401\): it may have expired; the run goes on without its figures/,
    );
    sandbox.deployment.metricsToken = "first-secret-of-the-page";
    const { code, stdout, stderr } = await line.ended;
    expect(stderr).toMatch(/looking at the deployment took \d+ requests, 0\.\d+ a second, /);

    const { steps = {}, thresholds } = runResultSchema.parse(JSON.parse(stdout));
    expect(Object.keys(steps)).toEqual(["create", "terminals"]);
    expect(figure(steps.terminals, "server_cpu", "mean")).toBeGreaterThan(0);
    expect(figure(steps.terminals, "server_latency", "count")).toBeGreaterThan(0);
    expect(figure(steps.terminals, "server_up", "min")).toBe(0);
    expect(figure(steps.terminals, "server_restarts", "last")).toBe(1);
    expect(figure(steps.terminals, "server_looks", "mean")).toBeLessThan(1);

    // The baseline is before the first step's part, the recovery behind the last one's, on one axis.
    const [create, traffic] = [spans(home, "create", "server_up"), spans(home, "terminals", "server_up")];
    expect(create.before?.[0]).toBeLessThan(steps.create?.begun_ms ?? 0);
    const end = Math.floor((steps.terminals?.ended_ms ?? Number.POSITIVE_INFINITY) / 1_000);
    expect(traffic.after?.[1]).toBeGreaterThanOrEqual(end);
    expect(traffic.measured?.[0]).toBeGreaterThan(create.before?.[0] ?? 0);

    // A threshold on what this deployment does not tell is broken, as any that was not measured.
    expect(code).toBe(99);
    expect(thresholds.map(({ state }) => state)).toEqual(["met", "met", "broken"]);

    const report = readFileSync(html, "utf8");
    for (const title of ["Server: CPU and memory", "Server: API", "Server: provisioners"])
      expect(report).toContain(title);
    const kept = readdirSync(runFolder(home)).map((name) =>
      readFileSync(path.join(runFolder(home), name), "utf8"),
    );
    for (const text of [...kept, report, stdout, stderr]) expect(text).not.toContain("-secret-of-the-page");
    await eventually("no process is left", () => processesOf(home).length === 0, 20_000);
  });

  it("are found by preflight where the deployment says that they are, and tried", async () => {
    sandbox.deployment.metricsToken = undefined;
    const look = async (...more: string[]) => {
      const { code, stdout } = await run(
        ["preflight", "--template", "kubernetes", "--output", "json", ...more],
        envOf(sandbox),
      );
      const { checks } = JSON.parse(stdout) as {
        checks: { id: string; status: string; figure: string; mend?: string }[];
      };
      return { code, check: checks.find(({ id }) => id === "server_metrics"), checks };
    };
    const host = new URL(sandbox.prometheusUrl).host;
    const { check } = await look();
    expect(check?.status).toBe("ok");
    expect(check?.figure).toMatch(new RegExp(`^coderd ${host} answers, \\d+ KB$`));
    expect(check?.mend).toContain("--server-metrics auto");
    const prometheus = new RecordedPrometheus();
    const word = `prometheus+${await prometheus.start()}`;
    const served = await look("--server-metrics", `${word}?namespace=coder&job=coderd`);
    expect(served.check?.figure).toMatch(
      /^Prometheus 127\.0\.0\.1:\d+ answers, 2 replicas of coderd, scraped every 5 s$/,
    );
    const missing = await look("--server-metrics", `${word}?job=nope`);
    expect(missing.check).toMatchObject({ status: "warning" });
    expect(missing.check?.figure).toContain('it has no series of coderd for {job="nope"}; it has some for');
    await prometheus.close();
    const cluster = await new FakeCluster().start();
    cluster.token = "a-token";
    cluster.pods = [pod("coder-1"), pod("coder-2")];
    const clustered = await look("--kubeconfig", cluster.kubeconfig());
    expect(clustered.check?.figure).toContain("Kubernetes answers, 2 pods of coderd");
    expect(clustered.checks.find(({ id }) => id === "kubernetes_one_node")).toMatchObject({
      status: "warning",
      figure: "2 of 2 pods of coderd are on the node node-1",
    });
    const alone = await run(["preflight", "--template", "kubernetes", "--allow-exec"], envOf(sandbox));
    expect([alone.code, alone.stderr]).toEqual([2, expect.stringContaining("need --kubeconfig FILE")]);
    await cluster.close();
    const gone = await look("--server-metrics", "http://127.0.0.1:9");
    expect(gone.check).toMatchObject({ status: "warning" });
    expect(gone.check?.figure).toBe(
      "coderd 127.0.0.1:9: nothing answers at this address (connection refused)",
    );
  });

  it("are read of a Prometheus server, by a scenario that describes it, and of a cluster; an expired token is one line", async () => {
    const cluster = await new FakeCluster().start();
    cluster.token = "a-secret-of-the-cluster";
    cluster.pods = [pod("coder-1"), pod("coder-2")];
    cluster.usage = { "coder-1": { cpu: "1500m", memory: "1Gi" } };
    const logged = (name: string) =>
      `${new Date().toISOString()} 2026-01-02 15:00:00.000 [erro]  coderd: pool is closed  job=${name}`;
    cluster.logs = { "coder-1": [logged("a"), logged("b")], "coder-2": [logged("c")] };
    const kubeconfig = ["--kubeconfig", cluster.kubeconfig()];
    const prometheus = new RecordedPrometheus();
    const url = await prometheus.start();
    const file = path.join(folder, "prometheus.scaletest.yaml");
    writeFileSync(
      file,
      `template: kubernetes
serverMetrics: { prometheus: "${url}", namespace: coder, job: coderd }
steps:
  - create: { count: 1, ssh: false, cleanup: false }
  - traffic: { over: terminal, rate: 1KB/s, late-limit: 1m }
    hold: 5s
`,
    );
    const home = path.join(folder, "prometheus-home");
    const line = new CommandLine(
      ["run", file, ...kubeconfig, "--server-metrics-around", "1s", "--output", "json"],
      envOf(sandbox),
      home,
    );
    await line.until(/Create and use/);
    await eventually("it has read two rounds", () => prometheus.asked.length >= 6, 20_000);
    prometheus.token = "another";
    await line.until(
      /Prometheus 127\.0\.0\.1:\d+: it wants a bearer token \(status 401\); the run goes on without its figures/,
    );
    const { stdout, code } = await line.ended;
    await prometheus.close();
    await cluster.close();
    expect(code).toBe(0);
    const { steps = {}, warnings, causes } = runResultSchema.parse(JSON.parse(stdout));
    // What both pods of coderd logged meanwhile stands beside the causes.
    expect(causes?.errors).toEqual([expect.objectContaining({ text: "coderd: pool is closed", count: 3 })]);
    expect(warnings.join("\n")).toContain(
      "Kubernetes: 2 of 2 pods of coderd are on the node node-1; spread them by pod anti-affinity",
    );
    const measured = Object.values(steps).flatMap(({ metrics = {} }) => metrics.server_cpu?.series ?? []);
    expect(measured.length).toBeGreaterThan(0);
    const kept = readFileSync(path.join(runFolder(home), "seconds.ndjson"), "utf8");
    for (const told of ["coder-0", "coder-1", "server_pod_cpu"]) expect(kept).toContain(told);
    for (const name of readdirSync(runFolder(home)))
      expect(readFileSync(path.join(runFolder(home), name), "utf8")).not.toContain("a-secret-of-the-cluster");
  });

  it("are asked for in a way that gives nothing away", async () => {
    const { code, stderr } = await run(
      [
        ...["create-workspaces", "--template", "kubernetes", "--no-ssh"],
        ...["--server-metrics", "http://me:my-password@127.0.0.1:9/metrics"],
      ],
      envOf(sandbox),
    );
    expect(code).toBe(2);
    expect(stderr).toContain("has a password in it");
    expect(stderr).not.toContain("my-password");
  });
});

function figure(
  step: NonNullable<RunResult["steps"]>[string] | undefined,
  metric: string,
  name: string,
): number {
  return Number(step?.metrics?.[metric]?.series[0]?.[name]);
}

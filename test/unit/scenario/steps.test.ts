import path from "node:path";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { NO_LOAD } from "../../../src/contract/demand.ts";
import { field } from "../../../src/contract/fields/field.ts";
import { fieldTable, schemaOf } from "../../../src/contract/fields/table.ts";
import { defineWorkload } from "../../../src/contract/workload.ts";
import { hasErrors } from "../../../src/scenario/problem.ts";
import { toRequest } from "../../../src/scenario/request.ts";
import { workloads } from "../../../src/workloads/index.ts";
import { EXAMPLE, read, told } from "./support.ts";

function request(text: string) {
  const { scenario, problems } = read(text);
  expect(problems.filter(({ severity }) => severity === "error")).toEqual([]);
  return toRequest(scenario);
}

const begins = (text: string) => request(text).steps.map(({ name, begin }) => [name, begin]);
const parts = (text: string) => request(text).steps.flatMap(({ config }) => config.targetWorkspaces ?? []);
const traffic = (share: string, more = "") => `  - traffic: { share: ${share} }\n    hold: 1m\n${more}`;
const CREATE = "steps:\n  - create: { count: 100, template: x }\n";

describe("steps of a scenario", () => {
  it("are what the runner is asked for", () => {
    const { steps, thresholds } = request(EXAMPLE);
    expect(steps).toMatchObject([
      {
        name: "create",
        workload: "create-workspaces",
        config: { count: 200, concurrency: 20, template: "kubernetes", parameters: { home_disk_size: "10" } },
      },
      {
        name: "terminals",
        workload: "workspace-traffic",
        config: {
          ssh: false,
          rate: "40KB/s",
          rampMs: 60_000,
          durationMs: 600_000,
          targetWorkspaces: "0%:60%",
        },
      },
      {
        name: "traffic",
        // Its length is that of the step that it goes along with.
        config: { ssh: true, rampMs: 60_000, durationMs: 600_000, targetWorkspaces: "60%:100%" },
        begin: { kind: "with", step: "terminals" },
      },
    ]);
    expect(thresholds).toHaveLength(4);
  });

  it("have both names of their kind, and are called by the shorter one, the second with its number", () => {
    const text = `steps:\n  - create-workspaces: { count: 1, template: x }\n  - workspace-traffic:\n  - traffic: {}\n`;
    expect(request(text).steps.map(({ name }) => name)).toEqual(["create", "traffic", "traffic-2"]);
  });

  it("begin one after the other, at a time, with another, and in another's hold", () => {
    const text = `${CREATE}${traffic("50%", "    name: a\n")}${traffic("10%", "    at: a + 30s\n")}${traffic("10%", "    at: a\n    name: c\n")}${traffic("5%", "    at: 5m\n    name: d\n")}${traffic("5%", "    after: create\n    name: e\n")}`;
    expect(begins(text)).toEqual([
      ["create", undefined],
      ["a", undefined],
      ["traffic", { kind: "hold", step: "a", ms: 30_000 }],
      ["c", { kind: "hold", step: "a", ms: 0 }],
      ["d", { kind: "at", ms: 300_000 }],
      ["e", { kind: "after", step: "create" }],
    ]);
  });

  it("are repeated one after the other; what follows them follows the last", () => {
    const text = `${CREATE}${traffic("50%", "    name: x\n    repeat: 3\n")}${traffic("50%", "    name: y\n    after: x\n")}`;
    expect(begins(text)).toEqual([
      ["create", undefined],
      ["x-1", undefined],
      ["x-2", { kind: "after", step: "x-1" }],
      ["x-3", { kind: "after", step: "x-2" }],
      ["y", { kind: "after", step: "x-3" }],
    ]);
  });

  it("that go along with another are as long as that, whatever is known of it", () => {
    const lengths = (text: string) =>
      request(text).steps.map(({ config }) => [config.rampMs, config.durationMs, config.timeoutMs]);
    const host = "  - traffic: { timeout: 2h }\n    ramp: 2m\n    hold: 1h\n    name: a\n";
    const minute = 60_000;
    const chain = `steps:\n${host}  - traffic: {}\n    with: a\n    name: b\n  - traffic: {}\n    with: b\n`;
    expect(lengths(chain)).toEqual(Array(3).fill([2 * minute, 60 * minute, 120 * minute]));
    // With a ramp of its own, it ends at the same time.
    const ramped = `steps:\n${host}  - traffic: {}\n    ramp: 1m\n    with: a\n`;
    expect(lengths(ramped)[1]).toEqual([minute, 61 * minute, 120 * minute]);
    const held = `steps:\n${host}  - traffic: {}\n    hold: 5m\n    with: a\n`;
    expect(lengths(held)[1]).toEqual([0, 5 * minute, 30 * minute]);
    // A creation takes as long as it takes, half an hour at most.
    const unknown = `${CREATE}  - traffic: {}\n    with: create\n`;
    expect(lengths(unknown)[1]).toEqual([0, 30 * minute, 31 * minute]);
  });

  it("have shares of the workspaces that no step has which overlaps, in the order of the file", () => {
    const overlapping = traffic("60%", "    name: a\n") + traffic("30%", "    with: a\n    name: b\n");
    expect(parts(CREATE + overlapping + traffic("10%", "    with: b\n"))).toEqual([
      ...["0%:60%", "60%:90%", "90%:100%"],
    ]);
    // One after the other, all have the first.
    expect(parts(CREATE + traffic("60%") + traffic("60%"))).toEqual(["0%:60%", "0%:60%"]);
    // By the clock: the second ends before the third begins, which overlaps with the first alone.
    const long = `  - traffic: { share: 50% }\n    hold: 10m\n    at: 0\n    name: a\n`;
    const clocked =
      long + traffic("50%", "    at: 1m\n    name: b\n") + traffic("50%", "    at: 2m\n    name: c\n");
    expect(parts(CREATE + clocked)).toEqual(["0%:50%", "50%:100%", "50%:100%"]);
    expect(told(CREATE + clocked.replace("at: 2m", "at: 1m59s"))).toEqual([
      expect.stringContaining('5:9 warning: "a" begins before "create" has made a workspace'),
      expect.stringMatching(/^11:23 error: no 50% of the workspaces are left beside a and b/),
    ]);
    // Three thirds are all of them.
    const thirds =
      traffic("33.3%", "    name: a\n") +
      traffic("33.3%", "    with: a\n    name: b\n") +
      traffic("33.4%", "    with: a\n");
    expect(parts(CREATE + thirds)).toEqual(["0%:33.3%", "33.3%:66.6%", "66.6%:100%"]);
  });

  it("have stages as a profile, which say how long they are held and begin at nothing without a ramp", () => {
    const staged = (more: string) =>
      request(`${CREATE}  - traffic: {}\n    stages: [{ for: 1m, to: 50 }, { for: 30s, to: 0 }]\n${more}`)
        .steps[1];
    const stages = [
      { forMs: 60_000, to: 50 },
      { forMs: 30_000, to: 0 },
    ];
    expect(staged("")).toMatchObject({ profile: { from: 0, stages }, config: { durationMs: 90_000 } });
    expect(staged("    ramp: 10s\n")?.profile).toEqual({ stages });
  });

  it("are held to their own thresholds, whatever they are called, and the run to its own", () => {
    const text = `${CREATE}    thresholds: [ready.p95 < 3m]\n  - traffic: { threshold: round_trip.p95 < 1s }\nthresholds: default\n`;
    const { steps, thresholds } = request(text);
    expect(steps.map(({ config }) => config.thresholds)).toEqual([["ready.p95<3m"], ["round_trip.p95<1s"]]);
    const defaults = ["achieved.rate >= 90%", "connections.dropped_rate < 1%", "api_latency.p95 < 300ms"];
    expect(thresholds).toEqual(defaults);
  });

  it("ask for no more than the ceilings of the caller and of the file, those at the same time together", () => {
    const text = `limits: { connections: 150 }\n${CREATE}${traffic("60%", "    name: a\n")}${traffic("40%", "    with: a\n    name: b\n")}`;
    expect(told(text)).toEqual([]);
    // A file cannot raise a ceiling.
    const limits = { connections: 99 };
    expect(told(text, { limits })).toEqual([
      "7:5 error: a, b together ask for 100 connections, and the ceiling is 99 connections; lower the load, or let steps follow each other",
    ]);
    expect(told(text.replace("    with: a\n", ""), { limits })).toEqual([]);
    const bytes = `limits: { rate: 100KB/s }\n${CREATE}  - traffic: { rate: 1KB/s }\n`;
    expect(told(bytes)).toEqual([]);
    expect(told(bytes.replace("1KB/s }", "2KB/s }"))).toEqual([
      expect.stringMatching(/^4:5 error: a step of traffic asks for 200 KB\/s, and the ceiling is 100 KB\/s/),
    ]);
  });
});

/** A kind of step that has what a file must not say. */
const FIELDS = fieldTable({
  key: field(z.string(), { flag: "key", env: "PROBE_KEY", mayBeSecret: true, description: "A key" }),
  cwd: field(z.string(), { flag: "cwd", profile: "folder", description: "A folder" }),
  holdMs: field(z.number(), { flag: "for", unit: "ms", profile: "hold", description: "How long" }),
  seen: field(z.string(), { flag: "seen", description: "The run's own" }),
});
const probe = defineWorkload({
  name: "hold",
  summary: "Waits",
  schema: schemaOf(FIELDS),
  fields: FIELDS,
  internal: true,
  demand: NO_LOAD,
  runsProgram: () => "kubectl",
  title: () => "probe",
  prepare: () => Promise.reject(new Error("not here")),
});
const withProbe = { workloads: [probe, ...workloads] };

describe("a file, which may be anybody's,", () => {
  it.each([
    ["coderCli: sh", "runs a command of this machine"],
    ["download-cli: true", "runs a program that it has fetched"],
    ["workspace-proxy-url: http://example.com", "sends the session token to another host"],
  ])("cannot say %s", (said, why) => {
    const [problem, ...others] = told(`steps:\n  - traffic: { ${said} }\n`);
    expect(problem).toContain(`${why}, so a scenario file cannot say it; leave it out`);
    expect(others).toEqual([]);
  });

  it("reads no other file", () => {
    expect(told("steps:\n  - create: { template: x, rich-parameter-file: /etc/passwd }\n")).toEqual([
      "2:28 error: a scenario reads no other file: write the values under parameters, not rich-parameter-file",
    ]);
  });

  it("holds no secret: that is in its variable, from which it is taken", () => {
    expect(told("steps:\n  - hold: { key: abc }\n", withProbe)).toEqual([
      "2:13 error: key may be a secret, which a file must not hold: leave it out, and set PROBE_KEY",
    ]);
    const { scenario } = read("steps:\n  - hold: 5m\n", { ...withProbe, env: { PROBE_KEY: "abc" } });
    expect(scenario.steps[0]?.checked?.config).toEqual({ key: "abc", holdMs: 300_000 });
  });

  it("has its folders beside itself, and its programs are known to whoever starts it", () => {
    const folder = path.resolve("/load");
    const { scenario, problems } = read("steps:\n  - hold: {}\n  - hold: { cwd: drills }\n    name: b\n", {
      ...withProbe,
      folder,
    });
    expect(hasErrors(problems)).toBe(false);
    const checked = scenario.steps.map((step) => step.checked);
    expect(checked.map((one) => one?.config.cwd)).toEqual([folder, path.join(folder, "drills")]);
    expect(checked.map((one) => one?.program)).toEqual(["kubectl", "kubectl"]);
  });

  it("tells a kind of step from a key of steps that has its name", () => {
    const text =
      "steps:\n  - create: { count: 2, template: x }\n  - traffic: {}\n    hold: 1m\n  - hold: 2m\n    name: rest\n";
    const { scenario, problems } = read(text, withProbe);
    expect(problems).toEqual([]);
    expect(scenario.steps.map(({ name, workload }) => [name, workload.name])).toEqual([
      ["create", "create-workspaces"],
      ["traffic", "workspace-traffic"],
      ["rest", "hold"],
    ]);
  });

  it("cannot have what only the product starts as a step", () => {
    expect(told("steps:\n  - recover: { run: abcdefgh }\n")[0]).toMatch(
      /^2:5 error: "recover" is no kind of step/,
    );
  });
});

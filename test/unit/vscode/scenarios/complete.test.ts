import { describe, expect, it } from "vitest";
import { offersAt } from "../../../../src/vscode/features/scenario-files/help/complete.ts";
import { hoverAt } from "../../../../src/vscode/features/scenario-files/help/hover.ts";
import { workloads } from "../../../../src/workloads/index.ts";
import { told } from "../../scenario/support.ts";

/** What is offered at the place that is marked with |. */
function at(text: string) {
  const offset = text.indexOf("|");
  const file = text.slice(0, offset) + text.slice(offset + 1);
  return { file, found: offersAt(file, offset, workloads, DEPLOYMENT) };
}

const DEPLOYMENT = { templates: ["kubernetes", "docker"], parameters: [{ name: "region", detail: "Where" }] };
const offered = (text: string) => at(text).found?.offers.map(({ label }) => label) ?? [];

/** The file once the offer is chosen. */
function chosen(text: string, label: string): string {
  const { file, found } = at(text);
  const offer = found?.offers.find((one) => one.label === label);
  if (!found || !offer) throw new Error(`${label} is not offered`);
  return file.slice(0, found.from) + offer.insert.replace(/\$\d/g, "") + file.slice(found.to);
}

const STEPS = `steps:
  - create: { count: 10, template: x }
  - traffic: { share: 60% }
    hold: 10m
    name: terminals
`;

describe("completion in a scenario", () => {
  it("offers the keys of a scenario that are not there", () => {
    expect(offered("na|")).toEqual(
      expect.arrayContaining(["name", "template", "steps", "limits", "baseline"]),
    );
    expect(offered("name: x\n|\nsteps: []\n")).not.toContain("name");
    expect(offered("name: x\n|\nsteps: []\n")).not.toContain("steps");
    expect(offered("limits: { work| }\n")).toEqual(["workspaces", "connections", "rate"]);
    expect(chosen("|", "steps")).toBe("steps:\n  - ");
  });

  it("offers kinds of steps, then what a step of its kind can have", () => {
    const fresh = offered("steps:\n  - |\n");
    expect(fresh).toEqual(expect.arrayContaining(["create", "traffic", "builds", "hold", "after", "name"]));
    expect(new Set(fresh).size).toBe(fresh.length);
    expect(fresh).not.toContain("create-workspaces");
    expect(fresh).not.toContain("recover");
    const create = offered(`${STEPS.replace("    hold: 10m\n", "")}  - create: {}\n    |\n`);
    expect(create).toEqual(expect.arrayContaining(["name", "after", "at", "thresholds"]));
    for (const none of ["traffic", "ramp", "hold", "share", "create"]) expect(create).not.toContain(none);
    expect(offered("steps:\n  - traffic: {}\n    with: x\n    |\n")).not.toContain("after");
    expect(offered("steps:\n  |\n")).toContain("create");
    expect(chosen("steps:\n  |\n", "create")).toBe("steps:\n  - create: {  }\n");
  });

  it("offers fields by one name each, with unit and default", () => {
    for (const text of ["steps:\n  - traffic: { ra| }\n", "steps:\n  - traffic:\n      |\n"]) {
      const fields = offered(text);
      expect(fields).toEqual(expect.arrayContaining(["over", "rate", "tickInterval", "ramp", "share"]));
      for (const none of [
        "tickIntervalMs",
        "tick-interval",
        "workspaceProxyUrl",
        "coderCli",
        "thresholds",
        "lateLimit",
      ])
        expect(fields).not.toContain(none);
    }
    expect(offered("steps:\n  - traffic: { tick-interval: 1s, | }\n")).not.toContain("tickInterval");
    expect(offered("steps:\n  - traffic: { over: ssh, | }\n")).not.toContain("ssh");
    expect(offered("steps:\n  - traffic: { over: app, | }\n")).toContain("app");
    expect(offered("steps:\n  - traffic: { ssh: true, | }\n")).not.toContain("over");
    const help = at("steps:\n  - traffic: { tick| }\n").found?.offers.find(
      ({ label }) => label === "tickInterval",
    )?.help;
    expect(help).toBe(
      "Time between two ticks of a connection\n\na time with its unit, such as `1m30s` · default `100ms`",
    );
    expect(chosen("steps:\n  - create: { par|: {} }\n", "parameters")).toBe(
      "steps:\n  - create: { parameters: {} }\n",
    );
  });

  it("offers values: choices, truths, defaults", () => {
    expect(offered("steps:\n  - traffic: { over: | }\n")).toEqual(["terminal", "ssh", "app"]);
    expect(offered("steps:\n  - traffic:\n      over: te|\n")).toEqual(["terminal", "ssh", "app"]);
    expect(offered("steps:\n  - traffic: { reconnect: | }\n")).toEqual(["true", "false"]);
    expect(offered("steps:\n  - traffic: { tickInterval: | }\n")).toEqual(["100ms"]);
    for (const text of ["over: ssh | }", "reconnect: true | }", "app: echo | }"])
      expect(offered(`steps:\n  - traffic: { ${text}\n`)).toEqual([]);
    expect(offered("parameters: { template: | }\n")).toEqual([]);
    expect(offered("steps:\n  - run: { args: [kubectl, | ] }\n")).toEqual([]);
    expect(offered("baseline: |\n")).toEqual(["last-passed"]);
  });

  it("offers the other steps where one is named", () => {
    for (const word of ["after", "with"])
      expect(offered(`${STEPS}  - traffic: {}\n    ${word}: |\n    name: me\n`)).toEqual([
        "create",
        "terminals",
      ]);
    expect(offered(`${STEPS}  - traffic: {}\n    at: te|\n`)).toEqual(["create", "terminals", "5m"]);
    expect(chosen(`${STEPS}  - traffic: {}\n    at: |\n`, "terminals")).toContain("at: terminals + \n");
  });

  it("offers what the deployment has", () => {
    expect(offered("template: |\n")).toEqual(["kubernetes", "docker"]);
    expect(offered("steps:\n  - create: { template: ku| }\n")).toEqual(["kubernetes", "docker"]);
    expect(offered("parameters: { | }\n")).toEqual(["region"]);
    expect(offered("parameters:\n  region: eu\n  |\n")).toEqual([]);
  });

  const threshold = (text: string) => offered(`${STEPS}thresholds:\n  - ${text}\n`);

  it("leads through a threshold: metric, label, step, figure, comparison, limit, conditions", () => {
    expect(threshold("|")).toEqual(expect.arrayContaining(["round_trip", "queue", "failures", "default"]));
    expect(threshold("round_trip{|}")).toEqual(expect.arrayContaining(["step", "transport"]));
    expect(threshold("round_trip{step=|}.p95")).toEqual(["create", "terminals"]);
    expect(threshold("round_trip{step=terminals}.|")).toEqual(
      expect.arrayContaining(["p95", "max", "count"]),
    );
    expect(threshold("connections.dr|")).toContain("dropped_rate");
    expect(threshold("round_trip.p95 |")).toEqual(["<", "<=", ">", ">="]);
    expect(threshold("round_trip.p95 < |")).toEqual(["200ms"]);
    expect(threshold("connections.dropped_rate < |")).toEqual(["1%"]);
    expect(threshold("round_trip.p95 < 200ms |")).toEqual(["over 30s", "after 1m", "abort"]);
    expect(threshold("round_trip.p95 < 200ms over 30s |")).toEqual(["after 1m", "abort"]);
    expect(threshold("nothing.|")).toEqual([]);
    expect(chosen(`${STEPS}thresholds:\n  - rou|nd.p95 < 1s\n`, "round_trip")).toContain(
      "- round_trip.p95 < 1s\n",
    );
    expect(chosen(`${STEPS}thresholds:\n  - round_trip.p9| < 1s\n`, "p99")).toContain(
      "- round_trip.p99 < 1s\n",
    );
    expect(chosen(`${STEPS}thresholds:\n  - round_trip{st|=create}.p95\n`, "step")).toContain(
      "{step=create}",
    );
    expect(offered(`${STEPS}thresholds: [ | ]\n`)).toContain("round_trip");
    expect(chosen(`${STEPS}thresholds:\n  |\n`, "queue")).toContain("thresholds:\n  - queue.");
  });

  it("offers a step's own metrics in its own thresholds, without a label for the step", () => {
    const own = (text: string) => offered(`${STEPS}    thresholds:\n      - ${text}\n`);
    expect(own("|")).toContain("round_trip");
    expect(own("|")).not.toContain("queue");
    expect(own("|")).not.toContain("default");
    expect(own("round_trip{|}")).not.toContain("step");
  });

  it("makes files that are right", () => {
    let text = "|";
    const take = (label: string, more: string) => {
      text = `${chosen(text, label)}${more}`;
    };
    take("steps", "|");
    take("create", "|");
    text = text.replace("{  }|", "{ | }");
    text = `${chosen(text, "count").trimEnd().replace(/ \}$/, "")}`;
    expect(text).toContain("- create: { count:");
    const file = `${STEPS}thresholds:\n  - |`;
    const line = ["queue", "p99", "<", "200ms"]
      .reduce((now, label) => `${chosen(now, label)}|`, file)
      .replace("|", "");
    expect(line.split("\n").at(-1)).toBe("  - queue.p99 < 200ms");
    expect(told(`${line}\n`)).toEqual([]);
  });

  it("ends soon in files that are made to be large", () => {
    for (const text of [
      `steps: ${"[".repeat(5_000)}`,
      `x: ${"y".repeat(70_000)}`,
      `${"- ".repeat(20_000)}a`,
    ]) {
      const begun = performance.now();
      expect(offersAt(text, text.length, workloads)).toBeUndefined();
      expect(hoverAt(text, text.length - 1, workloads)).toBeUndefined();
      expect(performance.now() - begun).toBeLessThan(1_000);
    }
  });

  it("offers nothing in comments, and never throws wherever it is asked", () => {
    expect(at("# na|\nname: x\n").found).toBeUndefined();
    const whole = `${STEPS}  - traffic: { over: ssh,\nthresholds:\n  - round_trip{step=terminals}.p95 < 200ms\n - [ {\n`;
    for (const file of [STEPS, whole, "{ [ : - ? & * ! | > '"])
      for (let offset = 0; offset <= file.length; offset++) {
        offersAt(file, offset, workloads);
        hoverAt(file, offset, workloads);
      }
  });
});

describe("hover in a scenario", () => {
  function hovered(text: string) {
    const offset = text.indexOf("|");
    return hoverAt(text.slice(0, offset) + text.slice(offset + 1), offset, workloads);
  }

  it("says what a key is, with unit and default", () => {
    expect(hovered("na|me: x\n")?.help).toBe("What the scenario is called");
    expect(hovered("steps:\n  - traf|fic: {}\n")?.help).toContain("Send traffic to the workspaces");
    expect(hovered("steps:\n  - traffic: {}\n    ho|ld: 1m\n")?.help).toContain(
      "at full load\n\na time with its unit",
    );
    expect(hovered("steps:\n  - traffic: { tick-inter|val: 1s }\n")?.help).toContain("default `100ms`");
    expect(hovered("steps:\n  - traffic: { ov|er: ssh }\n")?.help).toContain(
      "one of `terminal`, `ssh`, `app`",
    );
    expect(hovered("steps:\n  - traffic: {}\n    stages: [{ f|or: 1m, to: 2 }]\n")?.help).toBe(
      "How long it takes",
    );
    expect(hovered("limits: { ra|te: 1MB/s }\n")?.help).toContain("Bytes a second");
    expect(hovered("parameters: { na|me: x }\n")).toBeUndefined();
    expect(hovered("name: na|me\n")).toBeUndefined();
  });

  it("says what a threshold's metric is, and what a step does that is named", () => {
    const file = `${STEPS}thresholds:\n  - round_|trip{step=terminals}.p95 < 200ms\n`;
    const found = hovered(file);
    expect(found?.help).toMatch(
      /^\*\*Round trip\*\* `round_trip`\n\nFigures: .*`p95` \(a time\).*\n\n.*Steps that have it: `terminals`$/s,
    );
    expect(file.replace("|", "").slice(found?.from, found?.to)).toBe("round_trip");
    const step = "**terminals** `traffic`\n\nbegins when create ends; hold 10m; 6 connections";
    expect(hovered(file.replace("|", "").replace("=term", "=te|rm"))?.help).toBe(step);
    expect(hovered(`${STEPS}  - hold: 1m\n    at: termi|nals + 5m\n`)?.help).toBe(step);
    expect(hovered(`${STEPS}  - hold: 1m\n    after: no|body\n`)).toBeUndefined();
  });
});

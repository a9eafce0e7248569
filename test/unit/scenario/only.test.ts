import { expect, it } from "vitest";
import { onlyStep } from "../../../src/scenario/only.ts";
import { toRequest } from "../../../src/scenario/request.ts";
import { english } from "../../../src/text/message.ts";
import { read } from "./support.ts";

const FILE = `template: kubernetes
steps:
  - create: { count: 4 }
  - hold: 10s
  - traffic: { over: terminal, share: 50% }
    name: terminals
    hold: 30s
  - traffic: { over: ssh, share: 50% }
    name: ssh
    with: terminals
    thresholds: [round_trip.p99 < 1s]
  - run: { args: [ "true" ] }
    at: terminals + 5s
  - cleanup: {}
thresholds:
  - round_trip{step=terminals}.p95 < 200ms
  - failures.rate < 1%
  - queue.p95 < 1m
  - ready{step=create}.p95 < 1m
`;

function only(name: string) {
  const found = onlyStep(read(FILE).scenario, name);
  if ("problem" in found) return english(found.problem);
  const { steps, thresholds } = toRequest(found.scenario);
  return {
    steps: steps.map((step) => [step.name, step.begin]),
    thresholds,
    before: found.before.map((one) => one.name),
    config: steps.at(-1)?.config,
  };
}

it("runs a step with those that make the workspaces it takes, held to what is about it", () => {
  expect(only("terminals")).toMatchObject({
    steps: [
      ["create", undefined],
      ["terminals", undefined],
    ],
    before: ["create"],
    thresholds: ["round_trip{step=terminals}.p95 < 200ms", "failures.rate < 1%"],
  });
});

it("gives a step that goes along with another the length that it has from that one, and its share", () => {
  expect(only("ssh")).toMatchObject({
    steps: [
      ["create", undefined],
      ["ssh", undefined],
    ],
    thresholds: ["failures.rate < 1%"],
    config: { durationMs: 30_000, targetWorkspaces: "50%:100%", thresholds: ["round_trip.p99<1s"] },
  });
});

it("runs a step that takes no workspaces alone", () => {
  expect(only("create")).toMatchObject({ steps: [["create", undefined]], before: [] });
  expect(only("run")).toMatchObject({ steps: [["run", undefined]], thresholds: ["failures.rate < 1%"] });
  expect(only("cleanup")).toMatchObject({ steps: [["cleanup", undefined]] });
});

it("says why a step cannot be run alone", () => {
  expect(only("hold")).toBe('step "hold" does nothing by itself: it only fills time between others');
  expect(only("nonesuch")).toBe('there is no step "nonesuch"');
});

import { describe, expect, it } from "vitest";
import { english } from "../../../src/text/message.ts";
import { arrivalOf, stoppedRemarks } from "../../../src/workloads/builds/prepare.ts";
import { startable, workloadNamed } from "../../../src/workloads/index.ts";

const check = (name: string, config: object) => workloadNamed(name).check(config);

describe("a program of a scenario", () => {
  it("is either words or a line for the shell, and exactly one of them", () => {
    expect(check("run", { args: ["kubectl", "delete", "pod", "coderd-1"] }).config).toMatchObject({
      args: ["kubectl", "delete", "pod", "coderd-1"],
      timeoutMs: 300_000,
    });
    expect(check("run", { shell: "kubectl delete pod coderd-1" }).config).toMatchObject({
      shell: "kubectl delete pod coderd-1",
    });
    expect(() => check("run", { args: ["ls"], shell: "ls" })).toThrow(/cannot be used with args/);
    expect(() => check("run", {})).toThrow(/or args is required: what to run/);
    expect(() => check("run", { args: [] })).toThrow(/must name a program/);
  });

  it("is told as a person would write it, in one line that is not too long", () => {
    const program = (config: object) => check("run", config).program;
    expect(program({ args: ["kubectl", "delete", "pod", "coderd-1"] })).toBe("kubectl delete pod coderd-1");
    expect(program({ args: ["sh", "-c", "rm -rf /tmp/x; echo $HOME"] })).toBe(
      'sh -c "rm -rf /tmp/x; echo $HOME"',
    );
    expect(program({ args: ["echo", ""] })).toBe('echo ""');
    expect(program({ shell: "one\n  two" })).toBe("one two");
    expect(program({ shell: "x".repeat(500) })).toHaveLength(100);
  });

  it("is the only thing that makes a run one that has to be allowed", () => {
    expect(check("hold", { durationMs: 1_000 }).program).toBeUndefined();
    expect(check("builds", {}).program).toBeUndefined();
    expect(check("command", { runCommand: "make" }).program).toBeUndefined();
  });
});

describe("the kinds of step", () => {
  it("have a command of their own where they are useful alone", () => {
    const names = startable.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(["builds", "command"]));
    expect(names).not.toEqual(expect.arrayContaining(["hold"]));
    expect(names).not.toEqual(expect.arrayContaining(["run"]));
  });

  it("put a load on a deployment, or none: what waits or runs here is guarded by nothing", () => {
    expect(check("builds", {}).demand).toEqual({});
    expect(check("command", { runCommand: "make" }).demand).toEqual({});
    expect(check("hold", { durationMs: 1_000 }).demand).toBeUndefined();
    expect(check("run", { shell: "ls" }).demand).toBeUndefined();
  });

  it("say what is missing", () => {
    expect(() => check("hold", {})).toThrow(/duration/);
    expect(() => check("command", {})).toThrow(/--run-command is required: what to run in each workspace/);
  });
});

describe("stops and starts", () => {
  it("begin evenly over the ramp, the first at once", () => {
    expect([0, 1, 2, 3].map((index) => arrivalOf(index, 4, 60_000))).toEqual([0, 15_000, 30_000, 45_000]);
    expect([0, 1].map((index) => arrivalOf(index, 2, 0))).toEqual([0, 0]);
  });

  it("have more time than their ramp takes", () => {
    expect(() => check("builds", { rampMs: 60_000, timeoutMs: 60_000 })).toThrow(/is not longer than --ramp/);
    expect(check("builds", { rampMs: 60_000, timeoutMs: 0 }).config).toMatchObject({ rampMs: 60_000 });
  });

  it("say which workspaces they have left stopped, the first few by name", () => {
    const remarks = (names: string[]) => stoppedRemarks(names).map(english);
    expect(remarks([])).toEqual([]);
    expect(remarks(["b"])).toEqual(["1 workspace is stopped and not started again: b"]);
    expect(remarks(["g", "b", "a", "c", "d", "e", "f"])).toEqual([
      "7 workspaces are stopped and not started again: a, b, c, d, e and 2 more",
    ]);
  });
});

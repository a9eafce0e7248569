import { describe, expect, it } from "vitest";
import { askThresholds, thresholdChoices } from "../../../src/vscode/ask/thresholds-step.ts";
import { BACK } from "../../../src/vscode/ui/inputs.ts";
import { workloadNamed } from "../../../src/workloads/index.ts";
import { scripted } from "./stand-ins.ts";

const { metrics } = workloadNamed("create-workspaces");
const PLACE = { title: "t", back: true };

describe("the step of thresholds", () => {
  it("takes what is typed and what is chosen, each once, and lets go of what is chosen again", async () => {
    const inputs = scripted("ready.p95 < 3m", "ready.p95 < 3m", "failures.rate<1%", "ready.p95<3m", "Done");
    expect(await askThresholds(inputs, PLACE, metrics, [])).toEqual(["failures.rate<1%"]);
  });

  it("changes nothing where the person leaves or goes back", async () => {
    expect(
      await askThresholds(scripted("ready.p95<3m", { leave: true }), PLACE, metrics, []),
    ).toBeUndefined();
    expect(await askThresholds(scripted({ back: true }), PLACE, metrics, [])).toBe(BACK);
  });

  it("says what is wrong with what is typed, and cannot take it", async () => {
    const inputs = scripted("nonesuch.p95<3m", { leave: true });
    let said = "";
    const { choose } = inputs;
    inputs.choose = (options) => {
      said = options.typed?.("nonesuch.p95<3m")?.label ?? "";
      return choose({ ...options, typed: () => undefined });
    };
    await expect(askThresholds(inputs, PLACE, metrics, [])).rejects.toThrow(/none of/);
    expect(said).toMatch(/^\$\(error\) .*nonesuch/);
  });

  it("completes by metric, with an example of each that is not held to yet", () => {
    const labels = (held: string[]) => thresholdChoices(metrics, held).map(({ label }) => label);
    expect(labels([])).toEqual(expect.arrayContaining(["$(check) Done", "ready.p95<1s", "failures.rate<1%"]));
    expect(labels(["ready.p95<3m"])).toContain("$(law) ready.p95<3m");
    expect(labels(["ready.p95<3m"])).not.toContain("ready.p95<1s");
  });
});

import { expect, it } from "vitest";
import type { Snapshot } from "../../../../src/protocol/snapshot.ts";
import { viewOf } from "../../../../src/protocol/steps.ts";
import { foreign } from "../../../../src/text/message.ts";
import { followRun } from "../../../../src/vscode/features/scenario-runs/follow.ts";
import { Signal } from "../../../../src/vscode/signal.ts";
import { stepsSnapshot } from "../../../webview/steps-fixtures.ts";

/** A run of several steps that a person's hand moves. */
function moved() {
  const changed = new Signal<void>();
  const run = {
    changed,
    snapshot: undefined as ReturnType<typeof viewOf> | undefined,
    whole: undefined as Snapshot | undefined,
    silentSince: undefined as number | undefined,
    condition: "attached" as "attached" | "ended" | "lost",
    active: true,
    stop: async () => undefined,
  };
  const show = (changes: Partial<Snapshot>, end?: "ended" | "lost") => {
    run.whole = { ...stepsSnapshot(), ...changes };
    run.snapshot = viewOf(run.whole);
    if (end) Object.assign(run, { active: false, condition: end });
    changed.emit();
  };
  return { run, show };
}

it("writes progress every five seconds, of each step where several are at work, and the summary at the end", async () => {
  const { run, show } = moved();
  const lines: string[] = [];
  const last = followRun(run, (line) => lines.push(line));
  const steps = stepsSnapshot().steps.map((step, at) => ({
    ...step,
    state: at < 2 ? ("active" as const) : ("pending" as const),
  }));
  show({ steps, elapsedMs: 60_000, events: [] });
  expect(lines.map((line) => line.trim().split(" ")[0])).toEqual(["01:00", "create:", "terminals:"]);
  show({ steps, elapsedMs: 62_000, events: [] });
  expect(lines).toHaveLength(3);
  show({ steps: steps.slice(0, 1), elapsedMs: 65_000, events: [] });
  expect(lines).toHaveLength(4);
  const outcome = { verdict: "passed", exitCode: 0, succeeded: 4, failed: 0, orphans: 0, kept: 0 } as const;
  show({ elapsedMs: 66_000, events: [], outcome: { ...outcome, summary: foreign("4 succeeded") } }, "ended");
  expect(lines.at(-1)).toBe("4 succeeded");
  expect((await last)?.outcome?.succeeded).toBe(4);
});

it("ends without a snapshot where the runner is gone", async () => {
  const { run, show } = moved();
  const lines: string[] = [];
  const last = followRun(run, (line) => lines.push(line));
  show({ events: [] }, "lost");
  expect(await last).toBeUndefined();
  expect(lines.at(-1)).toBe("the run's runner is gone");
});

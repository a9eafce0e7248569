import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { readRecord } from "../../../src/app/runs/record.ts";
import type { Plan } from "../../../src/contract/plan.ts";
import { say } from "../../../src/text/message.ts";
import { inEnglish } from "../../../test/support/in-english.ts";
import { fakeJob, fakeRuns } from "./fake-run.ts";

const { folder, open } = fakeRuns();
const opened = (plan: Partial<Plan>) => open({ plan });

describe("the record of a run that has ended", () => {
  it("has the result of its load, which is over before the record is written", async () => {
    let isOver = false;
    const run = await opened({
      jobs: [fakeJob(0)],
      load: {
        part: () => ({ id: isOver ? "over" : "measuring", label: say(""), remainingMs: 0, over: isOver }),
        end: () => {
          isOver = true;
        },
        measured: () => 0,
      },
    });
    await run.execute();
    // As it is on the disk, before anybody makes it fit.
    const { snapshot } = JSON.parse(readFileSync(path.join(folder(), "final.json"), "utf8"));
    expect(snapshot.steps[0].part).toMatchObject({ id: "over", over: true });
  });

  it("that was stopped says so of its stage, and as no error", async () => {
    const run = await opened({
      jobs: [
        fakeJob(0, async () => undefined),
        fakeJob(1, ({ signal }) => {
          run.stop(false);
          return Promise.reject(signal.reason as Error);
        }),
      ],
    });
    const outcome = await run.execute();
    expect(inEnglish(outcome)).toMatchObject({
      verdict: "interrupted",
      exitCode: 130,
      summary: "1 succeeded, 1 stopped",
    });
    const { stages, events } = (await readRecord(folder()))?.snapshot ?? {};
    expect(stages?.map(({ id, state }) => [id, state])).toEqual([
      ["check", "done"],
      ["jobs", "stopped"],
      ["cleanup", "done"],
    ]);
    expect(events?.filter(({ level }) => level === "error")).toEqual([]);
    expect(inEnglish(events?.at(-1))).toMatchObject({ level: "warning", text: "1 succeeded, 1 stopped" });
  });

  it("that failed and was stopped has failed", async () => {
    const run = await opened({
      jobs: [
        fakeJob(0, () => Promise.reject(new Error("no"))),
        fakeJob(1, ({ signal }) => {
          run.stop(false);
          return Promise.reject(signal.reason as Error);
        }),
      ],
    });
    await run.execute();
    const { stages } = (await readRecord(folder()))?.snapshot ?? {};
    expect(stages?.[1]).toMatchObject({ id: "jobs", state: "failed" });
  });

  it("has no stage that still goes on, whatever the run ended by", async () => {
    const run = await opened({
      jobs: [fakeJob(0, async () => undefined)],
      cleanup: undefined,
      load: {
        part: () => {
          throw new Error("broken");
        },
      } as unknown as NonNullable<Plan["load"]>,
    });
    await run.execute().catch(() => undefined);
    expect(run.snapshot().stages.filter(({ state }) => state === "active" || state === "pending")).toEqual(
      [],
    );
  });

  it("tells what is left by kind", async () => {
    const run = await opened({
      jobs: [fakeJob(0, async () => undefined)],
      countLeft: async () => ({ left: { users: 8, workspaces: 8, tokens: 0 } }),
    });
    expect(inEnglish(await run.execute())).toMatchObject({
      orphans: 16,
      left: { users: 8, workspaces: 8, tokens: 0 },
      summary: "1 succeeded, 0 failed; 8 users and 8 workspaces left behind on the deployment",
    });
  });
});

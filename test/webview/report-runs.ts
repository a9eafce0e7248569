import { readFileSync } from "node:fs";
import { askedOf } from "../../src/app/report/asked.ts";
import { reportHtml } from "../../src/app/report/html.ts";
import { summarize } from "../../src/engine/answer/causes.ts";
import type { PageTexts } from "../../src/protocol/page-texts.ts";
import type { Outcome, Sample, Snapshot } from "../../src/protocol/snapshot.ts";
import { foreign, say } from "../../src/text/message.ts";
import { EDITOR } from "../../src/vscode/wording.ts";
import { workloadNamed, workloads } from "../../src/workloads/index.ts";
import { wholeOf } from "../one-step.ts";
import { STAGED } from "./answer-runs.ts";
import { fixtureRows, fixtureSamples, fixtureSnapshot } from "./fixtures.ts";
import { STEPS_SAMPLES, stepsSnapshot } from "./steps-fixtures.ts";

const AT = 60_000;

export function outcomeOf(changes: Partial<Outcome> = {}): Outcome {
  return {
    verdict: "failed",
    summary: summarize(198, 2, 0, fixtureSnapshot(200, AT).causes),
    succeeded: 198,
    failed: 2,
    orphans: 0,
    kept: 0,
    exitCode: 1,
    ...changes,
  };
}

interface Reported {
  snapshot: Snapshot;
  samples: readonly Sample[];
  rows: ReturnType<typeof fixtureRows>;
  asked?: ReturnType<typeof askedOf>;
}

/** Of creation, with all that such a run was asked for. */
export function creation(count = 200): Reported {
  const { config } = workloadNamed("create-workspaces").check({
    template: "kubernetes",
    count,
    concurrency: 30,
    parameters: { region: "eu-west", git_token: "hunter2" },
    runCommand:
      "git clone https://example.com/a/rather/long/path/of/a/repository.git && make -C repository all",
  });
  const snapshot = wholeOf(fixtureSnapshot(count, AT, { state: "finished", outcome: outcomeOf() }));
  const [step] = snapshot.steps;
  if (!step) throw new Error("a fixture has a step");
  const facts = [{ label: say("template version"), value: "mossy_otter12" }];
  return {
    snapshot: { ...snapshot, steps: [{ ...step, facts }] },
    samples: fixtureSamples(count, AT).map((sample) =>
      sample.second >= 20 && sample.second < 24
        ? { ...sample, invalid: say("this machine slept for {0}", "3s") }
        : sample,
    ),
    rows: fixtureRows(count, AT),
    asked: askedOf(
      {
        title: snapshot.run.title,
        product: "0.1.0",
        steps: [
          {
            name: "create-workspaces",
            workload: "create-workspaces",
            config,
            withheld: { parameters: ["licence"] },
          },
        ],
        deployment: { url: "https://coder.example.com", sandbox: false },
      },
      workloads,
    ),
  };
}

/** A scenario of four steps, which was a file. */
export function scenario(): Reported {
  const snapshot = stepsSnapshot({ state: "finished", outcome: outcomeOf() });
  const scenario =
    "name: Tuesday, nine o'clock\nsteps:\n  - create: { count: 100, template: kubernetes }\n    ramp: 2m\n";
  const configs: Record<string, Record<string, unknown>> = {
    create: { template: "kubernetes", count: 100 },
    drill: { args: ["kubectl", "delete", "pod", "coderd-1"] },
  };
  const steps = snapshot.steps.map(({ name, workload }) => ({ name, workload, config: configs[name] ?? {} }));
  return {
    snapshot,
    samples: STEPS_SAMPLES,
    rows: fixtureRows(100, AT).map((row) => ({ ...row, step: "create" })),
    asked: askedOf(
      {
        ...{ title: snapshot.run.title, product: "0.1.0", steps, scenario },
        deployment: { url: "https://coder.example.com", sandbox: false },
      },
      workloads,
    ),
  };
}

/** A staged run of the panel's tests, once it is over. */
export function staged(name: string): Reported {
  const found = STAGED.find((one) => one.name === name);
  if (!found) throw new Error(`no run ${name}`);
  const summary = foreign("done");
  return {
    snapshot: wholeOf({
      ...found.view,
      state: "finished",
      outcome: outcomeOf({ verdict: "failed", summary }),
    }),
    samples: found.samples,
    rows: found.rows,
  };
}

export function pageOf(run: Reported, more: { nonce?: string; texts?: PageTexts } = {}): string {
  return reportHtml({
    script: readFileSync("dist/report.js", "utf8"),
    style: readFileSync("dist/report.css", "utf8"),
    wording: EDITOR,
    ...run,
    ...more,
  });
}

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { comparisonMarkdown } from "../../../src/app/compare/table.ts";
import { userSchema } from "../../../src/coder/schemas.ts";
import { resetTranslation } from "../../../src/l10n/text.ts";
import type { Outcome } from "../../../src/protocol/snapshot.ts";
import type { StepView } from "../../../src/protocol/steps.ts";
import { foreign, say, sayAll, sayCount } from "../../../src/text/message.ts";
import { detailNodes } from "../../../src/vscode/features/deployments/details.ts";
import { deploymentNodes } from "../../../src/vscode/features/deployments/tree-model.ts";
import { failuresOf } from "../../../src/vscode/features/history/failures.ts";
import { leftoverNodes } from "../../../src/vscode/features/leftovers/tree-model.ts";
import { statusOf, verdictStatus } from "../../../src/vscode/features/runs/status/text.ts";
import { groupsOf } from "../../../src/vscode/features/runs/tree/groups.ts";
import { hitNodes, type TreeRun, treeOf } from "../../../src/vscode/features/runs/tree/model.ts";
import { Transcript } from "../../../src/vscode/model/runs/transcript.ts";
import { failedText, interruptedText, progressText, silentText } from "../../../src/vscode/text.ts";
import { EDITOR } from "../../../src/vscode/wording.ts";
import { endedRecord } from "../../one-step.ts";
import { fixtureRows, fixtureSnapshot } from "../../webview/fixtures.ts";
import { endedTraffic, trafficSnapshot } from "../../webview/traffic-fixtures.ts";
import { english, runningWorkspace, speak } from "./pseudo.ts";

beforeEach(() => speak());
afterEach(resetTranslation);

const outcome: Outcome = {
  verdict: "failed",
  summary: sayAll([say("{0} succeeded", 198), sayCount(2, { one: "{0} failed", other: "{0} failed" })], ", "),
  succeeded: 198,
  failed: 2,
  orphans: 3,
  kept: 1,
  destroyFailed: 1,
  exitCode: 99,
};

const threshold = (state: "broken" | "met") => ({
  expression: "ready.p95<3s",
  label: say("{0}, {1}", say("Time to ready"), "p95"),
  limit: foreign("< 3s"),
  observed: foreign("8.1s"),
  state,
});

function runOf(snapshot: StepView, changes: Partial<TreeRun> = {}): TreeRun {
  return {
    id: "k3x9q2ab",
    title: snapshot.run.title,
    condition: "attached",
    silentSince: undefined,
    active: !snapshot.outcome,
    snapshot,
    file: { deployment: { host: "coder.example.com" } },
    ...changes,
  };
}

/** Runs in all the states in which a person may find one. */
function runs(): [string, TreeRun][] {
  const going = fixtureSnapshot(200, 22_000);
  const ended = (verdict: Outcome["verdict"]): [string, TreeRun] => [
    verdict,
    runOf(
      fixtureSnapshot(200, 90_000, {
        state: "finished",
        outcome: { ...outcome, verdict },
        thresholds: [threshold("broken"), threshold("met")],
      }),
    ),
  ];
  const expired = { since: going.run.createdAt, until: going.run.createdAt + 600_000, user: "admin" };
  return [
    ["running", runOf(going)],
    ["late", runOf(fixtureSnapshot(200, 60_000))],
    ["paused", runOf({ ...going, paused: true })],
    ["expired", runOf({ ...going, sessionExpired: expired })],
    ["without an estimate", runOf({ ...going, remainingMs: null })],
    ["cleaning", runOf({ ...going, state: "cleaning" })],
    ["silent", runOf(going, { condition: "silent" as TreeRun["condition"], silentSince: 30_000 })],
    ["of traffic", runOf(trafficSnapshot(30_000))],
    ["of traffic that ended", runOf(endedTraffic(90_000))],
    ...(["passed", "failed", "refused", "interrupted", "invalid"] as const).map(ended),
  ];
}

describe("in another language no English is left", () => {
  it.each(runs().map(([name]) => name))("in the tree, the status bar and the notice of a run: %s", (name) => {
    const [, run] = runs().find(([one]) => one === name) ?? [];
    if (!run?.snapshot) throw new Error("no run");
    const tree = treeOf([run]);
    const data = [run.title];
    expect(english(tree, data)).toEqual([]);
    expect(english(statusOf([run, run]) ?? verdictStatus(run), data)).toEqual([]);
    expect(
      english(
        [
          verdictStatus(run),
          progressText(run.snapshot),
          failedText(run.snapshot),
          interruptedText({ users: 2, workspaces: 2, tokens: 1 }),
          silentText(0),
        ],
        data,
      ),
    ).toEqual([]);
  });

  it("in the lines of the workspaces that a cause hit", () => {
    const rows = fixtureRows(200, 90_000);
    const [cause] = treeOf([runOf(fixtureSnapshot(200, 90_000))])
      .flatMap(({ children }) => children.flatMap((one) => [one, ...one.children]))
      .filter(({ hit }) => hit);
    if (!cause) throw new Error("no cause");
    expect(english([hitNodes(cause, rows, 200), hitNodes(cause, rows.slice(0, 60), 200)])).toEqual([]);
  });

  it("in the history, a comparison, and what went wrong", () => {
    const deployment = {
      url: "https://coder.example.com",
      host: "coder.example.com",
      version: "",
      user: "",
      sandbox: false,
    };
    const file = {
      version: 1,
      id: "k3x9q2ab",
      title: "create-workspaces 200 × kubernetes",
      workload: "create-workspaces",
      config: {},
      deployment,
      createdAt: 0,
      host: "h",
      product: "0",
      runner: { token: "t" },
    } as const;
    const past = (verdict: Outcome["verdict"]) => ({
      folder: "/k3x9q2ab",
      file,
      result: { run_id: "k3x9q2ab", outcome: { ...outcome, verdict } },
      left: { users: 1, workspaces: 2, tokens: 1 },
    });
    const entries = (["passed", "failed", "refused", "interrupted", "invalid"] as const).map(past);
    expect(
      english(groupsOf([...entries, { ...past("passed"), result: undefined }] as never, "", 86_400_000 * 3), [
        /Jan 1(, 1970)?(, \d+:\d+ [AP]M)?/g,
      ]),
    ).toEqual([]);
    const final = (count: number) =>
      endedRecord({
        version: 2,
        snapshot: fixtureSnapshot(count, 90_000, {
          state: "finished",
          outcome,
          thresholds: [threshold("broken")],
        }),
        rows: fixtureRows(count, 90_000),
        samples: [],
      });
    const traffic = endedRecord({ version: 2, snapshot: endedTraffic(90_000), rows: [], samples: [] });
    const creation = { final: final(200) };
    expect(english(comparisonMarkdown([creation, creation], EDITOR), ["k3x9q2ab"])).toEqual([]);
    const carried = { final: traffic };
    expect(english(comparisonMarkdown([carried, carried], EDITOR), ["k3x9q2ab"])).toEqual([]);
    // Of a document, a log stands four signs in.
    expect(english(failuresOf(final(200)), [/^ {4}.*$/gm, /^- /gm])).toEqual([]);
  });

  it("in the terminal of a task", () => {
    const transcript = new Transcript();
    const lines = [22_000, 60_000].flatMap((at) => transcript.lines(fixtureSnapshot(200, at)));
    expect(
      english([
        lines,
        transcript.silence(true),
        transcript.silence(false),
        transcript.lines(fixtureSnapshot(200, 90_000, { outcome })),
      ]),
    ).toEqual([]);
  });

  it("in the trees of deployments and of leftovers", () => {
    const url = "https://coder.example.com";
    const deployment = { url, username: "admin", version: "v2.26.1", sandbox: false };
    const known = {
      kind: "known",
      at: 0,
      version: "v2.26.1",
      versionIsTooOld: true,
      username: "admin",
      isOwner: false,
      daemons: { total: 4, busy: 2 },
      replicas: 2,
      rateLimit: 512,
      leftovers: { workspaces: 4, users: 3, runs: [{ run: undefined, workspaces: 4, users: 3 }] },
    } as const;
    const bare = {
      ...known,
      isOwner: true,
      daemons: undefined,
      replicas: undefined,
      rateLimit: undefined,
      leftovers: undefined,
    };
    const nodes = [known, bare].flatMap((one) =>
      (["", "staging", "sandbox"] as const).map((tag) => detailNodes(url, one, { tag, metrics: 1 })),
    );
    expect(english(nodes)).toEqual([]);
    for (const state of ["unreachable", "signed_out", "signed_in"] as const)
      expect(
        english(
          deploymentNodes(
            [deployment],
            () => true,
            () => state,
          ),
        ),
      ).toEqual([]);
    const name = "scaletest-aaaaaaaa-0";
    const user = userSchema.parse({
      id: "u",
      username: name,
      email: `${name}@scaletest.local`,
      created_at: "2026-01-01T08:00:00Z",
    });
    expect(
      english(
        leftoverNodes(
          [
            { owner: name, user, workspaces: [] },
            { owner: "scaletest-7", user: undefined, workspaces: [runningWorkspace("scaletest-7")] },
          ],
          new Map(),
          Date.parse("2026-01-01T10:00:00Z"),
        ),
        ["aaaaaaaa", "running"],
      ),
    ).toEqual([]);
  });
});

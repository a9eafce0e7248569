import { expect, it } from "vitest";
import type { ToPanel } from "../../../src/protocol/panel.ts";
import type { Sample, WorkspaceRow } from "../../../src/protocol/snapshot.ts";
import { say } from "../../../src/text/message.ts";
import { PanelSession } from "../../../src/vscode/features/panel/session.ts";
import { WatchedRun } from "../../../src/vscode/model/runs/watched-run.ts";
import { waitFor } from "../../support/wait-for.ts";
import { fixtureRow, fixtureSample, fixtureSnapshot } from "../../webview/fixtures.ts";

const step = "create-workspaces";

function setUp() {
  const rows = Array.from({ length: 100 }, (_, index) => fixtureRow(index, 60_000, 100));
  const stops: boolean[] = [];
  let onSample: (sample: Sample) => void = () => undefined;
  let onClose: () => void = () => undefined;
  const run = new WatchedRun(
    {
      version: 1,
      id: "k3x9q2ab",
      title: "t",
      workload: "w",
      steps: [],
      deployment: { url: "https://c", host: "c", version: "", user: "", sandbox: false },
      createdAt: 0,
      host: "h",
      product: "0",
      runner: { token: "secret" },
    },
    "/runs/x",
    { final: async () => undefined, series: async () => undefined },
    {
      runId: "k3x9q2ab",
      folder: "/runs/x",
      compatible: true,
      latest: () => fixtureSnapshot(100, 60_000),
      onSnapshot: () => () => undefined,
      onSample: (listener) => {
        onSample = listener;
        return () => undefined;
      },
      onSilence: () => () => undefined,
      onClose: (listener) => {
        onClose = listener;
        return () => undefined;
      },
      pause: async () => undefined,
      renew: async () => say("signed in again"),
      stop: async (keep) => void stops.push(keep),
      workspaces: async ({ offset, limit }) => ({
        rows: rows.slice(offset, offset + limit),
        total: rows.length,
      }),
      series: async () => [fixtureSample(100, 1_000)],
      buildLog: async (asked, index) => {
        if (index > 50) throw new Error("the workspace and its builds are gone");
        return {
          head: say("{0}, build {1}: {2}", "w", "1", "succeeded"),
          text: `the log of ${index} of ${asked}`,
        };
      },
      dispose: () => undefined,
    },
  );
  const posted: ToPanel[] = [];
  const logs: WorkspaceRow[] = [];
  const buildLogs: string[] = [];
  const signIns: string[] = [];
  const session = new PanelSession(run, {
    post: (message) => posted.push(message),
    openLog: (row) => logs.push(row),
    openBuildLog: (row, text) => buildLogs.push(`${row.name}: ${text}`),
    copy: () => undefined,
    signIn: () => signIns.push(run.id),
  });
  return {
    run,
    session,
    posted,
    logs,
    buildLogs,
    signIns,
    stops,
    sample: (sample: Sample) => onSample(sample),
    close: () => onClose(),
  };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

it("says nothing before the panel is ready, then everything", async () => {
  const { session, posted, sample } = setUp();
  sample(fixtureSample(100, 2_000));
  expect(posted).toEqual([]);
  session.receive({ type: "ready" });
  await settled();
  await waitFor(() => expect(posted.at(-1)?.type).toBe("asked"));
  expect(posted.map(({ type }) => type)).toEqual(["connection", "snapshot", "series", "asked"]);
});

it("answers pages by their number, and finds a log by the workspace's index", async () => {
  const { session, posted, logs } = setUp();
  session.receive({ type: "ready" });
  session.receive({ type: "page", request: 7, query: { offset: 10, limit: 5 } });
  session.receive({ type: "openLog", step, index: 41 });
  await settled();
  const page = posted.find((message) => message.type === "page");
  expect(page?.request).toBe(7);
  expect(page?.page.rows.map(({ index }) => index)).toEqual([10, 11, 12, 13, 14]);
  expect(logs.map(({ index }) => index)).toEqual([41]);
});

it("fetches a build log on demand, and says why there is none", async () => {
  const { session, posted, buildLogs, close } = setUp();
  session.receive({ type: "ready" });
  session.receive({ type: "openBuildLog", step, index: 3 });
  session.receive({ type: "openBuildLog", step, index: 60 });
  await settled();
  expect(buildLogs).toEqual([
    "scaletest-k3x9q2ab-3: w, build 1: succeeded\nthe log of 3 of create-workspaces\n",
  ]);
  close();
  session.receive({ type: "openBuildLog", step, index: 3 });
  await settled();
  const notices = posted.flatMap((message) => (message.type === "notice" ? [message.text] : []));
  expect(notices.sort()).toEqual([
    "No build log: the run has ended, and its sign-in with it; the deployment has the log",
    "No build log: the workspace and its builds are gone",
  ]);
});

it("tells the panel what went wrong, in words", async () => {
  const { session, posted, close } = setUp();
  session.receive({ type: "ready" });
  close();
  session.receive({ type: "stop", keep: false });
  session.receive({ type: "openLog", step, index: 3 });
  await settled();
  const notices = posted.flatMap((message) => (message.type === "notice" ? [message.text] : []));
  expect(notices).toEqual([expect.stringMatching(/ended already/), "This workspace has no log"]);
  expect(posted.filter(({ type }) => type === "connection").at(-1)).toMatchObject({ state: "lost" });
});

it("drops messages that are none", async () => {
  const { session, posted, stops } = setUp();
  for (const message of [
    null,
    "stop",
    { type: "stop" },
    { type: "stop", keep: "yes" },
    { type: "runCommand", id: "x" },
  ]) {
    session.receive(message);
  }
  await settled();
  expect(posted).toEqual([]);
  expect(stops).toEqual([]);
});

it("asks for a sign-in where the panel does", async () => {
  const { session, signIns } = setUp();
  session.receive({ type: "signIn" });
  await settled();
  expect(signIns).toEqual(["k3x9q2ab"]);
});

it("shows a part of the time at once where it is seen, else when it is drawn again, and once", async () => {
  const { session, posted } = setUp();
  const at = { step, from: 9, until: 12 };
  const looks = () => posted.filter(({ type }) => type === "look");
  session.look(at, true);
  expect(looks()).toEqual([]);
  session.receive({ type: "ready" });
  await waitFor(() => expect(looks()).toEqual([{ type: "look", at }]));
  session.receive({ type: "ready" });
  session.look({ ...at, from: 10 }, false);
  expect(looks()).toHaveLength(2);
  session.look(at, true);
  expect(looks()).toHaveLength(2);
});

import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { commands, type Diagnostic, env, languages, tasks, UIKind, Uri, window, workspace } from "vscode";
import type { ScaleTestApi } from "../../src/vscode/features/api/types.ts";
import { activated, panelTabs, reportTabs, run, runBecomes, silenceMessages, until } from "./support.ts";

/** A run's own file. */
async function runFile(
  id: string,
): Promise<{ steps: { config: Record<string, unknown> }[]; runner: { pid: number } }> {
  const runs = path.join(process.env.CODER_SCALETEST_HOME ?? "", "runs");
  const folder = (await readdir(runs)).find((name) => name.endsWith(id));
  return JSON.parse(await readFile(path.join(runs, folder ?? "", "run.json"), "utf8"));
}

/** Process of a run's runner. */
async function runnerPid(id: string): Promise<number> {
  return (await runFile(id)).runner.pid;
}

/** Runs a task of the workspace's tasks.json, which scripts/test-extension.mjs wrote; resolves with its exit status. */
async function runTask(name: string): Promise<number | undefined> {
  const found = (await tasks.fetchTasks({ type: "coder-scaletest" })).find((task) => task.name === name);
  assert.ok(found, `there is a task "${name}"`);
  const exit = new Promise<number | undefined>((resolve) => {
    const listener = tasks.onDidEndTaskProcess(({ execution, exitCode }) => {
      if (execution.task.name !== name) return;
      listener.dispose();
      resolve(exitCode);
    });
  });
  await tasks.executeTask(found);
  return exit;
}

/** What the editor lists as problems of a run's record. */
function problemsOf(runId: string): [Uri, Diagnostic[]][] {
  return languages
    .getDiagnostics()
    .filter(([uri, found]) => found.length > 0 && uri.path.includes(`-${runId}/failures.md`));
}

function openTabs(): string[] {
  return window.tabGroups.all.flatMap(({ tabs }) => tabs.map(({ label }) => label));
}

describe("a scale test in the sandbox", () => {
  let api: ScaleTestApi;
  let messages: string[];

  before(async () => {
    messages = silenceMessages();
    api = await activated();
    await run("scaletest.startSandbox");
  });
  after(() => run("scaletest.stopSandbox"));

  it("creates, uses and deletes workspaces, asked for by the command", async () => {
    const request = {
      template: "kubernetes",
      count: 3,
      concurrency: 0,
      runCommand: "echo hello",
      start: true,
    };
    const id = (await run("scaletest.createWorkspaces", request)) as string;
    assert.match(id, /^[a-z0-9]{8}$/);
    const done = await runBecomes(api, id, ({ condition }) => condition === "ended");
    const outcome = done.snapshot?.outcome;
    assert.equal(outcome?.verdict, "passed", JSON.stringify(outcome?.summary));
    assert.equal(outcome?.succeeded, 3);
    assert.equal(outcome?.orphans, 0);
  });

  it("shows the run's panel, one for a run", async () => {
    const [newest] = api.list();
    assert.ok(newest);
    await run("scaletest.showPanel", newest.id);
    await run("scaletest.showPanel", { runId: newest.id });
    await until(window.tabGroups.onDidChangeTabs, () => panelTabs().length === 1 || undefined);
    // Which of several it is, its time says.
    assert.ok(panelTabs()[0]?.label.startsWith(`${newest.title} · `), panelTabs()[0]?.label);
  });

  it("stops, and leaves nothing behind", async () => {
    const request = {
      template: "kubernetes",
      count: 20,
      concurrency: 5,
      runCommand: "sleep 60",
      start: true,
    };
    const id = await api.start(request);
    assert.ok(id);
    await runBecomes(api, id, ({ snapshot }) => (snapshot?.counts.active ?? 0) > 0);
    await run("scaletest.pause", id);
    await runBecomes(api, id, ({ snapshot }) => snapshot?.paused === true);
    await run("scaletest.resume", id);
    await runBecomes(api, id, ({ snapshot }) => snapshot?.paused !== true);
    await run("scaletest.stop", id);
    const done = await runBecomes(api, id, ({ condition }) => condition === "ended");
    assert.equal(done.snapshot?.outcome?.verdict, "interrupted");
    assert.equal(done.snapshot?.outcome?.orphans, 0);
  });

  it("hands a new sign-in to the run whose session has expired, and the run goes on", async () => {
    const request = {
      template: "kubernetes",
      count: 4,
      concurrency: 1,
      runCommand: "echo hello",
      start: true,
    };
    const id = await api.start(request);
    assert.ok(id);
    const begun = await runBecomes(api, id, ({ snapshot }) => (snapshot?.counts.succeeded ?? 0) > 0);
    const url = begun.snapshot?.run.deployment.url ?? "";
    const post = (path: string, body: object) =>
      fetch(`${url}${path}`, { method: "POST", body: JSON.stringify(body) });
    await post("/sandbox/faults", { expireSessions: "admin" });
    await runBecomes(api, id, ({ snapshot }) => snapshot?.sessionExpired !== undefined);
    const login = { email: "admin@example.com", password: "SandboxPass!1234" };
    const answer = (await (await post("/api/v2/users/login", login)).json()) as { session_token: string };
    await run("scaletest.signIn", { url, token: answer.session_token });
    const done = await runBecomes(api, id, ({ condition }) => condition === "ended");
    const outcome = done.snapshot?.outcome;
    assert.equal(outcome?.verdict, "passed", JSON.stringify(outcome?.summary));
    assert.deepEqual([outcome?.succeeded, outcome?.failed, outcome?.orphans], [4, 0, 0]);
    const told = messages.filter((text) => text.includes("expired") || text.includes("continues"));
    assert.match(
      told.join("\n"),
      /^The session on .* has expired\..*waits for a sign-in until .*\n.* continues\.$/,
    );
  });

  it("tells of a run whose runner was killed, and cleans up after it by its journal", async () => {
    const request = { template: "kubernetes", count: 5, concurrency: 0, runCommand: "sleep 60", start: true };
    const id = await api.start({ ...request, config: { runTimeoutMs: 90_000 } });
    assert.ok(id);
    await runBecomes(api, id, ({ snapshot }) => snapshot?.counts.active === 5);
    process.kill(await runnerPid(id), "SIGKILL");
    await runBecomes(api, id, ({ condition }) => condition === "lost");
    const cleaned = (await run("scaletest.cleanUp", { runId: id })) as string;
    const done = await runBecomes(api, cleaned, ({ condition }) => condition === "ended");
    assert.equal(done.snapshot?.outcome?.verdict, "passed", JSON.stringify(done.snapshot?.outcome?.summary));
    assert.equal(done.snapshot?.outcome?.orphans, 0);
    assert.equal(
      api.list().some((one) => one.id === id),
      false,
      "what is cleaned up is off the list",
    );
    await run("scaletest.cleanUp", {});
    assert.match(messages.at(-1) ?? "", /^Nothing to clean up/);
  });

  it("says in one line what is wrong with a request", async () => {
    const before = api.list().length;
    await run("scaletest.createWorkspaces", { template: "nonesuch", count: 1, start: true });
    assert.match(messages.at(-1) ?? "", /^There is no template "nonesuch"; the deployment has .*kubernetes/);
    assert.equal(api.list().length, before);
  });

  it("runs as a task, whose exit status is the run's", async () => {
    assert.equal(await runTask("two"), 0);
    assert.equal(api.list()[0]?.snapshot?.outcome?.succeeded, 2);
  });

  it("runs a task whose definition has variables, which come as texts", async () => {
    const answers = { template: "kubernetes", count: "3", milliseconds: "20000", truth: "true" };
    const registered = Object.entries(answers).map(([id, answer]) =>
      commands.registerCommand(`scaletest-tests.${id}`, () => answer),
    );
    assert.equal(await runTask("variables"), 0);
    for (const one of registered) one.dispose();
    const [done] = api.list();
    assert.ok(done);
    assert.equal(done.snapshot?.outcome?.succeeded, 3);
    const { steps } = await runFile(done.id);
    const { config = {} } = steps[0] ?? {};
    assert.deepEqual(
      [config.count, config.runTimeoutMs, config.runLogOutput, config.parameters, config.runCommand],
      [3, 20_000, true, { home_disk_size: "3" }, "echo in workspace"],
    );
  });

  it("lists what failed in a task among the problems, by cause", async () => {
    assert.equal(await runTask("failing"), 1);
    const [failed] = api.list();
    assert.ok(failed);
    const problems = await until(languages.onDidChangeDiagnostics, () => problemsOf(failed.id)[0]?.[1]);
    assert.equal(problems.length, 1, "one cause, not one workspace each");
    assert.match(problems[0]?.message ?? "", /^build failed.*2 workspaces, for example scaletest-/);
  });

  it("refuses a task that cannot be used, and says why in its terminal", async () => {
    const before = api.list().length;
    assert.equal(await runTask("wrong"), 3);
    // Of the command line's options: the editor hands over what the manifest declares, and nothing else.
    assert.equal(await runTask("wrong option"), 3);
    assert.equal(api.list().length, before);
  });

  it("keeps workspaces, and sends traffic to them by task and by API", async () => {
    assert.equal(await runTask("kept"), 0);
    const [kept] = api.list();
    assert.ok(kept);
    assert.equal(kept.snapshot?.outcome?.kept, 4);
    assert.equal(await runTask("traffic"), 0);
    const byTask = api.list()[0]?.snapshot;
    assert.equal(byTask?.figures["connections.opened"]?.value, 2);
    assert.ok((byTask?.figures["round_trip.p95"]?.value ?? 0) > 0, "echoes came back");
    assert.deepEqual(
      byTask?.thresholds?.map(({ state }) => state),
      ["met"],
    );
    const request = {
      runId: kept.id,
      transport: "ssh",
      rate: "1KB/s",
      durationMs: 2_000,
      start: true,
    } as const;
    const id = await api.startTraffic(request);
    assert.ok(id);
    const done = await runBecomes(api, id, ({ condition }) => condition === "ended");
    assert.equal(done.snapshot?.outcome?.verdict, "passed", JSON.stringify(done.snapshot?.outcome?.summary));
    assert.match(done.title, /^traffic 2 × 10 messages\/s × 100 B by SSH$/);
  });

  it("ends a task with 99 where a threshold is broken, lists that as the problem, and cleans up what was kept", async () => {
    assert.equal(await runTask("too slow"), 99);
    const [slow] = api.list();
    assert.ok(slow);
    const problems = await until(languages.onDidChangeDiagnostics, () => problemsOf(slow.id)[0]?.[1]);
    assert.match(problems.map(({ message }) => message).join("\n"), /^Round trip p50 is .*, not < 0\.1ms$/);
    const kept = api.list().find(({ snapshot }) => (snapshot?.outcome?.kept ?? 0) > 0);
    assert.ok(kept);
    await run("scaletest.deleteRun", kept.id);
    assert.match(messages.at(-1) ?? "", /is kept: it names 2 users and 2 workspaces on 127.* Clean up first/);
    const cleaned = (await run("scaletest.cleanUp", { runId: kept.id })) as string;
    const done = await runBecomes(api, cleaned, ({ condition }) => condition === "ended");
    assert.equal(done.snapshot?.outcome?.succeeded, 2, JSON.stringify(done.snapshot?.outcome?.summary));
    const asked = messages.length;
    await run("scaletest.deleteRun", kept.id);
    assert.match(messages.slice(asked).join(), /^Delete the record of /);
  });

  it("shows a runner that hangs, makes up no progress, and ends it when told to", async () => {
    const request = { template: "kubernetes", count: 2, concurrency: 0, runCommand: "sleep 60", start: true };
    const id = await api.start({ ...request, config: { runTimeoutMs: 90_000 } });
    assert.ok(id);
    await runBecomes(api, id, ({ snapshot }) => snapshot?.counts.active === 2);
    const pid = await runnerPid(id);
    process.kill(pid, "SIGSTOP");
    const hung = await runBecomes(api, id, ({ silentSince }) => silentSince !== undefined);
    assert.equal(hung.condition, "attached");
    process.kill(pid, "SIGCONT");
    await runBecomes(api, id, ({ silentSince }) => silentSince === undefined);
    process.kill(pid, "SIGSTOP");
    await runBecomes(api, id, ({ silentSince }) => silentSince !== undefined);
    await run("scaletest.endRunner", id);
    await runBecomes(api, id, ({ condition }) => condition === "lost");
    const cleaned = (await run("scaletest.cleanUp", { runId: id })) as string;
    const done = await runBecomes(api, cleaned, ({ condition }) => condition === "ended");
    assert.equal(done.snapshot?.outcome?.verdict, "passed", JSON.stringify(done.snapshot?.outcome?.summary));
  });

  it("compares runs that have ended", async () => {
    const ids = api
      .list()
      .filter(({ condition }) => condition === "ended")
      .map(({ id }) => id)
      .slice(0, 3);
    assert.equal(ids.length, 3);
    await run("scaletest.compare", ids[0], ids);
    const tab = await until(window.tabGroups.onDidChangeTabs, () =>
      openTabs().find((label) => label.startsWith("Compare ")),
    );
    assert.match(tab, /^Compare \w{8} and 2 more$/);
    const open = openTabs().length;
    await run("scaletest.compare", ids[0], [...ids].reverse());
    assert.equal(openTabs().length, open, "the same runs are compared in the same tab");
  });

  it("holds runs to the thresholds of the settings, and refuses one that no run can be held to", async () => {
    const configuration = workspace.getConfiguration("scaletest");
    const request = { template: "kubernetes", count: 1, concurrency: 0, runCommand: "", start: true };
    await configuration.update("thresholds", ["round_trip.p95<1s", "ready.p95<1ms"], true);
    const id = await api.start(request);
    assert.ok(id);
    const done = await runBecomes(api, id, ({ condition }) => condition === "ended");
    assert.deepEqual(
      done.snapshot?.thresholds?.map(({ expression, state }) => `${expression} ${state}`),
      ["ready.p95<1ms broken"],
    );
    assert.equal(done.snapshot?.outcome?.exitCode, 99);
    await configuration.update("thresholds", ["nonesuch.p95<1s"], true);
    await run("scaletest.createWorkspaces", request);
    assert.match(messages.at(-1) ?? "", /^scaletest\.thresholds: .*, not "nonesuch"/);
    await configuration.update("thresholds", undefined, true);
  });

  it("opens a run's report in a tab, which can be saved, and opened where a browser can open the file", async () => {
    const ended = api.list().find(({ condition }) => condition === "ended");
    assert.ok(ended);
    const opened: string[] = [];
    Object.assign(env, { openExternal: async (uri: Uri) => opened.push(uri.fsPath) > 0 });
    await run("scaletest.openReport", ended.id);
    const isReport = (html: string) => html.includes(ended.title) && html.length > 100_000;
    await until(window.tabGroups.onDidChangeTabs, () =>
      reportTabs().some(({ isActive }) => isActive) ? true : undefined,
    );
    assert.equal(reportTabs()[0]?.label, `Report: ${ended.title}`);
    assert.deepEqual(opened, []);
    const target = Uri.file(path.join(process.env.CODER_SCALETEST_HOME ?? "", "saved.html"));
    Object.assign(window, { showSaveDialog: async () => target });
    await run("scaletest.saveReport");
    const saved = await readFile(target.fsPath, "utf8");
    assert.ok(isReport(saved));
    assert.ok(!saved.includes("nonce="), "the file holds by itself");
    if (env.uiKind !== UIKind.Desktop || env.remoteName !== undefined) return;
    await run("scaletest.openReportInBrowser");
    assert.match(opened[0] ?? "", new RegExp(`${ended.id}/report\\.html$`));
    assert.ok(isReport(await readFile(opened[0] ?? "", "utf8")));
  });

  it("says what to do first where there is nothing to send traffic to", async () => {
    assert.equal(await run("scaletest.workspaceTraffic", {}), undefined);
    assert.match(messages.at(-1) ?? "", /^No workspace of a scale test is on 127.*Create some first/);
  });

  it("finds nothing to clean up where everything is gone", async () => {
    await run("scaletest.cleanUp", {});
    assert.match(messages.at(-1) ?? "", /^Nothing to clean up on 127/);
  });

  it("takes an ended run off the list, and not one that is under way", async () => {
    const ended = api.list().find(({ condition }) => condition === "ended");
    assert.ok(ended);
    await run("scaletest.forget", ended.id);
    assert.equal(
      api.list().some(({ id }) => id === ended.id),
      false,
    );
  });

  it("refuses a token that the deployment does not know", async () => {
    const [known] = api.list();
    const url = known?.snapshot?.run.deployment.url ?? "";
    await run("scaletest.signIn", { url, token: "aaaaaaaaaa-aaaaaaaaaaaaaaaaaaaaaa" });
    assert.match(messages.at(-1) ?? "", /^127\.0\.0\.1:\d+: /);
  });
});

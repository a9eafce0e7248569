import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { type CodeLens, commands, Range, Uri, WorkspaceEdit, window, workspace } from "vscode";
import type { ScaleTestApi } from "../../src/vscode/features/api/types.ts";
import { activated, panelTabs, run, runBecomes, silenceMessages, until } from "./support.ts";

const FILE = `name: Two workspaces
steps:
  - create: { template: kubernetes, count: 2, concurrency: 0 }
  - hold: 10ms
  - command: { runCommand: echo hello, concurrency: 0 }
thresholds:
  - failures.rate < 1%
  - ready.p95 < 1ms
`;

function folder(): string {
  return workspace.workspaceFolders?.[0]?.uri.fsPath ?? "";
}

async function lenses(uri: Uri): Promise<CodeLens[]> {
  return commands.executeCommand<CodeLens[]>("vscode.executeCodeLensProvider", uri, 20);
}

/** Each as "line: title", from 1. */
async function lensTexts(uri: Uri): Promise<string[]> {
  return (await lenses(uri)).map(
    ({ range, command }) =>
      `${range.start.line + 1}: ${command?.title}${command?.command ? "" : " (no command)"}`,
  );
}

describe("a scenario that is run from the editor", () => {
  let api: ScaleTestApi;
  let messages: string[];
  let uri: Uri;

  before(async () => {
    messages = silenceMessages();
    api = await activated();
    await run("scaletest.startSandbox");
    uri = Uri.file(path.join(folder(), "two.scaletest.yaml"));
    await writeFile(uri.fsPath, FILE);
    await window.showTextDocument(uri);
  });
  after(async () => {
    await commands.executeCommand("workbench.action.closeAllEditors");
    await run("scaletest.stopSandbox");
  });

  /** The newest run, when it has ended. */
  async function ended(known: ReadonlySet<string>) {
    const started = await until(api.onDidUpdate, () => api.list().find(({ id }) => !known.has(id)));
    return runBecomes(api, started.id, ({ condition }) => condition === "ended");
  }
  const ids = () => new Set(api.list().map(({ id }) => id));

  it("has commands above its name and its steps, which say what they need", async () => {
    const play = "$(play) Run only this step";
    const found = (await lensTexts(uri)).filter((text) => !text.includes("esult"));
    for (const expected of [
      "1: $(play) Run",
      "1: Preflight",
      `3: ${play}`,
      '4: Not alone: step "hold" does nothing by itself: it only fills time between others (no command)',
      `5: ${play} (after create)`,
    ])
      assert.ok(found.includes(expected), `${expected} among ${found.join("\n")}`);
  });

  it("runs from its CodeLens, and breaks the threshold that nobody can keep", async () => {
    const lens = (await lenses(uri)).find(({ command }) => command?.command === "scaletest.runScenario");
    const id = await commands.executeCommand<string>(
      "scaletest.runScenario",
      ...((lens?.command?.arguments ?? []) as unknown[]),
    );
    const done = await runBecomes(api, id, ({ condition }) => condition === "ended");
    assert.equal(done.title, "Two workspaces");
    const { outcome, thresholds } = done.snapshot ?? {};
    assert.equal(outcome?.exitCode, 99, JSON.stringify(outcome?.summary));
    assert.deepEqual(
      thresholds?.map(({ expression, state }) => `${expression} ${state}`),
      ["failures.rate<1% met", "ready.p95<1ms broken"],
    );
    assert.ok((await lensTexts(uri)).includes("1: $(error) Last result: failed"));
    assert.equal(
      panelTabs().some(({ label }) => label.startsWith("Two workspaces · ")),
      true,
    );
  });

  it("runs as a test once it is mended, unsaved as it is, and says its last result", async () => {
    const known = ids();
    const edit = new WorkspaceEdit();
    edit.replace(uri, new Range(7, 4, 7, 19), "ready.p95 < 2m");
    await workspace.applyEdit(edit);
    await window.showTextDocument(uri);
    await commands.executeCommand("testing.refreshTests");
    await commands.executeCommand("testing.runCurrentFile");
    const done = await ended(known);
    assert.equal(done.snapshot?.outcome?.verdict, "passed", JSON.stringify(done.snapshot?.outcome?.summary));
    assert.match(await readFile(uri.fsPath, "utf8"), /ready\.p95 < 2m/);
    const above = (await lensTexts(uri)).filter((text) => text.includes("result"));
    assert.deepEqual(above, ["1: $(pass) Last result: passed", "1: 2 results"]);
    await run("scaletest.lastScenarioResult", uri);
  });

  it("does not run a file with errors, nor one that is meant for a deployment without a sign-in", async () => {
    const known = ids();
    const wrong = Uri.file(path.join(folder(), "wrong.scaletest.yaml"));
    await writeFile(wrong.fsPath, "steps:\n  - craete: { count: 2 }\n");
    await run("scaletest.runScenario", wrong);
    assert.match(
      messages.at(-1) ?? "",
      /^wrong\.scaletest\.yaml cannot be run, it has 1 error: line 2: "craete"/,
    );
    const other = Uri.file(path.join(folder(), "other.scaletest.yaml"));
    await writeFile(
      other.fsPath,
      `deployment: https://coder.example.com\n${FILE.slice(FILE.indexOf("steps"))}`,
    );
    await run("scaletest.runScenario", other);
    assert.equal(
      messages.at(-1),
      "The scenario is meant for https://coder.example.com, where nobody is signed in",
    );
    assert.deepEqual(ids(), known);
  });

  it("asks once before it runs programs, all or one alone, and again when one of them changes", async () => {
    const drill = Uri.file(path.join(folder(), "drill.scaletest.yaml"));
    const of = (word: string) =>
      `name: Drill\nsteps:\n  - run: { args: [echo, ${word}] }\n  - run: { args: [echo, last] }\n    name: last\n`;
    const question = "Let drill.scaletest.yaml run programs on this machine?";
    await writeFile(drill.fsPath, of("one"));
    const known = ids();
    await run("scaletest.runScenario", drill);
    assert.equal(messages.at(-1), question);
    assert.deepEqual(ids(), known, "the person has not allowed it");
    const shown = silenceMessages(["Allow and Run"]);
    await run("scaletest.runScenario", drill);
    const all = await ended(known);
    assert.equal(all.snapshot?.outcome?.verdict, "passed", JSON.stringify(all.snapshot?.outcome?.summary));
    const id = (await run("scaletest.runScenarioStep", drill, "last")) as string;
    const one = await runBecomes(api, id, ({ condition }) => condition === "ended");
    assert.equal(one.title, "Drill: only last");
    assert.deepEqual(
      one.snapshot?.steps.map(({ name }) => name),
      ["last"],
    );
    assert.deepEqual(shown, [question], "what was allowed is not asked for again");
    const declined = silenceMessages([]);
    await writeFile(drill.fsPath, of("two"));
    await run("scaletest.runScenario", drill);
    assert.deepEqual(declined, [question]);
  });

  it("is made of a run, by its menu: the file of a scenario as it was, that of a command from its request", async () => {
    const target = Uri.file(path.join(folder(), "saved.scaletest.yaml"));
    Object.assign(window, { showSaveDialog: async () => target });
    const ofScenario = api.list().find(({ title }) => title === "Two workspaces");
    await run("scaletest.saveAsScenario", ofScenario?.id);
    assert.equal(await readFile(target.fsPath, "utf8"), FILE.replace("1ms", "2m"));
    const request = { template: "kubernetes", count: 2, concurrency: 0, runCommand: "", start: true };
    const id = (await run("scaletest.createWorkspaces", request)) as string;
    await runBecomes(api, id, ({ snapshot }) => snapshot?.state === "running");
    await run("scaletest.saveAsScenario", id);
    await run("scaletest.stop", id);
    const text = await readFile(target.fsPath, "utf8");
    assert.match(
      text,
      /^name: create 2 × [Kk]ubernetes\nsteps:\n {2}- create: \{ count: 2, template: [\w-]+, concurrency: 0 \}\n$/,
    );
    assert.equal(window.activeTextEditor?.document.uri.fsPath, target.fsPath);
    await runBecomes(api, id, ({ condition }) => condition === "ended");
  });

  it("begins from a preset, in the folder that is open", async () => {
    await run("scaletest.newScenario", "nine-oclock");
    const opened = window.activeTextEditor?.document;
    assert.equal(opened?.uri.fsPath, path.join(folder(), "nine-oclock.scaletest.yaml"));
    assert.match(opened?.getText() ?? "", /\nname: Nine o'clock\n/);
    await run("scaletest.newScenario", "nine-oclock");
    assert.ok(existsSync(path.join(folder(), "nine-oclock-2.scaletest.yaml")));
  });
});

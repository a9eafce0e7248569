import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import {
  type CompletionList,
  commands,
  type Diagnostic,
  extensions,
  type Hover,
  languages,
  type MarkdownString,
  Position,
  Range,
  type TextDocument,
  Uri,
  WorkspaceEdit,
  window,
  workspace,
} from "vscode";
import { TEN, TEN_MISTAKES } from "../support/ten-mistakes.ts";
import { activated, EXTENSION, run, until, webviewTabs } from "./support.ts";

interface Told {
  files: {
    problems: { severity: string; message: string; range: { start: { line: number; column: number } } }[];
  }[];
}

function folder(): Uri {
  const [first] = workspace.workspaceFolders ?? [];
  assert.ok(first);
  return first.uri;
}

async function written(name: string, text: string): Promise<TextDocument> {
  const uri = Uri.joinPath(folder(), name);
  await workspace.fs.writeFile(uri, Buffer.from(text));
  const document = await workspace.openTextDocument(uri);
  await window.showTextDocument(document);
  return document;
}

async function replaced(document: TextDocument, text: string): Promise<void> {
  const edit = new WorkspaceEdit();
  edit.replace(
    document.uri,
    new Range(new Position(0, 0), document.lineAt(document.lineCount - 1).range.end),
    text,
  );
  await workspace.applyEdit(edit);
}

/** Ours, in words. */
function told({ uri }: TextDocument): string[] {
  return languages
    .getDiagnostics(uri)
    .filter(({ source }) => source === "Scale Test")
    .map(lineOf);
}

function lineOf({ range: { start }, severity, message }: Diagnostic): string {
  return `${start.line + 1}:${start.character + 1} ${severity === 0 ? "error" : "warning"}: ${message}`;
}

function becomes(document: TextDocument, condition: (lines: string[]) => boolean): Promise<string[]> {
  return until(languages.onDidChangeDiagnostics, () => {
    const lines = told(document);
    return condition(lines) ? lines : undefined;
  });
}

async function validated(document: TextDocument): Promise<string[]> {
  const cli = path.join(extensions.getExtension(EXTENSION)?.extensionPath ?? "", "dist", "cli.js");
  const env = { ...process.env, ELECTRON_RUN_AS_NODE: "1" };
  const asked = promisify(execFile)(
    process.execPath,
    [cli, "validate", document.fileName, "--format", "json"],
    { env },
  );
  const { stdout } = await asked.catch((error: { stdout: string }) => error);
  return (JSON.parse(stdout) as Told).files.flatMap(({ problems }) =>
    problems.map(
      ({ severity, message, range: { start } }) =>
        `${start.line + 1}:${start.column + 1} ${severity}: ${message}`,
    ),
  );
}

async function offered(document: TextDocument, position: Position): Promise<string[]> {
  const id = "vscode.executeCompletionItemProvider";
  const list = await commands.executeCommand<CompletionList>(id, document.uri, position);
  return list.items.map(({ label }) => (typeof label === "string" ? label : label.label));
}

describe("a scenario in the editor", () => {
  before(activated);

  it("has the mistakes that validate tells, at the same lines and columns", async () => {
    const document = await written("ten.scaletest.yaml", TEN);
    const [lines, others] = await Promise.all([
      becomes(document, ({ length }) => length > 0),
      validated(document),
    ]);
    assert.deepEqual(lines, others);
    assert.deepEqual(
      lines.filter((line) => line.includes(" error: ")),
      [...TEN_MISTAKES],
    );
  });

  it("is checked as somebody types, and what is shown is of the newest text", async () => {
    const document = await written("typed.scaletest.yaml", "steps:\n  - hold: 5\n");
    assert.deepEqual(await becomes(document, ({ length }) => length > 0), [
      "2:11 error: hold has no unit; write 5s or 5ms",
    ]);
    for (const text of [
      "steps:\n  - hold: 5x\n",
      "steps:\n  - hold: 5m\n",
      "stepps:\n  - hold: 5m\nsteps:\n  - hold: 1m\n",
    ])
      await replaced(document, text);
    assert.deepEqual(await becomes(document, ([line]) => line?.startsWith("1:1") ?? false), [
      '1:1 error: a scenario has no "stepps"; did you mean steps?',
    ]);
    await replaced(document, "steps:\n  - hold: 5m\n");
    await becomes(document, ({ length }) => length === 0);
  });

  it("is held against the deployment that somebody is signed in to", async () => {
    const text = "steps:\n  - create: { count: 2, template: kubernets }\n";
    const document = await written("deployed.scaletest.yaml", text);
    await run("scaletest.startSandbox");
    try {
      const [line] = await becomes(document, ({ length }) => length > 0);
      assert.match(line ?? "", /^2:35 warning: .* has no template "kubernets"; did you mean kubernetes\?$/);
    } finally {
      await run("scaletest.stopSandbox");
    }
    await becomes(document, ({ length }) => length === 0);
  });

  it("is completed: keys, steps, metrics", async () => {
    const text =
      "steps:\n  - create: { count: 2, template: x }\n    name: made\n  - traffic: {  }\n    after: \nthresholds:\n  - \n";
    const document = await written("complete.scaletest.yaml", text);
    const labels = (line: number, character: number) => offered(document, new Position(line, character));
    const fields = await labels(3, 15);
    for (const name of ["over", "rate", "tickInterval"])
      assert.ok(fields.includes(name), `${name} in ${fields}`);
    assert.ok((await labels(4, 11)).includes("made"));
    const metrics = await labels(6, 4);
    for (const name of ["round_trip", "queue", "default"])
      assert.ok(metrics.includes(name), `${name} in ${metrics}`);
  });

  it("explains itself where somebody points", async () => {
    const document = await written("hover.scaletest.yaml", "steps:\n  - traffic: { tick-interval: 1s }\n");
    const id = "vscode.executeHoverProvider";
    const hovers = await commands.executeCommand<Hover[]>(id, document.uri, new Position(1, 17));
    const texts = hovers.flatMap(({ contents }) => contents.map((one) => (one as MarkdownString).value));
    assert.match(texts.join("\n"), /Time between two ticks of a connection.*default `100ms`/s);
  });

  it("shows its plan beside itself, once", async () => {
    await written("plan.scaletest.yaml", "name: nightly\nsteps:\n  - hold: 5m\n");
    await run("scaletest.showPlan");
    await run("scaletest.showPlan");
    const tabs = await until(window.tabGroups.onDidChangeTabs, () => {
      const found = webviewTabs("scaletest.plan");
      return found.length > 0 ? found : undefined;
    });
    assert.deepEqual(
      tabs.map(({ label }) => label),
      ["Plan of plan.scaletest.yaml"],
    );
  });
});

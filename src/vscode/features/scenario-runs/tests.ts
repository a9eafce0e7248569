import {
  type CancellationToken,
  Disposable,
  Location,
  MarkdownString,
  type TestController,
  type TestItem,
  TestMessage,
  type TestRun,
  TestRunProfileKind,
  TestRunRequest,
  tests,
  type Uri,
  workspace,
} from "vscode";
import { t, wordsOf } from "../../../l10n/text.ts";
import { formatClock } from "../../../protocol/duration.ts";
import type { PanelPlace } from "../../../protocol/panel.ts";
import { type Log, messageOf } from "../../host.ts";
import type { WatchedRun } from "../../model/runs/watched-run.ts";
import { isScenario, SCENARIO_GLOB } from "../../model/scenarios/is-scenario.ts";
import type { ScenarioDocuments } from "../../model/scenarios/read-document.ts";
import { FaultyScenario, findScenarios, readFile, type ScenarioFile } from "./files.ts";
import { followRun } from "./follow.ts";
import { resultsOf, type TestResult } from "./results.ts";
import { itemOf, rangeOf, thresholdId, updateItem } from "./test-items.ts";

export interface ScenarioTestsParts {
  scenarios: ScenarioDocuments;
  log: Log;
  /** Asks what has to be asked, and starts a run of the file; undefined where the person left. */
  start(uri: Uri): Promise<StartedScenario | undefined>;
}

/** A run of a file, and what the file said then. */
export interface StartedScenario {
  file: ScenarioFile;
  run: WatchedRun;
}

/** A change of a file that is being written is looked at when the writing rests. */
const REST_MS = 300;
const SHOW = "scaletest.showPanel";

/** Scenario files as tests, with their thresholds as children. */
export class ScenarioTests implements Disposable {
  readonly #parts: ScenarioTestsParts;
  readonly #controller: TestController;
  readonly #disposables: Disposable[];
  readonly #pending = new Map<string, ReturnType<typeof setTimeout>>();
  /** Where a test that failed last has broken, by the test's id. */
  readonly #places = new Map<string, { runId: string; at: PanelPlace | undefined }>();

  constructor(parts: ScenarioTestsParts) {
    this.#parts = parts;
    this.#controller = tests.createTestController("scaletest.scenarios", t("Scale Tests"));
    this.#controller.resolveHandler = (item) => this.#resolve(item);
    this.#controller.refreshHandler = () => this.#discover();
    this.#controller.createRunProfile(
      t("Run"),
      TestRunProfileKind.Run,
      (request, token) => this.#run(request, token),
      true,
    );
    const watcher = workspace.createFileSystemWatcher(SCENARIO_GLOB);
    this.#disposables = [
      watcher,
      watcher.onDidCreate((uri) => this.#later(uri)),
      watcher.onDidChange((uri) => this.#later(uri)),
      watcher.onDidDelete((uri) => this.#controller.items.delete(uri.toString())),
      workspace.onDidChangeTextDocument(({ document }) => {
        if (isScenario(document) && document.uri.scheme === "file") this.#later(document.uri);
      }),
      workspace.onDidChangeWorkspaceFolders(() => this.#discoverSoon()),
    ];
    this.#discoverSoon();
  }

  /** Where the threshold of a test broke; undefined where it has not. */
  placeOf(testId: string): { runId: string; at: PanelPlace | undefined } | undefined {
    return this.#places.get(testId);
  }

  /** Reports a run that was started elsewhere. */
  report({ file, run }: StartedScenario): void {
    const item = updateItem(this.#controller, file);
    const request = new TestRunRequest([item], undefined, undefined, false, true);
    const testRun = this.#controller.createTestRun(request, run.title);
    void this.#follow(testRun, { file, run }, testRun.token).finally(() => testRun.end());
  }

  dispose(): void {
    for (const timer of this.#pending.values()) clearTimeout(timer);
    Disposable.from(...this.#disposables, this.#controller).dispose();
  }

  #discoverSoon(): void {
    this.#discover().catch((error: unknown) => this.#parts.log.warn(messageOf(error)));
  }

  async #discover(): Promise<void> {
    const found = await findScenarios();
    const ids = new Set(found.map(String));
    for (const [id, { uri }] of this.#controller.items)
      if (!ids.has(id) && uri && !(await isThere(uri))) this.#controller.items.delete(id);
    for (const uri of found) await this.#read(uri);
  }

  async #resolve(item: TestItem | undefined): Promise<void> {
    if (item?.uri) await this.#read(item.uri);
    else if (!item) await this.#discover();
  }

  /** A file that cannot be read is a test all the same: that it cannot is its result. */
  async #read(uri: Uri): Promise<void> {
    try {
      updateItem(this.#controller, await readFile(this.#parts.scenarios, uri));
    } catch (error) {
      itemOf(this.#controller, uri).error = messageOf(error);
    }
  }

  #later(uri: Uri): void {
    if (/(^|\/)node_modules\//.test(uri.path)) return;
    const id = uri.toString();
    clearTimeout(this.#pending.get(id));
    const timer = setTimeout(() => {
      this.#pending.delete(id);
      void this.#read(uri);
    }, REST_MS);
    this.#pending.set(id, timer);
  }

  /** One after the other: what two put on a deployment at the same time, neither has measured. */
  async #run(request: TestRunRequest, token: CancellationToken): Promise<void> {
    const files = filesOf(request, this.#controller);
    // What was typed last may not have been looked at yet.
    for (const { uri } of files) if (uri) await this.#read(uri);
    const testRun = this.#controller.createTestRun(request);
    for (const item of files) for (const one of withChildren(item)) testRun.enqueued(one);
    try {
      for (const item of files) await this.#runFile(testRun, item, token);
    } finally {
      testRun.end();
    }
  }

  async #runFile(testRun: TestRun, item: TestItem, token: CancellationToken): Promise<void> {
    const skip = () => {
      for (const one of withChildren(item)) testRun.skipped(one);
    };
    if (token.isCancellationRequested || !item.uri) return skip();
    for (const one of withChildren(item)) testRun.started(one);
    try {
      const started = await this.#parts.start(item.uri);
      if (started) await this.#follow(testRun, started, token);
      else skip();
    } catch (error) {
      for (const [, child] of item.children) testRun.skipped(child);
      testRun.errored(item, messagesOf(error, item));
      testRun.appendOutput(`${lineOf(messageOf(error))}\r\n`, undefined, item);
    }
  }

  async #follow(testRun: TestRun, { file, run }: StartedScenario, token: CancellationToken): Promise<void> {
    const item = updateItem(this.#controller, file);
    for (const one of withChildren(item)) testRun.started(one);
    const stop = () => void run.stop(false).catch(() => undefined);
    if (token.isCancellationRequested) stop();
    const listener = token.onCancellationRequested(stop);
    const last = await followRun(run, (line) => testRun.appendOutput(`${lineOf(line)}\r\n`, undefined, item));
    listener.dispose();
    const results = resultsOf(last, file.scenario.heldTo);
    const took = last?.elapsedMs;
    for (const [at, result] of results.thresholds.entries()) {
      const child = item.children.get(thresholdId(item.id, file.scenario, at));
      if (child) this.#tell(testRun, child, result, { run, took: undefined });
    }
    this.#tell(testRun, item, results.file, { run, took });
  }

  #tell(
    testRun: TestRun,
    item: TestItem,
    result: TestResult,
    { run, took }: { run: WatchedRun; took: number | undefined },
  ): void {
    this.#places.delete(item.id);
    switch (result.kind) {
      case "passed":
        return testRun.passed(item, took);
      case "skipped":
        return testRun.skipped(item);
      case "errored":
        return testRun.errored(item, messageAt(item, new TestMessage(result.text)), took);
      case "failed_by_children":
        return testRun.failed(item, [], took);
      case "failed":
        this.#places.set(item.id, { runId: run.id, at: result.at });
        return testRun.failed(item, failureOf(item, run, result), took);
    }
  }
}

/** With the way to where it broke. In one sentence: of two outputs, the editor would show the difference by letters. */
function failureOf(
  item: TestItem,
  run: WatchedRun,
  { text, at }: Extract<TestResult, { kind: "failed" }>,
): TestMessage {
  const shown = new MarkdownString();
  shown.isTrusted = { enabledCommands: [SHOW] };
  shown.appendText(text);
  const title = at ? t("Open the panel at {0}", formatClock(at.from * 1_000)) : t("Open the panel");
  const args = encodeURIComponent(JSON.stringify([run.id, ...(at ? [at] : [])]));
  shown.appendMarkdown(`\n\n[${title}](command:${SHOW}?${args})`);
  const message = messageAt(item, new TestMessage(shown));
  message.contextValue = "scaletest.threshold";
  return message;
}

function messageAt(item: TestItem, message: TestMessage): TestMessage {
  if (item.uri && item.range) message.location = new Location(item.uri, item.range);
  return message;
}

/** The problems of a file, each at its place; else the error's sentence. */
function messagesOf(error: unknown, item: TestItem): TestMessage[] {
  if (!(error instanceof FaultyScenario)) return [messageAt(item, new TestMessage(messageOf(error)))];
  return error.problems.map(({ message, range }) => {
    const said = new TestMessage(wordsOf(message));
    said.location = new Location(error.uri, rangeOf(range));
    return said;
  });
}

/** A threshold alone cannot be run: its file is. */
function filesOf({ include, exclude = [] }: TestRunRequest, { items }: TestController): TestItem[] {
  const chosen = include ?? [...items].map(([, item]) => item);
  const files = new Map(chosen.map((item) => [(item.parent ?? item).id, item.parent ?? item]));
  for (const item of exclude) files.delete(item.id);
  return [...files.values()];
}

function withChildren(item: TestItem): TestItem[] {
  return [item, ...[...item.children].map(([, child]) => child)];
}

/** A server's text may hold control characters, which a terminal would obey. */
function lineOf(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, " ");
}

function isThere(uri: Uri): Promise<boolean> {
  return Promise.resolve(workspace.fs.stat(uri)).then(
    () => true,
    () => false,
  );
}

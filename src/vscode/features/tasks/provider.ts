import { setTimeout as delay } from "node:timers/promises";
import {
  CustomExecution,
  type Disposable,
  EventEmitter,
  type Pseudoterminal,
  Task,
  type TaskDefinition,
  TaskScope,
  workspace,
} from "vscode";
import { t } from "../../../l10n/text.ts";
import type { Suggestion } from "../../ask/wizard.ts";
import type { Front } from "../../front/front.ts";
import { messageOf } from "../../host.ts";
import { TASK_TYPE } from "../../ids.ts";
import { originOf } from "../../model/deployments/origin.ts";
import type { RunList } from "../../model/runs/run-list.ts";
import { Transcript } from "../../model/runs/transcript.ts";
import type { WatchedRun } from "../../model/runs/watched-run.ts";
import type { TaskRequest } from "./definition.ts";

export interface TaskParts {
  front: Pick<Front, "tasks">;
  runs: RunList;
  /** Resolves with the run's id; undefined where it was not begun. */
  start(request: TaskRequest): Promise<string | undefined>;
  /** Writes what went wrong in a run, and resolves with lines for the problem matcher; none: nothing did. */
  problems(run: WatchedRun): Promise<string[]>;
  suggestions(): Promise<Suggestion[]>;
}

/** Exit status of a task whose run was not begun; the command line's own for "refused". */
const REFUSED = 3;
const MATCHER = "$scaletest";
/** The editor stops reading for problems 100 ms after a terminal's end, and a busy one takes longer to draw it. */
const PROBLEMS_READ_MS = 1_000;

/** Tasks of type `coder-scaletest`: a scale test with a terminal of its own, beside tree and panel. */
export function provideTasks(parts: TaskParts): Disposable {
  const taskOf = (definition: TaskDefinition, scope: Task["scope"], name: string): Task => {
    const folder = typeof scope === "object" ? scope : workspace.workspaceFolders?.[0];
    // The editor hands over the definition with its variables (`${input:…}`, `${workspaceFolder}`) resolved, as texts.
    const execution = new CustomExecution(
      async (resolved) => new RunTerminal(parts, resolved, folder?.uri.fsPath ?? ""),
    );
    const task = new Task(definition, scope ?? TaskScope.Workspace, name, "Scale Test", execution, MATCHER);
    task.presentationOptions = { clear: true };
    return task;
  };
  return parts.front.tasks(TASK_TYPE, {
    provideTasks: async () =>
      (await parts.suggestions()).map(({ name, definition }) =>
        taskOf(definition, TaskScope.Workspace, name),
      ),
    resolveTask: (task) => {
      const resolved = taskOf(task.definition, task.scope, task.name);
      resolved.presentationOptions = task.presentationOptions;
      if (task.problemMatchers.length > 0) resolved.problemMatchers = task.problemMatchers;
      return resolved;
    },
  });
}

/** Follows one run from start to end. Closing it stops the run. */
class RunTerminal implements Pseudoterminal {
  readonly #write = new EventEmitter<string>();
  readonly #close = new EventEmitter<number>();
  readonly onDidWrite = this.#write.event;
  readonly onDidClose = this.#close.event;
  readonly #parts: TaskParts;
  readonly #definition: TaskDefinition;
  readonly #folder: string;
  #runId: string | undefined;
  #closed = false;

  constructor(parts: TaskParts, definition: TaskDefinition, folder: string) {
    this.#parts = parts;
    this.#definition = definition;
    this.#folder = folder;
  }

  open(): void {
    this.#follow().catch((error: unknown) => this.#end([messageOf(error)], REFUSED));
  }

  close(): void {
    this.#closed = true;
    const run = this.#runId === undefined ? undefined : this.#parts.runs.get(this.#runId);
    if (run?.active) void run.stop(false).catch(() => undefined);
  }

  async #follow(): Promise<void> {
    const { requestOf } = await import("./definition.ts");
    const id = await this.#parts.start(requestOf(this.#definition, originOf, this.#folder));
    const run = id === undefined ? undefined : this.#parts.runs.get(id);
    if (!run) {
      this.#end([t("not started")], REFUSED);
      return;
    }
    this.#runId = run.id;
    // Somebody closed the terminal while the run was being started.
    if (this.#closed) this.close();
    const transcript = new Transcript();
    let over = false;
    const tell = () => {
      if (over) return;
      const { snapshot } = run;
      for (const line of snapshot ? transcript.lines(snapshot) : []) this.#line(line);
      for (const line of transcript.silence(run.silentSince !== undefined)) this.#line(line);
      over = !run.active;
      if (run.condition === "lost") this.#end([t("the run's runner is gone")], 1);
      else if (snapshot?.outcome) void this.#tellProblems(run, snapshot.outcome.exitCode);
    };
    run.changed.on(tell);
    tell();
  }

  async #tellProblems(run: WatchedRun, exitCode: number): Promise<void> {
    const lines = await this.#parts.problems(run).catch((error: unknown) => [messageOf(error)]);
    for (const line of lines) this.#line(line);
    if (lines.length > 0) await delay(PROBLEMS_READ_MS);
    this.#end([], exitCode);
  }

  #end(lines: readonly string[], exitCode: number): void {
    for (const line of lines) this.#line(line);
    this.#close.fire(exitCode);
  }

  /** A server's text may hold control characters, which a terminal would obey. */
  #line(text: string): void {
    this.#write.fire(`${text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, " ")}\r\n`);
  }
}

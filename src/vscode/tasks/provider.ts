import {
  CustomExecution,
  type Disposable,
  EventEmitter,
  type Pseudoterminal,
  Task,
  type TaskDefinition,
  TaskScope,
  tasks,
} from "vscode";
import { originOf } from "../deployments/origin.ts";
import { messageOf } from "../host.ts";
import type { CreateWorkspacesRequest } from "../ids.ts";
import type { RunList } from "../runs/run-list.ts";
import { requestOf, TASK_TYPE } from "./definition.ts";
import { Transcript } from "./transcript.ts";

export interface TaskParts {
  runs: RunList;
  /** Resolves with the run's id; undefined where it was not begun. */
  start(request: CreateWorkspacesRequest): Promise<string | undefined>;
}

/** Exit status of a task whose run was not begun; the command line's own for "refused". */
const REFUSED = 3;

/** Tasks of type `coder-scaletest`: a scale test with a terminal of its own, beside tree and panel. */
export function registerTasks(parts: TaskParts): Disposable {
  return tasks.registerTaskProvider(TASK_TYPE, {
    provideTasks: () => [],
    resolveTask: (task) => {
      const { definition } = task;
      const scope = task.scope ?? TaskScope.Workspace;
      const resolved = new Task(definition, scope, task.name, "Scale Test", executionOf(parts, definition));
      resolved.presentationOptions = task.presentationOptions;
      return resolved;
    },
  });
}

function executionOf(parts: TaskParts, definition: TaskDefinition): CustomExecution {
  return new CustomExecution(async () => new RunTerminal(parts, definition));
}

/** Follows one run from start to end. Closing it stops the run. */
class RunTerminal implements Pseudoterminal {
  readonly #write = new EventEmitter<string>();
  readonly #close = new EventEmitter<number>();
  readonly onDidWrite = this.#write.event;
  readonly onDidClose = this.#close.event;
  readonly #parts: TaskParts;
  readonly #definition: TaskDefinition;
  #runId: string | undefined;

  constructor(parts: TaskParts, definition: TaskDefinition) {
    this.#parts = parts;
    this.#definition = definition;
  }

  open(): void {
    this.#follow().catch((error: unknown) => this.#end(messageOf(error), REFUSED));
  }

  close(): void {
    const run = this.#runId === undefined ? undefined : this.#parts.runs.get(this.#runId);
    if (run?.active) void run.stop(false).catch(() => undefined);
  }

  async #follow(): Promise<void> {
    const id = await this.#parts.start(requestOf(this.#definition, originOf));
    const run = id === undefined ? undefined : this.#parts.runs.get(id);
    if (!run) {
      this.#end("not started", REFUSED);
      return;
    }
    this.#runId = run.id;
    const transcript = new Transcript();
    const tell = () => {
      const { snapshot } = run;
      for (const line of snapshot ? transcript.lines(snapshot) : []) this.#line(line);
      if (run.condition === "lost") this.#end("the run's runner is gone", 1);
      else if (snapshot?.outcome) this.#close.fire(snapshot.outcome.exitCode);
    };
    run.changed.on(tell);
    tell();
  }

  #end(text: string, exitCode: number): void {
    this.#line(text);
    this.#close.fire(exitCode);
  }

  /** A server's text may hold control characters, which a terminal would obey. */
  #line(text: string): void {
    this.#write.fire(`${text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, " ")}\r\n`);
  }
}

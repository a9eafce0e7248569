import path from "node:path";
import type { Limits } from "../../../protocol/guard.ts";
import type { ReadScenario } from "../../../scenario/read.ts";

/** As much of the editor's document as reading takes. */
export interface ReadableDocument {
  readonly uri: { readonly scheme: string; readonly path: string };
  readonly fileName: string;
  /** Goes up with each change. */
  readonly version: number;
  getText(): string;
}

/** Reads documents of the editor into scenarios, as `coder-scaletest validate` reads files. */
export class ScenarioDocuments {
  readonly #limits: () => Limits;
  /** Of each document, what its newest version says, with the ceilings that it was held to. */
  readonly #read = new WeakMap<
    ReadableDocument,
    { version: number; limits: string; scenario: ReadScenario }
  >();

  /** `limits`: the ceilings of this editor, asked for anew each time. */
  constructor(limits: () => Limits) {
    this.#limits = limits;
  }

  /**
   * What the document says at this moment, and all that is wrong with it: the text may have changed since the call. Each
   * version is read once. Rejects with LimitError where a ceiling of the environment is no number.
   */
  async read(document: ReadableDocument): Promise<ReadScenario> {
    // Only where there is such a file: the YAML parser and the workloads are most of what the editor would load.
    const [{ readScenario }, { workloads }] = await Promise.all([
      import("../../../scenario/read.ts"),
      import("../../../workloads/index.ts"),
    ]);
    const { version } = document;
    const ceilings = this.#limits();
    const limits = JSON.stringify(ceilings);
    const known = this.#read.get(document);
    if (known?.version === version && known.limits === limits) return known.scenario;
    const scenario = readScenario(document.getText(), {
      workloads,
      env: process.env,
      limits: ceilings,
      ...(document.uri.scheme === "file" ? { folder: path.dirname(document.fileName) } : {}),
    });
    this.#read.set(document, { version, limits, scenario });
    return scenario;
  }
}

import { CodeLens, Disposable, EventEmitter, languages, Range, type TextDocument } from "vscode";
import { titleOf } from "../../../app/scenario/title.ts";
import { SCENARIO_GLOB } from "../../model/scenarios/is-scenario.ts";
import type { ScenarioDocuments } from "../../model/scenarios/read-document.ts";
import type { LastResults } from "./last-results.ts";
import type { Lens } from "./lenses.ts";

/** Commands above the lines of scenario files. */
export function provideLenses(scenarios: ScenarioDocuments, results: LastResults): Disposable {
  const changed = new EventEmitter<void>();
  const unsubscribe = results.changed.on(() => changed.fire());
  const registered = languages.registerCodeLensProvider(
    { pattern: SCENARIO_GLOB },
    {
      onDidChangeCodeLenses: changed.event,
      provideCodeLenses: async (document) => {
        const { scenario, problems } = await scenarios.read(document);
        const earlier = await results.of(titleOf(document.fileName, scenario));
        const { lensesOf } = await import("./lenses.ts");
        return lensesOf(scenario, problems, earlier).map((lens) => codeLensOf(document, lens));
      },
    },
  );
  return Disposable.from(registered, changed, new Disposable(unsubscribe));
}

function codeLensOf({ uri }: TextDocument, { line, title, tooltip, command, args = [] }: Lens): CodeLens {
  return new CodeLens(new Range(line, 0, line, 0), {
    title,
    ...(tooltip ? { tooltip } : {}),
    command: command ?? "",
    ...(command ? { arguments: [uri.toString(), ...args] } : {}),
  });
}

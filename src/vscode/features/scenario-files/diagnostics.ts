import {
  Diagnostic,
  DiagnosticSeverity,
  Disposable,
  languages,
  Range,
  type TextDocument,
  type Uri,
  workspace,
} from "vscode";
import { wordsOf } from "../../../l10n/text.ts";
import type { Problem } from "../../../scenario/problem.ts";
import type { ReadScenario } from "../../../scenario/read.ts";
import { type Log, messageOf } from "../../host.ts";
import { isScenario } from "../../model/scenarios/is-scenario.ts";
import type { ScenarioDocuments } from "../../model/scenarios/read-document.ts";
import { withoutDoubles } from "./doubles.ts";
import { LiveProblems } from "./live-problems.ts";

const SOURCE = "Scale Test";

export interface DiagnosticsParts {
  scenarios: ScenarioDocuments;
  ofDeployment(read: ReadScenario, options: { mayAsk: boolean }): Promise<readonly Problem[]>;
  /** Calls back when somebody has signed in or out; returns what ends that. */
  onSession(changed: () => void): () => void;
  log: Log;
}

/** Lists what is wrong with the scenarios that are open: the same as `coder-scaletest validate` says, at the same places. */
export function showProblems({ scenarios, ofDeployment, onSession, log }: DiagnosticsParts): Disposable {
  const shown = languages.createDiagnosticCollection("scaletest");
  const found = new Map<string, { uri: Uri; problems: readonly Problem[] }>();
  const show = (document: TextDocument, problems: readonly Problem[]) => {
    const key = document.uri.toString();
    if (document.isClosed) found.delete(key);
    else found.set(key, { uri: document.uri, problems });
    put(shown, document.uri, document.isClosed ? [] : problems);
  };
  const live = new LiveProblems<TextDocument>({
    read: (document) => scenarios.read(document),
    ofDeployment,
    show,
    failed: (error) => log.error(messageOf(error)),
  });
  const changed = (document: TextDocument) => {
    if (isScenario(document)) live.changed(document);
  };
  for (const document of workspace.textDocuments) changed(document);
  return Disposable.from(
    workspace.onDidOpenTextDocument(changed),
    workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
      if (contentChanges.length > 0) changed(document);
    }),
    workspace.onDidCloseTextDocument((document) => live.closed(document)),
    workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration("scaletest.limits")) live.again();
    }),
    languages.onDidChangeDiagnostics(({ uris }) => {
      for (const uri of uris) {
        const known = found.get(uri.toString());
        if (known) put(shown, uri, known.problems);
      }
    }),
    new Disposable(onSession(() => live.again())),
    live,
    shown,
  );
}

/** Where somebody else has said the same, it is not said again. Nothing is put where it is there already. */
function put(
  shown: ReturnType<typeof languages.createDiagnosticCollection>,
  uri: Uri,
  problems: readonly Problem[],
): void {
  const own = withoutDoubles(
    problems,
    languages.getDiagnostics(uri).filter(({ source }) => source !== SOURCE),
  ).map(diagnosticOf);
  const before = shown.get(uri) ?? [];
  if (JSON.stringify(before) !== JSON.stringify(own)) shown.set(uri, own);
}

function diagnosticOf({ message, severity, range: { start, end } }: Problem): Diagnostic {
  const diagnostic = new Diagnostic(
    new Range(start.line, start.column, end.line, end.column),
    wordsOf(message),
    severity === "error" ? DiagnosticSeverity.Error : DiagnosticSeverity.Warning,
  );
  diagnostic.source = SOURCE;
  return diagnostic;
}

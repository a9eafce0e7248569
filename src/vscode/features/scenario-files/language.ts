import {
  type CompletionItem,
  CompletionItemKind,
  Disposable,
  extensions,
  Hover,
  languages,
  MarkdownString,
  type Position,
  Range,
  SnippetString,
  type TextDocument,
} from "vscode";
import { SCENARIO_GLOB, SCENARIO_SCHEMES } from "../../model/scenarios/is-scenario.ts";
import type { DeploymentWords } from "./help/complete.ts";
import type { Offer } from "./help/offer.ts";

const FILES = SCENARIO_SCHEMES.map((scheme) => ({ scheme, pattern: SCENARIO_GLOB }));
/** Besides letters and digits, which the editor asks by itself after. */
const TRIGGERS = [" ", ".", "{", ",", "=", "["];
/** It serves completion and hover by the JSON schema that the manifest names. */
const YAML_EXTENSION = "redhat.vscode-yaml";

/** With `mayAsk: false`, those that are known already. */
type NamesOfDeployment = (document: TextDocument, mayAsk: boolean) => Promise<DeploymentWords>;

/** Where the names of a deployment are wanted, it may be asked. */
function isAboutDeployment(document: TextDocument, { line, character }: Position): boolean {
  return /\b(template|parameters):/.test(document.lineAt(line).text.slice(0, character));
}

const KINDS: Record<Offer["kind"], CompletionItemKind> = {
  key: CompletionItemKind.Property,
  step: CompletionItemKind.Module,
  field: CompletionItemKind.Field,
  value: CompletionItemKind.Value,
  reference: CompletionItemKind.Reference,
  metric: CompletionItemKind.Variable,
  figure: CompletionItemKind.Function,
  label: CompletionItemKind.EnumMember,
  word: CompletionItemKind.Keyword,
};

/** Completion and hover in scenario files; where the YAML extension is at work, only what a schema cannot say. */
export function provideHelp(ofDeployment: NamesOfDeployment): Disposable {
  return Disposable.from(
    languages.registerCompletionItemProvider(
      FILES,
      { provideCompletionItems: (document, position) => complete(document, position, ofDeployment) },
      ...TRIGGERS,
    ),
    languages.registerHoverProvider(FILES, { provideHover: hover }),
  );
}

async function complete(
  document: TextDocument,
  position: Position,
  ofDeployment: NamesOfDeployment,
): Promise<CompletionItem[]> {
  const [{ offersAt }, { workloads }, deployment] = await Promise.all([
    import("./help/complete.ts"),
    import("../../../workloads/index.ts"),
    ofDeployment(document, isAboutDeployment(document, position)),
  ]);
  const found = offersAt(document.getText(), document.offsetAt(position), workloads, deployment);
  if (!found) return [];
  const range = new Range(document.positionAt(found.from), document.positionAt(found.to));
  const offers = found.offers.filter(({ inSchema }) => !inSchema || !isSchemaServed(document));
  return offers.map((offer, place) => itemOf(offer, range, place));
}

function itemOf(offer: Offer, range: Range, place: number): CompletionItem {
  return {
    label: { label: offer.label, ...(offer.detail === undefined ? {} : { description: offer.detail }) },
    kind: KINDS[offer.kind],
    insertText: offer.isSnippet ? new SnippetString(offer.insert) : offer.insert,
    range,
    // In the order of the documentation.
    sortText: String(place).padStart(4, "0"),
    ...(!offer.help ? {} : { documentation: new MarkdownString(offer.help) }),
    ...(offer.leadsOn ? { command: { command: "editor.action.triggerSuggest", title: "" } } : {}),
  };
}

async function hover(document: TextDocument, position: Position): Promise<Hover | undefined> {
  const [{ hoverAt }, { workloads }] = await Promise.all([
    import("./help/hover.ts"),
    import("../../../workloads/index.ts"),
  ]);
  const found = hoverAt(document.getText(), document.offsetAt(position), workloads);
  if (!found || (found.inSchema && isSchemaServed(document))) return undefined;
  const range = new Range(document.positionAt(found.from), document.positionAt(found.to));
  return new Hover(new MarkdownString(found.help), range);
}

function isSchemaServed({ languageId }: TextDocument): boolean {
  return languageId === "yaml" && extensions.getExtension(YAML_EXTENSION)?.isActive === true;
}

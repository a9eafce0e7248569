import { TextDocument } from "vscode-languageserver-textdocument";
import { getLanguageService } from "yaml-language-server";
import { scenarioSchema } from "../../../src/scenario/schema.ts";
import { workloads } from "../../../src/workloads/index.ts";

const URI = "https://example.com/scaletest.schema.json";

/** As the editor's YAML extension has it. */
const service = getLanguageService({
  schemaRequestService: () => Promise.reject(new Error("no other schema")),
  workspaceContext: { resolveRelativePath: (relative) => relative },
});
service.configure({
  ...{ validate: true, completion: true, hover: true, customTags: [] },
  schemas: [{ fileMatch: ["*.scaletest.yaml"], uri: URI, schema: scenarioSchema(workloads) }],
});

/** What it knows of a version it does not read again. */
let version = 0;
const document = (text: string) =>
  TextDocument.create("file:///load/x.scaletest.yaml", "yaml", ++version, text);

export function diagnosedBySchema(text: string): ReturnType<typeof service.doValidation> {
  return service.doValidation(document(text), false);
}

/** What is offered at the place that is marked with |. */
export async function offeredBySchema(text: string): Promise<string[]> {
  const at = text.indexOf("|");
  const file = document(text.replace("|", ""));
  const { items } = await service.doComplete(file, file.positionAt(at), false);
  return items.map(({ label }) => label);
}

export async function hoveredBySchema(text: string): Promise<string> {
  const at = text.indexOf("|");
  const file = document(text.replace("|", ""));
  return JSON.stringify((await service.doHover(file, file.positionAt(at)))?.contents ?? "");
}

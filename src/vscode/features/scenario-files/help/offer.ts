/** Something that may be written at a place. */
export interface Offer {
  label: string;
  kind: "key" | "step" | "field" | "value" | "reference" | "metric" | "figure" | "label" | "word";
  /** With `$1` and the like where the person goes on writing; see `isSnippet`. */
  insert: string;
  isSnippet?: true;
  detail?: string;
  /** Markdown. */
  help?: string;
  /** More is offered once it is chosen. */
  leadsOn?: boolean;
  /** The JSON schema of scenarios offers it, too. */
  inSchema: boolean;
}

/** Titles and server texts must not become links or markup. */
export function escapeMarkdown(text: string): string {
  return text.replace(/[\\`*_{}[\]()#+\-.!|<>~$]/g, "\\$&").replace(/\s+/g, " ");
}

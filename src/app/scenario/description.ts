/** What a scenario's file says of itself in little room: its name, and the comment that it begins with. */
export function descriptionOf(text: string): { title: string | undefined; description: string } {
  const lines = text.split(/\r?\n/);
  const first = lines.findIndex((line) => !line.startsWith("#"));
  const description = lines
    .slice(0, Math.max(0, first))
    .map((line) => line.replace(/^#+\s*/, ""))
    .join(" ")
    .trim();
  const title = lines
    .find((line) => line.startsWith("name:"))
    ?.slice("name:".length)
    .trim();
  return { title: title?.replace(/^(["'])(.*)\1$/, "$2"), description };
}

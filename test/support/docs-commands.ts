import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

/** What the pages of the documentation tell people to type. */

const root = fileURLToPath(new URL("../..", import.meta.url));
export const pages = ["README.md", "CONTRIBUTING.md", "SECURITY.md", "CODE_OF_CONDUCT.md"].concat(
  readdirSync(path.join(root, "docs"))
    .filter((file) => file.endsWith(".md"))
    .map((file) => `docs/${file}`),
);
export const textOf = (page: string) => readFileSync(path.join(root, page), "utf8");
/** Lines of a page's shell blocks, without comments and prompts; what a backslash continues is one. */
function shellLines(page: string): string[] {
  const blocks = [...textOf(page).matchAll(/^```(?:sh|console|bash)\n([\s\S]*?)^```/gm)];
  return blocks.flatMap(([, block = ""]) =>
    block
      .replaceAll(/\\\n\s*/g, " ")
      .split("\n")
      .map((line) =>
        line
          .replace(/^\$ /, "")
          .replace(/(^|\s)#.*$/, "")
          .trim(),
      ),
  );
}

/** The commands of a line; what stands in quotes is a word of one. */
function apart(line: string): string[] {
  const parts = [""];
  for (const [token] of line.matchAll(/"[^"]*"|'[^']*'| (?:&&|\|\|?) |; |./g))
    if (/^( (&&|\|\|?) |; )$/.test(token)) parts.push("");
    else parts.push(`${parts.pop()}${token}`);
  return parts.map((part) => part.replaceAll(/ {2,}(?=--)/g, " "));
}

/** Calls of our own command, each a line. */
export const commands = (page: string) =>
  shellLines(page)
    .flatMap(apart)
    .filter((line) => /^coder-scaletest /.test(line));

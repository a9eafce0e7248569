// Collects the texts that the editor may translate, from the code into l10n/bundle.l10n.json: `npm run l10n`.
import { globSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
export const BUNDLE = path.join(root, "l10n", "bundle.l10n.json");

/** Every literal that is given to `t(…)` under src/vscode, in order of the alphabet. */
export function messagesInCode(): string[] {
  const messages = globSync("src/vscode/**/*.ts", { cwd: root }).flatMap((file) =>
    [...readFileSync(path.join(root, file), "utf8").matchAll(CALL)].map(([, literal = ""]) =>
      textOf(literal),
    ),
  );
  return [...new Set(messages)].sort();
}

const CALL = /(?<![\w.])t\(\s*("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')/g;

function textOf(literal: string): string {
  const body = literal.slice(1, -1);
  return literal.startsWith("'") ? JSON.parse(`"${body.replaceAll('"', '\\"')}"`) : JSON.parse(literal);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const bundle = Object.fromEntries(messagesInCode().map((message) => [message, message]));
  writeFileSync(BUNDLE, `${JSON.stringify(bundle, null, 2)}\n`);
}

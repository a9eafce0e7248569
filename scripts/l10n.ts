// Collects the texts that can be translated, from the code into l10n/bundle.l10n.json: `npm run l10n`.
import { globSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { questionsOf } from "../src/vscode/ask/generic/answers.ts";
import { isByHand } from "../src/vscode/wizards.ts";
import { startable } from "../src/workloads/index.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
export const BUNDLE = path.join(root, "l10n", "bundle.l10n.json");
/** Of the editor, of the panel and the report, and of what both have in common. */
export const WITH_TEXTS = ["src/vscode/**/*.ts", "src/webview/**/*.ts", "src/l10n/**/*.ts"];

/** Every text that the code gives to `t`, `plural` or `said`, and that workloads say of themselves, in order of the alphabet. */
export function messagesInCode(): string[] {
  const messages = globSync(WITH_TEXTS, { cwd: root }).flatMap((file) =>
    messagesIn(readFileSync(path.join(root, file), "utf8")),
  );
  return [...new Set([...messages, ...messagesOfWorkloads()])].sort();
}

/** What the list of workloads says of each, and what is asked for one that has no wizard of its own. */
function messagesOfWorkloads(): string[] {
  return startable.flatMap(({ name, summary, fields }) => [
    summary,
    ...(isByHand(name) ? [] : questionsOf(fields)),
  ]);
}

export function messagesIn(code: string): string[] {
  return [CALL, FORMS].flatMap((pattern) =>
    [...code.matchAll(pattern)].flatMap(([, ...literals]) => literals.map(textOf)),
  );
}

const LITERAL = String.raw`("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')`;
/** `t("…")`, and `said("…")`, which marks what is looked up later. */
const CALL = new RegExp(String.raw`(?<![\w.])(?:t|said)\(\s*${LITERAL}`, "g");
/** The forms of a number: `{ one: "…", other: "…" }`. */
const FORMS = new RegExp(String.raw`\bone:\s*${LITERAL},\s*other:\s*${LITERAL}`, "g");

function textOf(literal: string): string {
  const body = literal.slice(1, -1);
  return literal.startsWith("'") ? JSON.parse(`"${body.replaceAll('"', '\\"')}"`) : JSON.parse(literal);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const bundle = Object.fromEntries(messagesInCode().map((message) => [message, message]));
  writeFileSync(BUNDLE, `${JSON.stringify(bundle, null, 2)}\n`);
}

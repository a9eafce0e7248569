// Collects the texts that can be translated into l10n/bundle.l10n.json: `npm run l10n`. With `--check`, as lint runs it,
// nothing is written: the exit status says whether the bundle is what the code has.
import { globSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseSync } from "@swc/core";
import { describeRun } from "../src/contract/describe.ts";
import { SERVER_TEXTS } from "../src/contract/server-description.ts";
import { hasNoWords } from "../src/text/message.ts";
import { wordsOfFields } from "../src/vscode/ask/generic/answers.ts";
import { isByHand } from "../src/vscode/wizards.ts";
import { workloads } from "../src/workloads/index.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
export const BUNDLE = path.join(root, "l10n", "bundle.l10n.json");

/** What has texts for people; the simulated deployment says what Coder says. */
const CODE = "src/**/*.ts";
const WITHOUT_TEXTS = ["src/sandbox/"];
/** Where the functions below are made: they hand on what they were given. */
const MAKERS = ["src/text/message.ts", "src/l10n/text.ts"];

/** Functions whose first argument is a text, and those whose second has the two forms of one that says how many. */
const OF_TEXT = new Set(["t", "say", "words"]);
const OF_FORMS = new Set(["plural", "sayCount"]);

export interface Collected {
  /** In order of the alphabet. */
  messages: string[];
  /** Texts that nobody could look up, in one line each. */
  problems: string[];
}

/** Every text of the code, and all that workloads say of themselves. */
export function collect(): Collected {
  const files = globSync(CODE, { cwd: root })
    .map((file) => file.split(path.sep).join("/"))
    .filter((file) => !WITHOUT_TEXTS.some((folder) => file.startsWith(folder)));
  const read = files.map((file) => collectIn(readFileSync(path.join(root, file), "utf8"), file));
  const messages = [...read.flatMap((one) => one.messages), ...messagesOfWorkloads()];
  return {
    messages: [...new Set(messages)]
      .filter((message) => !hasNoWords(message) && !isPercentile(message))
      .sort(),
    problems: read.flatMap(({ problems }) => problems),
  };
}

/** `p95` is the same in all languages. */
function isPercentile(message: string): boolean {
  return /^p\d+$/.test(message);
}

/** The texts of one file. `say(…)` and the others take literals: what is put together cannot be looked up. */
export function collectIn(code: string, file: string): Collected {
  const found: Collected = { messages: [], problems: [] };
  const isMaker = MAKERS.includes(file);
  for (const node of nodesOf(parseSync(code, { syntax: "typescript", target: "esnext" }))) {
    if (node.type === "ObjectExpression") takeForms(node, found, file);
    if (node.type !== "CallExpression") continue;
    const name = nameOf(node.callee);
    const args = (node.arguments ?? []) as { expression: Node }[];
    if (name !== undefined && OF_TEXT.has(name)) {
      const text = textOf(args[0]?.expression);
      if (text !== undefined) found.messages.push(text);
      else if (!isMaker) found.problems.push(`${file}: ${name}(…) wants a literal`);
    }
    if (name !== undefined && OF_FORMS.has(name) && !isMaker && isPutTogether(args[1]?.expression))
      found.problems.push(`${file}: ${name}(…) wants { one, other } of literals`);
  }
  return found;
}

/** `{ one: "…", other: "…" }`: the number is in both, for in other languages the first is not of one only. */
function takeForms(node: Node, found: Collected, file: string): void {
  const forms = new Map(
    ((node.properties ?? []) as { key?: Node; value?: Node }[]).map(({ key, value }) => [
      key?.value,
      textOf(value),
    ]),
  );
  const [one, other] = [forms.get("one"), forms.get("other")];
  if (one === undefined || other === undefined) return;
  found.messages.push(one, other);
  if (one.includes("{0}") !== other.includes("{0}"))
    found.problems.push(`${file}: "${one}" and "${other}" have to name the number both, or neither`);
}

function isPutTogether(node: Node | undefined): boolean {
  if (node?.type !== "ObjectExpression") return false;
  const values = ((node.properties ?? []) as { value?: Node }[]).map(({ value }) => textOf(value));
  return values.length !== 2 || values.includes(undefined);
}

type Node = Readonly<Record<string, unknown>> & { type: string };

function* nodesOf(value: unknown): Generator<Node> {
  if (Array.isArray(value)) for (const one of value) yield* nodesOf(one);
  else if (typeof value === "object" && value !== null) {
    if ("type" in value && typeof value.type === "string") yield value as Node;
    for (const one of Object.values(value)) yield* nodesOf(one);
  }
}

function nameOf(callee: unknown): string | undefined {
  const node = callee as Node;
  return node.type === "Identifier" ? String(node.value) : undefined;
}

function textOf(node: Node | undefined): string | undefined {
  return node?.type === "StringLiteral" ? String(node.value) : undefined;
}

/** What the list of workloads says of each, what they are asked, and how they describe their runs. */
function messagesOfWorkloads(): string[] {
  const all = workloads.flatMap(({ name, summary, fields, described, notAStep, shortForms }) => [
    summary,
    ...Object.values(fields).flatMap(({ asked, unsupported }) => [asked, unsupported]),
    // Help for whoever writes a scenario.
    ...(notAStep ? [] : Object.values(fields).flatMap((one) => (one.hidden ? [] : [one.description]))),
    ...shortForms.map((form) => form.description),
    // Those that have a wizard of their own are asked by its words.
    ...(isByHand(name) ? [] : wordsOfFields(fields)),
    ...described.flatMap((one) => textsIn(describeRun(one))),
  ]);
  return [...all.filter((text) => text !== undefined), ...textsIn(SERVER_TEXTS)];
}

/** Fields of a description that hold a text. */
const TEXTS = new Set(["text", "label", "title", "note", "none", "one", "other", "all"]);

/** The texts of a description, by the names of the fields that hold them. */
export function textsIn(value: unknown, field = ""): string[] {
  if (typeof value === "string") return TEXTS.has(field) ? [value] : [];
  if (Array.isArray(value)) return value.flatMap((one) => textsIn(one, field));
  if (typeof value !== "object" || value === null) return [];
  // Of a label of a metric, `label` is the name: its title is the text.
  const isSeriesName = "title" in value && "label" in value;
  return Object.entries(value).flatMap(([name, one]) =>
    isSeriesName && name === "label" ? [] : textsIn(one, name),
  );
}

/** What the bundle has to say; in it, a text is its own translation. */
export function bundleOf(messages: readonly string[]): string {
  return `${JSON.stringify(Object.fromEntries(messages.map((message) => [message, message])), null, 2)}\n`;
}

function main(isCheck: boolean): void {
  const { messages, problems } = collect();
  const bundle = bundleOf(messages);
  if (isCheck && readFileSync(BUNDLE, "utf8").replaceAll("\r\n", "\n") !== bundle)
    problems.push("l10n/bundle.l10n.json is not what the code has: npm run l10n writes it anew");
  for (const problem of problems) console.error(problem);
  process.exitCode = problems.length > 0 ? 1 : 0;
  if (!isCheck) writeFileSync(BUNDLE, bundle);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main(process.argv.includes("--check"));

// Writes what is made of the workloads' tables for scenario files: schemas/scaletest.schema.json, and the tables of
// docs/scenarios.md between their marks: `npm run manifest`. With `--check`, as lint runs it, nothing is written: the
// exit status says whether both are what the code has.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { defaultText } from "../src/contract/fields/default-text.ts";
import { choicesOf } from "../src/contract/fields/field.ts";
import type { Workload } from "../src/contract/workload.ts";
import { fieldNames, Kinds, wordOf } from "../src/scenario/kinds.ts";
import { LIMIT_KEYS, SCENARIO_KEYS } from "../src/scenario/read.ts";
import { scenarioSchema } from "../src/scenario/schema.ts";
import { STEP_KEYS } from "../src/scenario/step.ts";
import { DEFAULT_THRESHOLDS } from "../src/scenario/thresholds.ts";
import { workloads } from "../src/workloads/index.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const SCHEMA = path.join(root, "schemas", "scaletest.schema.json");
const DOCS = path.join(root, "docs", "scenarios.md");

export function schemaText(): string {
  return `${JSON.stringify(scenarioSchema(workloads), null, 2)}\n`;
}

/** The page with its tables as they should be. Throws where a mark has no end. */
export function withTables(page: string): string {
  const made = tables();
  return page.replace(/<!-- table: (\w+) -->\n[\s\S]*?<!-- end -->/g, (_all, name: string) => {
    const table = made[name];
    if (table === undefined) throw new Error(`docs/scenarios.md: there is no table "${name}"`);
    return `<!-- table: ${name} -->\n\n${table}\n<!-- end -->`;
  });
}

function tables(): Record<string, string> {
  const kinds = new Kinds(workloads).all;
  return {
    keys: table(["key", "what it says"], Object.entries(SCENARIO_KEYS)),
    steps: table(["key", "what it says"], Object.entries(STEP_KEYS)),
    limits: table(["key", "what it says"], Object.entries(LIMIT_KEYS)),
    kinds: table(
      ["step", "also", "what it does"],
      kinds.map((workload) => [wordOf(workload), workload.alias ? workload.name : "", workload.summary]),
    ),
    fields: kinds.map(fieldsOf).join("\n"),
    thresholds: table(
      ["threshold", "is"],
      DEFAULT_THRESHOLDS.map(({ text, name }) => [text, name]),
    ),
  };
}

/** Each field once, by the name that completion offers. */
function fieldsOf(workload: Workload): string {
  const forms = workload.shortForms.map(({ name, description, choices }) => [
    name,
    `${description} (${Object.keys(choices).join(", ")})`,
    "",
  ]);
  const fields = [...fieldNames(workload)].flatMap(([name, { field, preferred, by }]) => {
    if (!preferred || by === "file" || field.notInFiles !== undefined) return [];
    const choices = choicesOf(field);
    const text = choices.length > 0 ? `${field.description} (${choices.join(", ")})` : field.description;
    return [[name, text, defaultText(field) ?? ""]];
  });
  return `**${wordOf(workload)}**\n\n${table(["field", "what it says", "default"], [...forms, ...fields])}`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cellOf).join(" | ")} |`;
  const [first = [], ...more] = [
    head,
    head.map(() => "---"),
    ...rows.map(([name = "", ...cells]) => [`\`${name}\``, ...cells]),
  ];
  return `${[first, ...more].map(line).join("\n")}\n`;
}

function cellOf(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ");
}

function files(): { file: string; now: string; made: string }[] {
  const page = readFileSync(DOCS, "utf8");
  return [
    { file: SCHEMA, now: readOr(SCHEMA), made: schemaText() },
    { file: DOCS, now: page, made: withTables(page) },
  ];
}

function readOr(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const isCheck = process.argv.includes("--check");
  for (const { file, now, made } of files()) {
    if (now === made) continue;
    if (!isCheck) {
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, made);
      continue;
    }
    console.error(`${path.relative(root, file)} is not what the code has: npm run manifest`);
    process.exitCode = 1;
  }
}

// Writes what the manifest says of tasks from the workloads' tables, into package.json and package.nls.json:
// `npm run manifest`.
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { JsonSchema } from "../src/contract/fields/json-schema.ts";
import { taskProperties, workloadProperty } from "../src/vscode/features/tasks/task-schema.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const MANIFEST = path.join(root, "package.json");
const TEXTS = path.join(root, "package.nls.json");
/** Written by hand: they are no fields of a workload. */
const BY_HAND = ["deployment", "config"];

type Properties = Record<string, JsonSchema>;
type Texts = Record<string, string>;

interface Manifest {
  contributes: { taskDefinitions: { properties: Properties }[] };
}

/** The tables' properties with `%task.…%` in place of texts, and these texts; equal ones share a key. */
export function translatable(properties: Properties): { properties: Properties; texts: Texts } {
  const keys = new Map<string, string>();
  const keyOf = (text: string, key: string) => {
    const known = keys.get(text) ?? key;
    keys.set(text, known);
    return `%${known}%`;
  };
  const translated = Object.entries(properties).map(([name, schema]) => [
    name,
    {
      ...schema,
      ...(schema.patternErrorMessage
        ? { patternErrorMessage: keyOf(schema.patternErrorMessage, `task.${name}.pattern`) }
        : {}),
      description: keyOf(schema.description, `task.${name}`),
    },
  ]);
  return {
    properties: Object.fromEntries(translated),
    texts: Object.fromEntries([...keys].map(([text, key]) => [key, text])),
  };
}

/** The property `workload` with a text for each of its values. */
function translatableWorkload(): { workload: JsonSchema; texts: Texts } {
  const { enum: names, enumDescriptions, description, ...schema } = workloadProperty();
  const keys = (names as string[]).map((name) => `task.workload.${name}`);
  return {
    workload: {
      ...schema,
      enum: names,
      enumDescriptions: keys.map((key) => `%${key}%`),
      description: "%task.workload%",
    },
    texts: {
      "task.workload": description,
      ...Object.fromEntries(keys.map((key, index) => [key, enumDescriptions[index] ?? ""])),
    },
  };
}

/** Manifest and texts as they should be. */
export function withTasks<M extends Manifest>(manifest: M, texts: Texts): { manifest: M; texts: Texts } {
  const made = translatable(taskProperties());
  const [definition, ...others] = manifest.contributes.taskDefinitions;
  const { deployment, config } = definition?.properties ?? {};
  const { workload, texts: workloadTexts } = translatableWorkload();
  const properties = { workload, deployment, ...made.properties, config };
  const contributes = {
    ...manifest.contributes,
    taskDefinitions: [{ ...definition, properties }, ...others],
  };
  return {
    manifest: { ...manifest, contributes },
    texts: replaced(texts, { ...workloadTexts, ...made.texts }),
  };
}

/** The texts of tasks stay together, where the first of them is. */
function replaced(texts: Texts, made: Texts): Texts {
  const isMade = (key: string) => key.startsWith("task.") && !BY_HAND.includes(key.split(".")[1] ?? "");
  const entries = Object.entries(texts);
  const last = entries.findLastIndex(([key]) => key.startsWith("task.") && !isMade(key));
  return Object.fromEntries([
    ...entries.slice(0, last + 1).filter(([key]) => !isMade(key)),
    ...Object.entries(made),
    ...entries.slice(last + 1).filter(([key]) => !isMade(key)),
  ]);
}

export function readManifest(): { manifest: Manifest; texts: Texts } {
  return {
    manifest: JSON.parse(readFileSync(MANIFEST, "utf8")),
    texts: JSON.parse(readFileSync(TEXTS, "utf8")),
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { manifest, texts } = readManifest();
  const now = withTasks(manifest, texts);
  writeFileSync(MANIFEST, `${JSON.stringify(now.manifest, null, 2)}\n`);
  writeFileSync(TEXTS, `${JSON.stringify(now.texts, null, 2)}\n`);
}

import { type JsonSchema, jsonSchemaOf } from "../../../contract/fields/json-schema.ts";
import { type Spelling, spellingsOf } from "../../../contract/fields/spellings.ts";
import type { Workload } from "../../../contract/workload.ts";
import { startable, workloads } from "../../../workloads/index.ts";

/**
 * What a task may say of the workloads' fields, by name: the part of the manifest's `taskDefinitions` that is made of
 * the tables. VS Code hands over only what is declared there, so every spelling is; completion offers one of each.
 */
export function taskProperties(): Record<string, JsonSchema> {
  const found = new Map<string, Map<string, JsonSchema>>();
  for (const workload of startable) {
    for (const [name, schema] of propertiesOf(workload)) {
      found.set(name, (found.get(name) ?? new Map()).set(workload.name, schema));
    }
  }
  return Object.fromEntries([...found].map(([name, schemas]) => [name, orVariable(merged(schemas))]));
}

/** Which workload a task runs, with what each does. */
export function workloadProperty(): JsonSchema & { enumDescriptions: string[] } {
  return {
    type: "string",
    enum: startable.map(({ name }) => name),
    enumDescriptions: startable.map(({ summary }) => summary),
    default: workloads[0].name,
    description: "What is run",
  };
}

/** `${input:count}`, anywhere in a text: the editor puts a text in its place. */
const VARIABLE = "\\$\\{[^}]+\\}";
/** What such a text may be, where a value is none. */
const AS_TEXT: Readonly<Record<string, { pattern: string; patternErrorMessage: string }>> = {
  integer: { pattern: "^\\s*\\d+\\s*$", patternErrorMessage: "must be a whole number" },
  boolean: { pattern: "^(true|false)$", patternErrorMessage: "must be true or false" },
};

/** The same with variables: what is no text may be one with a variable, and a text need not have its form then. */
function orVariable({ enum: choices, ...schema }: JsonSchema): JsonSchema {
  if (Array.isArray(choices))
    return { ...schema, anyOf: [{ enum: choices }, { type: "string", pattern: VARIABLE }] };
  if (schema.pattern !== undefined) return { ...schema, pattern: `${schema.pattern}|${VARIABLE}` };
  const text = typeof schema.type === "string" ? AS_TEXT[schema.type] : undefined;
  if (!text) return schema;
  return {
    ...schema,
    ...text,
    type: [String(schema.type), "string"],
    pattern: `${text.pattern}|${VARIABLE}`,
  };
}

function propertiesOf({ fields, earlierNames }: Workload): [string, JsonSchema][] {
  const spellings = spellingsOf(fields);
  const own = spellings.map((spelling): [string, JsonSchema] => [
    spelling.name,
    { ...jsonSchemaOf(spelling), description: descriptionOf(spelling, spellings) },
  ]);
  const old = earlierNames.flatMap(({ name, now, values }): [string, JsonSchema][] => {
    const schema = own.find(([known]) => known === now)?.[1];
    if (!schema) return [];
    const { default: _default, ...others } = schema;
    const allowed = values ? { type: "string", enum: Object.keys(values) } : {};
    return [[name, { ...others, ...allowed, doNotSuggest: true, description: `Earlier name of \`${now}\`` }]];
  });
  return [...own, ...old];
}

/** In the words of tasks: fields go by their names, not by their flags. */
function descriptionOf({ field, by }: Spelling, all: readonly Spelling[]): string {
  const text = by === "file" && field.file ? field.file.description : field.description;
  const named = text.replace(/--([a-z][a-z-]*)/g, (flag, name: string) => {
    const spelling = all.find((one) => one.field.flag === name && one.preferred);
    return spelling ? `\`${spelling.name}\`` : flag;
  });
  return field.negated && by === "key"
    ? `Where false: ${named.charAt(0).toLowerCase()}${named.slice(1)}`
    : named;
}

/** Where two workloads have the name: what both say of it. */
function merged(schemas: ReadonlyMap<string, JsonSchema>): JsonSchema {
  const [first, ...others] = schemas.values();
  if (!first) throw new Error("a property of no workload");
  const common = Object.entries(first).filter(([keyword, value]) =>
    others.every((other) => JSON.stringify(other[keyword]) === JSON.stringify(value)),
  );
  const hidden = [...schemas.values()].every(({ doNotSuggest }) => doNotSuggest);
  const { doNotSuggest: _hidden, ...kept } = Object.fromEntries(common);
  return { ...kept, ...(hidden ? { doNotSuggest: true as const } : {}), description: descriptions(schemas) };
}

function descriptions(schemas: ReadonlyMap<string, JsonSchema>): string {
  const texts = new Set([...schemas.values()].map(({ description }) => description));
  const [only] = texts;
  if (texts.size === 1 && schemas.size === startable.length && only) return only;
  return [...schemas].map(([workload, { description }]) => `${workload}: ${description}`).join("; ");
}

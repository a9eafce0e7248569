import { Command } from "commander";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { addOptions, configOf } from "../../src/cli/workload-command.ts";
import { type Field, field } from "../../src/contract/fields/field.ts";
import { jsonSchemaOf } from "../../src/contract/fields/json-schema.ts";
import { readSpelled, spellingsOf } from "../../src/contract/fields/spellings.ts";
import { fieldTable, schemaOf } from "../../src/contract/fields/table.ts";
import type { Workload } from "../../src/contract/workload.ts";
import { writeDuration } from "../../src/protocol/duration.ts";
import { english } from "../../src/text/message.ts";
import { workloads } from "../../src/workloads/index.ts";
import { neededOf, typedOf, valuesOf } from "./field-values.ts";

const said = { description: "for a test" };
const text = (more: { flag?: string; env?: string; short?: string } = {}) =>
  field(z.string(), { ...said, ...more });
const fromFile = field(z.record(z.string(), z.string()), {
  ...said,
  flag: "pair",
  default: {},
  file: { flag: "pairs", env: "PAIRS", placeholder: "path", ...said, read: () => ({ value: {} }) },
});

/** What a person may write, of every workload that has a command. */
const commands = workloads.filter(({ internal }) => !internal);
const written = commands.flatMap((workload) =>
  Object.entries(workload.fields)
    .filter(([, { flag, unsupported }]) => flag !== undefined && unsupported === undefined)
    .map(([key, one]) => ({ name: `${workload.name} ${key}`, workload, key, field: one })),
);

/** The configuration that a command line comes to, by commander and the table. */
function byFlags(workload: Workload, args: readonly string[], env: Record<string, string> = {}) {
  const command = new Command().exitOverride();
  addOptions(command, workload.fields);
  command.parse([...args], { from: "user" });
  return configOf(workload, command.opts(), env).config;
}

/** Nothing can be begun without these. */
function needed(workload: Workload, key: string): string[] {
  return Object.entries(neededOf(workload.fields)).flatMap(([other, value]) => {
    const one = workload.fields[other];
    return one && other !== key
      ? typedOf(one, value).map((word) => `--${one.flag}=${onLine(one, word)}`)
      : [];
  });
}

describe("a table of fields", () => {
  it.each([
    ["flag", { a: text({ flag: "one" }), b: text({ flag: "one" }) }, /a and b both have the flag --one/],
    ["letter", { a: text({ short: "o" }), b: text({ short: "o" }) }, /a and b both have the flag -o/],
    ["variable", { a: text({ env: "ONE" }), b: text({ env: "ONE" }) }, /a and b .* variable ONE/],
    ["name in a task", { runAll: text(), b: text({ flag: "run-all" }) }, /runAll and b .* name runAll/],
    ["flag of a file", { fromFile, b: text({ flag: "pairs" }) }, /file of fromFile and b .* --pairs/],
    ["variable of a file", { fromFile, b: text({ env: "PAIRS" }) }, /file of fromFile and b .* PAIRS/],
  ])("is refused where two fields have one %s", (_what, fields, message) => {
    expect(() => fieldTable(fields)).toThrow(message);
  });

  it("is refused where a flag says the opposite without saying so", () => {
    const ssh = field(z.boolean(), { ...said, flag: "ssh", negated: true, default: true });
    expect(() => fieldTable({ ssh })).toThrow(/begin with no-/);
  });

  it("makes the schema: defaults, what is needed, what may be missing, and nothing else", () => {
    const schema = schemaOf(
      fieldTable({
        count: field(z.number(), { ...said, default: 3 }),
        template: field(z.string("is needed"), { ...said, required: true }),
        agent: field(z.string(), said),
        trace: { ...field(z.boolean(), said), unsupported: "not here" },
      }),
    );
    expect(schema.parse({ template: "t" })).toEqual({ count: 3, template: "t" });
    expect(schema.safeParse({}).error?.issues[0]?.message).toBe("is needed");
    expect(schema.safeParse({ template: "t", trace: true }).success).toBe(false);
  });

  it("describes each field of each workload", () => {
    const undescribed = workloads.flatMap(({ name, fields }) =>
      Object.entries(fields)
        .filter(([, { description }]) => !/^\S.*[^.\s]$/.test(description))
        .map(([key]) => `${name} ${key}`),
    );
    expect(undescribed).toEqual([]);
  });
});

describe("one value", () => {
  it.each(written)("is the same from flag, environment and JSON: $name", ({ workload, key, field: one }) => {
    const others = needed(workload, key);
    fc.assert(
      fc.property(valuesOf(one), (value) => {
        const typed = typedOf(one, value);
        // A flag without a value can only be left out.
        const flags = one.kind === "boolean" ? typed.filter((word) => word === "true") : typed;
        const args = flags.map((word) =>
          one.kind === "boolean" ? `--${one.flag}` : `--${one.flag}=${onLine(one, word)}`,
        );
        const config = byFlags(workload, [...args, ...others]);
        expect(config[key]).toEqual(value);
        if (one.env)
          expect(
            byFlags(workload, others, { [one.env]: typed.map((word) => onLine(one, word)).join(",") }),
          ).toEqual(config);
        for (const spelling of spellingsOf({ [key]: one }).filter(({ by }) => by !== "file")) {
          const inJson = spelling.by === "key" ? value : jsonTyped(one, typed, value);
          expect(readSpelled(spelling, inJson), spelling.name).toEqual({ value });
        }
      }),
      { numRuns: 25 },
    );
  });

  it.each(written)("is refused in the same words everywhere: $name", ({ workload, key, field: one }) => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (word) => {
        const [byFlag] = spellingsOf({ [key]: one }).filter(
          ({ by, name }) => by === "flag" || name === one.flag,
        );
        if (!byFlag || one.kind === "boolean") return;
        const reading = readSpelled(byFlag, word);
        const run = () => byFlags(workload, [`--${one.flag}=${onLine(one, word)}`, ...needed(workload, key)]);
        if ("problem" in reading) expect(run).toThrow(`--${one.flag} ${english(reading.problem)}`);
        else expect(run).not.toThrow(`--${one.flag} must`);
      }),
      { numRuns: 25 },
    );
  });

  it("a duration is written so that reading it gives the same", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10 ** 9 }), (ms) => {
        const reading = readSpelled(
          {
            name: "a",
            key: "aMs",
            field: field(z.number(), { ...said, unit: "ms" }),
            by: "flag",
            preferred: true,
          },
          writeDuration(ms),
        );
        expect(reading).toEqual({ value: ms });
      }),
    );
  });
});

/** A flag that may be repeated, and its variable, are CSV: quotes keep whatever is in a text together. */
function onLine({ kind }: Field, word: string): string {
  return kind === "list" || kind === "map" ? `"${word.replaceAll('"', '""')}"` : word;
}

/** As a person writes it in JSON under the flag's name. */
function jsonTyped({ kind, negated }: Field, typed: readonly string[], value: unknown): unknown {
  if (kind === "boolean") return negated ? !value : value;
  return kind === "list" || kind === "map" ? typed : typed[0];
}

describe("a field's JSON schema", () => {
  const schemas = written.flatMap(({ name, field: one, key }) =>
    spellingsOf({ [key]: one }).map((spelling) => ({ name: `${name} as ${spelling.name}`, spelling })),
  );
  it.each(schemas)("takes what the field takes: $name", ({ spelling }) => {
    const { field: one, by } = spelling;
    // Read back by zod, which refuses what is no JSON schema.
    const schema = z.fromJSONSchema(jsonSchemaOf(spelling) as Parameters<typeof z.fromJSONSchema>[0]);
    if (by === "file") return expect(schema.safeParse("values.yaml").success).toBe(true);
    fc.assert(
      fc.property(valuesOf(one), (value) => {
        const typed = by === "flag" && one.kind !== "map" && one.kind !== "list" && one.kind !== "integer";
        const inJson = typed ? jsonTyped(one, typedOf(one, value), value) : value;
        expect(schema.safeParse(inJson).error).toBeUndefined();
      }),
      { numRuns: 10 },
    );
  });

  it.each(schemas)("has a default that the field takes: $name", ({ spelling }) => {
    const { default: value } = jsonSchemaOf(spelling);
    if (value !== undefined) expect(readSpelled(spelling, value)).toEqual({ value: spelling.field.default });
  });
});

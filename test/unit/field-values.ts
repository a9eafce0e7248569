import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import type { Field } from "../../src/contract/fields/field.ts";
import { choicesOf } from "../../src/contract/fields/field.ts";
import type { Fields } from "../../src/contract/fields/table.ts";
import { writeDuration } from "../../src/protocol/duration.ts";

/** Texts of which each field with a form of its own takes some. */
const FORMS = [
  "40KB/s",
  "1.5MB/s",
  "0:10",
  "3:4",
  "http://localhost:8080/",
  "https://proxy.example.com",
  "abcdefgh",
  "k3x9q2ab",
];
const EXPRESSIONS = ["failures.rate<1%", "failures.count<=3"];
/** What may be a name before an equals sign, and in JSON. */
const word = fc.string({ minLength: 1 }).filter((text) => !/[=\0]|^__proto__$/.test(text));

/** Values that a field takes as they are: a URL loses the blanks around it. */
export function valuesOf(field: Field): fc.Arbitrary<unknown> {
  return anyOf(field).filter((value) => {
    const { success, data } = field.type.safeParse(value);
    return success && isDeepStrictEqual(data, value);
  });
}

function anyOf(field: Field): fc.Arbitrary<unknown> {
  switch (field.kind) {
    case "integer":
      return fc.oneof(fc.integer({ min: 8, max: 200 }), fc.nat(5));
    case "duration":
      return fc.oneof(fc.integer({ min: 1_000, max: 25 * 60_000 }), fc.constantFrom(60_000, 90_000));
    case "boolean":
      return fc.boolean();
    case "choice":
      return fc.constantFrom(...choicesOf(field));
    case "list":
      return fc.uniqueArray(fc.constantFrom(...EXPRESSIONS), { minLength: 1 });
    case "map":
      return fc.array(fc.tuple(word, word), { minLength: 1, maxLength: 3 }).map(Object.fromEntries);
    case "data":
      throw new Error("nobody writes it");
    case "text":
      return fc.oneof(fc.constantFrom(...FORMS), word);
  }
}

/** What a run of a workload cannot begin without, or a task has to name: some value of each. */
export function neededOf(fields: Fields): Record<string, unknown> {
  const needed = Object.entries(fields).filter(
    ([, { schema, asked }]) => asked !== undefined || !schema.safeParse(undefined).success,
  );
  return Object.fromEntries(
    needed.map(([key, field]) => [key, fc.sample(valuesOf(field), { numRuns: 1, seed: 1 })[0]]),
  );
}

/** The words that a flag takes for a value: one, or one for each of several. */
export function typedOf(field: Field, value: unknown): string[] {
  if (field.kind === "duration") return [writeDuration(Number(value))];
  if (field.kind === "boolean") return [String(field.negated ? !value : value)];
  if (field.kind === "list" && Array.isArray(value)) return value.map(String);
  if (field.kind === "map") return Object.entries(Object(value)).map(([name, one]) => `${name}=${one}`);
  return [String(value)];
}

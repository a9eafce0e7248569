import { describe, expect, it } from "vitest";
import { resolveParameters } from "../../src/coder/parameters.ts";
import { type RichParameter, richParameterSchema } from "../../src/coder/schemas.ts";
import { inEnglish } from "../../test/support/in-english.ts";

const parameter = (over: Record<string, unknown>): RichParameter =>
  richParameterSchema.parse({ name: "p", type: "string", ...over });
const problem = (rule: RichParameter, value: string) =>
  resolveParameters([rule], { [rule.name]: value }).problems[0]?.message;

describe("template parameters", () => {
  it.each([
    [{ type: "number", validation_min: 1, validation_max: 100 }, "0", /from 1 to 100/],
    [{ type: "number", validation_min: 1, validation_max: 100 }, "ten", /whole number/],
    [{ type: "number", validation_max: 5 }, "6", /5 or less/],
    [{ type: "bool" }, "yes", /true or false/],
    [{ type: "list(string)" }, "a,b", /JSON list/],
    [{ options: [{ name: "A", value: "a" }] }, "b", /one of a/],
    [{ validation_regex: "^[a-z]+$", validation_error: "lower case only" }, "A1", /lower case only/],
  ])("%j refuses %s", (rule, value, message) =>
    expect(inEnglish(problem(parameter(rule), value))).toMatch(message),
  );

  it.each([
    [{ type: "number", validation_min: 1, validation_max: 100 }, "100"],
    [{ type: "bool" }, "false"],
    [
      {
        type: "list(string)",
        form_type: "multi-select",
        options: [
          { name: "A", value: "a" },
          { name: "B", value: "b" },
        ],
      },
      '["a","b"]',
    ],
    // Go's syntax, which JavaScript cannot read: the server decides.
    [{ validation_regex: "(?i)^abc$" }, "ABC"],
  ])("%j takes %s", (rule, value) => expect(problem(parameter(rule), value)).toBeUndefined());

  it.each([
    [{ isMasked: true, validation_regex: "^[a-z]+$" }, "hunter2"],
    [{ ephemeral: true, type: "number" }, "hunter2"],
    [{ isMasked: true, type: "number", validation_max: 999 }, "1234"],
  ])("%j refuses a secret without quoting it", (rule, value) => {
    const message = problem({ ...parameter(rule), ...rule }, value);
    expect(inEnglish(message)).toContain('parameter "p"');
    expect(inEnglish(message)).toContain("***");
    expect(JSON.stringify(message)).not.toContain(value);
  });

  it("quotes no default of a secret that is given empty", () => {
    const pin = { ...parameter({ type: "number", default_value: "12" }), isMasked: true };
    expect(inEnglish(problem(pin, ""))).toBe(
      'parameter "p" must be a whole number, and not empty; leave it out for its default',
    );
  });

  it.each([
    [
      { type: "number", default_value: "10" },
      "must be a whole number, and not empty; leave it out for its default, 10",
    ],
    [
      { type: "bool", default_value: "true" },
      "must be true or false, and not empty; leave it out for its default, true",
    ],
    [{ type: "list(string)" }, "must be a JSON list of strings, and not empty; leave it out for its default"],
    [
      { options: [{ name: "A", value: "a" }] },
      "must be one of a, and not empty; leave it out for its default",
    ],
    [{ validation_regex: "^.+$", validation_error: "say something" }, "say something"],
    [{ type: "number", required: true }, "needs a value"],
  ])("%j refuses nothing that is given on purpose", (rule, message) =>
    expect(inEnglish(problem(parameter(rule), ""))).toContain(message),
  );

  it.each([[{}], [{ validation_regex: "^[a-z]*$" }], [{ options: [{ name: "None", value: "" }] }]])(
    "%j takes an empty text",
    (rule) => expect(problem(parameter(rule), "")).toBeUndefined(),
  );

  it("names a parameter that the template does not have, and those that it has", () => {
    const { problems } = resolveParameters([parameter({ name: "cpu" })], { cpus: "4" });
    expect(inEnglish(problems[0]?.message)).toBe('the template has no parameter "cpus"; it has cpu');
  });

  it("a required parameter without a default needs a value; one with a default does not", () => {
    expect(resolveParameters([parameter({ required: true })], {}).problems).toHaveLength(1);
    expect(resolveParameters([parameter({ default_value: "x", required: false })], {}).problems).toHaveLength(
      0,
    );
  });

  it("sends only what was given: defaults are the server's business", () => {
    const rules = [
      parameter({ name: "a", default_value: "1" }),
      parameter({ name: "b", default_value: "2" }),
    ];
    expect(resolveParameters(rules, { b: "3" }).values).toEqual([{ name: "b", value: "3" }]);
  });
});

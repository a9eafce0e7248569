import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { read, told } from "./support.ts";

/** The parameters that the only step is given. */
function parameters(text: string): unknown {
  const { scenario, problems } = read(text);
  expect(problems).toEqual([]);
  return scenario.steps[0]?.checked?.config.parameters;
}

const file = (values: string) => `parameters: ${values}\nsteps:\n  - create: { template: x }\n`;

describe("values of a scenario", () => {
  it("are sent as they stand: no number, no date and no yes becomes anything else", () => {
    const values =
      "{ a: 1.10, b: 017, c: yes, d: 0x1F, e: 1e3, f: 9007199254740993, g: true, h: 2026-01-02, i: .inf, j: 1_000, k: 1:30, l: \"a\\tb\", m: 'it''s' }";
    expect(parameters(file(values))).toEqual({
      ...{ a: "1.10", b: "017", c: "yes", d: "0x1F", e: "1e3", f: "9007199254740993", g: "true" },
      ...{ h: "2026-01-02", i: ".inf", j: "1_000", k: "1:30", l: "a\tb", m: "it's" },
    });
  });

  it("are lists as JSON of their texts, and texts of several lines as they are", () => {
    const text = `parameters:\n  list: [a, 1.10, "b c"]\n  none: []\n  script: |\n    one\n    two\nsteps:\n  - create: { template: x }\n`;
    expect(parameters(text)).toEqual({ list: '["a","1.10","b c"]', none: "[]", script: "one\ntwo\n" });
  });

  it("of plain words are just these words", () => {
    const word = fc
      .stringMatching(/^[A-Za-z0-9._+-]{1,12}$/)
      .filter((text) => !/^(-|\.{3}|null$|-{3})/i.test(text));
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 5 }), (words) => {
        const lines = words.map((text, at) => `  p${at}: ${text}`).join("\n");
        expect(parameters(`parameters:\n${lines}\nsteps:\n  - create: { template: x }\n`)).toEqual(
          Object.fromEntries(words.map((text, at) => [`p${at}`, text])),
        );
      }),
    );
  });

  it("in quotes are any text at all", () => {
    const text = fc.string({ unit: "grapheme" }).filter((one) => !one.includes("${"));
    fc.assert(
      fc.property(text, (one) => {
        expect(parameters(file(`{ p: ${JSON.stringify(one)} }`))).toEqual({ p: one });
      }),
    );
  });

  it("of a step win over those of the scenario, one by one", () => {
    const text = "parameters: { a: 1, b: 2 }\nsteps:\n  - create: { template: x, parameters: { b: 3 } }\n";
    expect(parameters(text)).toEqual({ a: "1", b: "3" });
  });

  it("name a pool for all steps that use what is there, and for none that deletes", () => {
    const text =
      "pool: night\ntemplate: x\nsteps:\n  - create: {}\n  - traffic: {}\n  - traffic: { pool: other }\n  - cleanup: {}\n";
    const { scenario, problems } = read(text);
    expect(problems).toEqual([]);
    expect(scenario.steps.map(({ checked }) => checked?.config.pool)).toEqual([
      "night",
      "night",
      "other",
      undefined,
    ]);
    expect(told("pool: Night!\nsteps:\n  - create: { template: x }\n")).toEqual([
      expect.stringMatching(/pool must be a letter, then letters or digits, eight at most$/),
    ]);
  });

  it("are variables that begin with SCALETEST_, and those that the caller names", () => {
    const text =
      'parameters: { a: "${SCALETEST_A}-${SCALETEST_B:-two}", b: "$${HOME}", c: "${REGION}" }\nsteps:\n  - create: { template: x, count: "${SCALETEST_N:-3}" }\n';
    const env = { SCALETEST_A: "one", REGION: "eu", HOME: "/root" };
    const { scenario, problems } = read(text, { env, envNames: ["REGION"] });
    expect(problems).toEqual([]);
    expect(scenario.steps[0]?.checked?.config).toMatchObject({
      count: 3,
      parameters: { a: "one-two", b: "${HOME}", c: "eu" },
    });
    // What a variable holds is no YAML, and is not looked through for others.
    const injected = read(text, { env: { ...env, SCALETEST_A: "${REGION} }, x: {" }, envNames: ["REGION"] });
    expect(injected.scenario.steps[0]?.checked?.config.parameters).toMatchObject({
      a: "${REGION} }, x: {-two",
    });
    expect(told(text, { env })).toEqual([
      "1:75 error: a file reads only variables that begin with SCALETEST_; allow this one with --env REGION",
    ]);
    expect(told(text, { env: { REGION: "eu" }, envNames: ["REGION"] })).toEqual([
      "1:19 error: SCALETEST_A is not set; set it, or write a default: ${SCALETEST_A:-default}",
    ]);
  });
});

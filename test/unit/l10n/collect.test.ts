import { describe, expect, it } from "vitest";
import { bundleOf, collectIn, textsIn } from "../../../scripts/l10n.ts";

const collected = (code: string) => collectIn(code, "src/x.ts");

describe("the texts of the code", () => {
  it("are found in calls, in forms, and where they are marked, whatever stands around them", () => {
    const code = `
      // say("in a comment")
      throw new Refusal(say(
        'no "{0}"', // why
        name,
      ));
      const shown: string = t("a\\"b {0}", text("say(1)")) as string;
      sayCount(2, { other: "{0} things", one: "{0} thing" }, \`\${say("within")}\`);
      const forms = { one: "{0} d", other: "{0} ds" };
      plural(3, forms);
      class A { x = words("later"); }
    `;
    expect(collected(code)).toEqual({
      messages: ['no "{0}"', 'a"b {0}', "{0} thing", "{0} things", "within", "{0} d", "{0} ds", "later"],
      problems: [],
    });
  });

  it("are no texts of what has another name, or is a method", () => {
    expect(collected('progress.say("a"); print("b"); import("c"); part({ one: 1, other: "d" });')).toEqual({
      messages: [],
      problems: [],
    });
  });

  it.each([
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is code, with a template in it.
    ["t(`a ${b}`)", "t(…) wants a literal"],
    ['say("a " + b)', "say(…) wants a literal"],
    ["words(text)", "words(…) wants a literal"],
    ['sayCount(1, { one: "a", other: b })', "sayCount(…) wants { one, other } of literals"],
    ['plural(1, { one: "one thing", other: "{0} things" })', "have to name the number both, or neither"],
  ])("that are put together, or cannot be translated, are refused: %s", (code, problem) => {
    expect(collected(code).problems).toEqual([expect.stringContaining(problem)]);
  });

  it("are those of a description that are for people, and none of its names", () => {
    const table = { id: "x", title: "Outcomes", by: [{ label: "outcome", title: "Outcome" }], none: "None." };
    expect(textsIn({ tables: [table], states: [{ id: "y", one: "{0} y", other: "{0} ys" }] })).toEqual([
      "Outcomes",
      "Outcome",
      "None.",
      "{0} y",
      "{0} ys",
    ]);
  });

  it("are their own translation in the bundle", () => {
    expect(JSON.parse(bundleOf(["a", "b"]))).toEqual({ a: "a", b: "b" });
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Arg,
  english,
  filled,
  foreign,
  hasNoWords,
  isSame,
  type Message,
  ofWords,
  say,
  sayAll,
  sayCount,
  withTexts,
} from "../../../src/text/message.ts";
import { SaidError, saidOf } from "../../../src/text/said-error.ts";
import { messageSchema } from "../../../src/text/schema.ts";
import { messagesIn } from "../../support/in-english.ts";

const WORKSPACES = { one: "{0} workspace of {1}", other: "{0} workspaces of {1}" };

/** JSON has no others, and no 0 below 0. */
const finite = fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0);

const messages: fc.Arbitrary<Message> = fc.letrec<{ message: Message; arg: Arg }>((tie) => ({
  message: fc.record(
    { id: fc.string(), one: fc.string(), args: fc.array(tie("arg"), { maxLength: 3 }) },
    { requiredKeys: ["id"] },
  ),
  arg: fc.oneof({ maxDepth: 3 }, fc.string(), finite, tie("message")),
})).message;

describe("a message in English", () => {
  it("has its arguments in their places, messages among them", () => {
    const cause = say("build failed: {0}", "exit status 1");
    expect(english(say("{0}: {1}", sayAll([say("{0} failed", 2), cause], "; "), cause))).toBe(
      "2 failed; build failed: exit status 1: build failed: exit status 1",
    );
    expect(english(say("{1} before {0}, and {2}", "b", "a"))).toBe("a before b, and {2}");
  });

  it("has the form of its number", () => {
    expect([0, 1, 2].map((count) => english(sayCount(count, WORKSPACES, "x")))).toEqual([
      "0 workspaces of x",
      "1 workspace of x",
      "2 workspaces of x",
    ]);
  });

  it("leaves what is not ours as it is, braces too", () => {
    for (const text of ["{0} {1}", "$& {0}", ""]) expect(english(foreign(text))).toBe(text);
    expect(english(say("failed: {0}", foreign("{0}")))).toBe("failed: {0}");
    expect(english(ofWords("{0} of {1}"))).toBe("{0} of {1}");
  });
});

describe("a message", () => {
  it.each([Number.NaN, Number.POSITIVE_INFINITY])("keeps its sentence where a number is %d", (number) => {
    for (const message of [say("{0} a second", number), sayCount(number, WORKSPACES, "a run")])
      expect(english(messageSchema.parse(JSON.parse(JSON.stringify(message))))).toContain(String(number));
  });

  it("stays the same on its way through JSON and the schema", () => {
    fc.assert(
      fc.property(messages, (message) => {
        const sent: unknown = JSON.parse(JSON.stringify(message));
        const read = messageSchema.parse(sent);
        expect(isSame(read, JSON.parse(JSON.stringify(message)))).toBe(true);
        expect(english(read)).toBe(english(JSON.parse(JSON.stringify(message))));
      }),
    );
  });

  it("of a version that had texts is that text, as somebody else's", () => {
    expect(messageSchema.parse("build failed: {0}")).toEqual(foreign("build failed: {0}"));
    expect(messageSchema.safeParse({ args: [] }).success).toBe(false);
    expect(messageSchema.safeParse({ id: "x", args: [{ text: "y" }] }).success).toBe(false);
  });

  it("is changed in all texts that it was given, however deep, and in none of its own", () => {
    fc.assert(
      fc.property(messages, (message) => {
        const hidden = withTexts(message, () => "***");
        const texts = messagesIn(hidden).flatMap(({ args = [] }) =>
          args.filter((arg) => typeof arg === "string"),
        );
        expect(texts.every((text) => text === "***")).toBe(true);
        expect(messagesIn(hidden).map(({ id }) => id)).toEqual(messagesIn(message).map(({ id }) => id));
      }),
    );
  });

  it("is told from another by all that it says", () => {
    const one = say("{0} of {1}", 1, say("two"));
    expect(isSame(one, say("{0} of {1}", 1, say("two")))).toBe(true);
    for (const other of [
      say("{0} of {1}", 1, say("three")),
      say("{0} of {1}", "1", say("two")),
      say("{0} of {1}", 1),
      say("{0} in {1}", 1, say("two")),
      undefined,
    ])
      expect(isSame(one, other)).toBe(false);
  });
});

describe("an id", () => {
  it("of places and signs alone is the same in all languages", () => {
    expect(["{0}", "{0}: {1}", "{0} × {1}", "{0}; {1} → 12"].map(hasNoWords)).toEqual([
      true,
      true,
      true,
      true,
    ]);
    expect(["{0} of {1}", "über", "等 {0}"].map(hasNoWords)).toEqual([false, false, false]);
  });

  it("is filled by position", () => {
    expect(filled("{0}{0} {10}", ["a"])).toBe("aa {10}");
  });
});

describe("an error", () => {
  it("of ours says its message in any language, and its English to whoever reads it as an error", () => {
    const error = new SaidError(say("no template {0}", "x"), { cause: "y" });
    expect([error.message, error.cause]).toEqual(["no template x", "y"]);
    expect(saidOf(error)).toEqual(say("no template {0}", "x"));
  });

  it("of somebody else says its text as it is", () => {
    expect(saidOf(new TypeError("x is not a function"))).toEqual(foreign("x is not a function"));
    expect(saidOf("thrown")).toEqual(foreign("thrown"));
  });
});

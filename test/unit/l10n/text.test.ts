import { afterEach, describe, expect, it } from "vitest";
import {
  formatCount,
  formatDuration,
  formatRate,
  formatTime,
  localFigure,
} from "../../../src/l10n/figures.ts";
import { listed, plural, resetTranslation, t, translateBy, wordsOf } from "../../../src/l10n/text.ts";
import { foreign, say, sayAll, sayCount } from "../../../src/text/message.ts";

afterEach(resetTranslation);

/** A translator that knows these messages only, as an editor's does. */
function speak(language: string, bundle: Record<string, string>): void {
  translateBy(
    (message, ...values) =>
      (bundle[message] ?? message).replace(/\{(\d+)\}/g, (_, index) => String(values[index])),
    language,
  );
}

describe("t", () => {
  it("fills in values, and leaves what is missing", () => {
    expect(t("{0} of {1}", 3, "four")).toBe("3 of four");
    expect(t("{0} and {1}", 1)).toBe("1 and {1}");
  });

  it("asks the bundle once there is one", () => {
    speak("de", { failed: "fehlgeschlagen" });
    expect(t("failed")).toBe("fehlgeschlagen");
    expect(t("passed")).toBe("passed");
  });
});

describe("plural", () => {
  const workspaces = (count: number) => plural(count, { one: "{0} workspace", other: "{0} workspaces" });

  it("has two forms in English", () => {
    expect([0, 1, 2, 12_480].map(workspaces)).toEqual([
      "0 workspaces",
      "1 workspace",
      "2 workspaces",
      "12,480 workspaces",
    ]);
  });

  it("puts the number first, and the other values after it", () => {
    const forms = { one: "{0} check of {1}", other: "{0} checks of {1}" };
    expect(plural(3, forms, "kubernetes")).toBe("3 checks of kubernetes");
  });

  it("has more forms where a language has them", () => {
    speak("pl", {
      "{0} workspace": "{0} obszar",
      "{0} workspaces": "{0} obszaru",
      "{0} workspaces/few": "{0} obszary",
      "{0} workspaces/many": "{0} obszarów",
    });
    expect([1, 2, 5, 22].map(workspaces)).toEqual(["1 obszar", "2 obszary", "5 obszarów", "22 obszary"]);
  });

  it("falls back to the second form where a bundle has no more", () => {
    speak("pl", { "{0} workspace": "{0} obszar", "{0} workspaces": "{0} obszarów" });
    expect([1, 2, 5].map(workspaces)).toEqual(["1 obszar", "2 obszarów", "5 obszarów"]);
  });

  it("takes the form of one for zero in French, and for 21 in Russian", () => {
    const forms = { "{0} workspace": "{0} un", "{0} workspaces": "{0} autres" };
    speak("fr", forms);
    expect([0, 1, 2].map(workspaces)).toEqual(["0 un", "1 un", "2 autres"]);
    speak("ru", forms);
    expect(workspaces(21)).toBe("21 un");
  });
});

describe("a message in the editor's language", () => {
  const bundle = {
    "{0} failed: {1}": "{1}, daran scheitern {0}",
    "{0} workspace": "{0} Arbeitsbereich",
    "{0} workspaces": "{0} Arbeitsbereiche",
    "build failed: {0}": "Bau missglückt: {0}",
  };

  it("has its forms, its order of words and its numbers, and so have the messages in it", () => {
    speak("de", bundle);
    const workspaces = (count: number) => sayCount(count, { one: "{0} workspace", other: "{0} workspaces" });
    expect(wordsOf(say("{0} failed: {1}", workspaces(1), say("build failed: {0}", "x")))).toBe(
      "Bau missglückt: x, daran scheitern 1 Arbeitsbereich",
    );
    expect(wordsOf(workspaces(12_480))).toBe("12.480 Arbeitsbereiche");
  });

  it("stays English where the bundle does not have it: a newer version says it", () => {
    speak("de", bundle);
    expect(wordsOf(say("a newer {0} of {1}", "thing", 1_250.5))).toBe("a newer thing of 1.250,5");
    expect(wordsOf(sayCount(1, { one: "{0} newer thing", other: "{0} newer things" }))).toBe("1 newer thing");
  });

  it("leaves what is not ours, and what is between the parts, as it is", () => {
    const asked: string[] = [];
    translateBy((message) => {
      asked.push(message);
      return `<${message}>`;
    }, "de");
    expect(wordsOf(sayAll([foreign("502 Bad Gateway"), say("gone")], "; "))).toBe("502 Bad Gateway; <gone>");
    expect(asked).toEqual(["gone"]);
  });
});

describe("numbers", () => {
  it("are written as in the language of the texts, units as ever", () => {
    expect([formatCount(12_480), formatDuration(1_530), formatRate(1_234_000)]).toEqual([
      "12,480",
      "1.53s",
      "1.23 MB/s",
    ]);
    speak("de", {});
    expect([formatCount(12_480), formatDuration(1_530), formatRate(1_234_000)]).toEqual([
      "12.480",
      "1,53s",
      "1,23 MB/s",
    ]);
    expect(localFigure("99.9 %")).toBe("99,9 %");
  });

  it("are English where the language is none that is known", () => {
    speak("xx-unheard-of", {});
    expect(formatCount(12_480)).toBe("12,480");
    speak("not a language", {});
    expect(formatDuration(1_530)).toBe("1.53s");
  });

  it("of a clock follow the language, too", () => {
    const at = new Date(2026, 10, 26, 15, 4).getTime();
    expect(formatTime(at, "short")).toMatch(/^3:04\sPM$/);
    speak("de", {});
    expect(formatTime(at, "short")).toBe("15:04");
  });
});

describe("a list", () => {
  it("is joined as the language does", () => {
    expect(listed(["3 workspaces", "2 users"])).toBe("3 workspaces, 2 users");
    expect(listed(["one"])).toBe("one");
    expect(listed([])).toBe("");
    speak("ja", {});
    expect(listed(["a", "b"])).toBe("a b");
  });
});

import { afterEach, describe, expect, it } from "vitest";
import { countWords, leftWords } from "../../src/l10n/left.ts";
import { resetTranslation, translateBy, wordsOf } from "../../src/l10n/text.ts";
import { leftText, sayLeft } from "../../src/protocol/left.ts";
import { JournalState } from "../../src/runs/journal-state.ts";
import { leftOf } from "../../src/runs/left.ts";
import { say } from "../../src/text/message.ts";

afterEach(resetTranslation);

describe("what is left", () => {
  it("is told by kind, and what there is none of is not told", () => {
    expect(leftText({ users: 8, workspaces: 8, tokens: 0 })).toBe("8 users and 8 workspaces");
    expect(leftText({ users: 0, workspaces: 1, tokens: 0 })).toBe("1 workspace");
    expect(leftText({ users: 1, workspaces: 2, tokens: 3 })).toBe(
      "1 user, 2 workspaces and 3 tokens of other users",
    );
    expect(leftText({ users: 0, workspaces: 0, tokens: 0 })).toBe("nothing");
    expect(leftWords({ users: 8, workspaces: 8, tokens: 0 })).toBe("8 users and 8 workspaces");
    expect(countWords(16, { users: 8, workspaces: 8, tokens: 0 })).toBe("8 users and 8 workspaces");
  });

  it("is told in the reader's language in a run's sentences", () => {
    const words: Record<string, string> = {
      "{0} users": "{0} Benutzer",
      "{0} workspaces": "{0} Arbeitsbereiche",
      "{0} and {1}": "{0} und {1}",
      "the journal names {0}": "das Protokoll nennt {0}",
    };
    translateBy(
      (message, ...values) =>
        (words[message] ?? message).replace(/\{(\d)\}/g, (_, index: string) => String(values[Number(index)])),
      "de",
    );
    expect(wordsOf(say("the journal names {0}", sayLeft({ users: 8, workspaces: 8, tokens: 0 })))).toBe(
      "das Protokoll nennt 8 Benutzer und 8 Arbeitsbereiche",
    );
  });

  it("counts in a journal what has to be cleaned up by itself: a user's own token goes with the user", () => {
    const state = new JournalState();
    for (const name of ["a", "b"]) {
      state.apply({ kind: "user", op: "exists", name });
      state.apply({ kind: "workspace", op: "exists", name, owner: name });
      state.apply({ kind: "token", op: "exists", name, owner: name });
    }
    state.apply({ kind: "token", op: "exists", name: "of-another", owner: "carol" });
    expect(leftOf(state)).toEqual({ users: 2, workspaces: 2, tokens: 1 });
  });
});

import { expect, it } from "vitest";
import { outcomeLeftText } from "../../../src/l10n/left.ts";
import type { Outcome } from "../../../src/protocol/snapshot.ts";
import { say } from "../../../src/text/message.ts";

const passed: Outcome = {
  verdict: "passed",
  summary: say(""),
  succeeded: 2,
  failed: 0,
  orphans: 0,
  kept: 0,
  exitCode: 0,
};
const none = { users: 0, workspaces: 0, tokens: 0 };
const told = (change: Partial<Outcome>) => outcomeLeftText({ ...passed, ...change });

it("of a run that has cleaned up after itself, speaks of that run only", () => {
  expect(told({})).toBe("nothing of this run is left on the server");
  expect(told({ left: none, removed: { users: 2, workspaces: 2, tokens: 2 } })).toBe(
    "nothing of this run is left on the server",
  );
});

it("of a clean-up of a part, says what remains, and of which runs", () => {
  const removed = { users: 2, workspaces: 2, tokens: 0 };
  const untouched = { users: 6, workspaces: 6, runs: ["cnvex8f2"], used: false };
  expect(told({ removed, untouched })).toBe(
    "2 users and 2 workspaces deleted; 6 users and 6 workspaces of other scale tests remain (cnvex8f2)",
  );
  expect(told({ removed, untouched: { users: 0, workspaces: 0, runs: [], used: false } })).toBe(
    "nothing of any scale test is left on the server",
  );
});

it("of a clean-up that has failed at some, says both", () => {
  expect(
    told({
      verdict: "failed",
      orphans: 3,
      left: { users: 1, workspaces: 2, tokens: 0 },
      untouched: { users: 0, workspaces: 1, runs: [], used: false },
    }),
  ).toBe("1 user and 2 workspaces left behind on the server; 1 workspace of other scale tests remain");
});

it("of traffic, says that the workspaces under it are still there", () => {
  const untouched = { users: 0, workspaces: 6, runs: ["cnvex8f2"], used: true };
  expect(told({ removed: { ...none, tokens: 6 }, untouched })).toBe("tokens revoked; 6 workspaces untouched");
  // Under the caller's own token there is none to revoke.
  expect(told({ untouched })).toBe("6 workspaces untouched");
  expect(told({ orphans: 2, left: { ...none, tokens: 2 }, untouched })).toBe(
    "2 tokens of other users left behind on the server; 6 workspaces untouched",
  );
});

it("does not take silence for an answer", () => {
  expect(told({ orphans: null })).toBe("the server could not be asked what is left on it");
  expect(told({ kept: 4, orphans: null })).toBe("4 users and workspaces kept on the server");
  expect(told({ verdict: "refused" })).toBe("nothing was created");
});

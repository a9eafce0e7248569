import { Writable } from "node:stream";
import { expect, it } from "vitest";
import { lineOf, Progress } from "../../src/cli/progress.ts";
import type { RunEvent } from "../../src/protocol/snapshot.ts";
import { foreign } from "../../src/text/message.ts";
import { fixtureSnapshot } from "../webview/fixtures.ts";

const event = (t: number, text: string): RunEvent => ({ t, level: "info", text: foreign(text) });

it("shows every event once, also where several have the same millisecond", () => {
  let written = "";
  const stream = new Writable({
    write: (chunk, _encoding, done) => {
      written += String(chunk);
      done();
    },
  });
  const progress = new Progress(stream as unknown as NodeJS.WriteStream);
  const show = (...events: RunEvent[]) => progress.show(fixtureSnapshot(10, 1_000, { events }));
  show(event(1, "one"), event(5, "two"), event(5, "three"));
  show(event(5, "two"), event(5, "three"), event(5, "four"));
  // The oldest are dropped from what is told, whatever came with them.
  show(event(5, "four"), event(6, "five"), event(6, "six"));
  const shown = written.match(/one|two|three|four|five|six/g);
  expect(shown).toEqual(["one", "two", "three", "four", "five", "six"]);
});

it("says where the answer turns, and not each time that its figures change", () => {
  let written = "";
  const stream = new Writable({
    write: (chunk, _encoding, done) => {
      written += String(chunk);
      done();
    },
  });
  const progress = new Progress(stream as unknown as NodeJS.WriteStream);
  const show = (holds: "yes" | "no" | "unknown", part: string) =>
    progress.show(
      fixtureSnapshot(10, 1_000, {
        answer: {
          ...{ holds, limited_by: "unknown", since: null, late: [] },
          parts: [foreign(part), foreign("because")],
          why: [{ text: foreign("rule"), applies: true }],
        },
      }),
    );
  show("unknown", "cannot tell yet");
  show("yes", "holds");
  show("yes", "holds by less");
  show("no", "does not hold");
  expect(written.match(/(?<=\] ).*; because/g)).toEqual(["holds; because", "does not hold; because"]);
});

it("says before all else that the session has expired, and how long there is to sign in again", () => {
  const since = Date.now();
  const sessionExpired = { since, until: since + 90_500, user: "admin" };
  expect(lineOf(fixtureSnapshot(10, 1_000, { sessionExpired }))).toMatch(
    /^00:01 {2}session expired, 01:(29|30) left to sign in again {2}/,
  );
});

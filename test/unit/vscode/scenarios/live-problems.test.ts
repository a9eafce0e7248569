import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Problem } from "../../../../src/scenario/problem.ts";
import type { ReadScenario } from "../../../../src/scenario/read.ts";
import { foreign } from "../../../../src/text/message.ts";
import { LiveProblems } from "../../../../src/vscode/features/scenario-files/live-problems.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function problem(text: string): Problem {
  const at = { line: 0, column: 0 };
  return { message: foreign(text), severity: "error", range: { start: at, end: at } };
}

/** A document whose problem is its text. `slow` texts take that long to read. */
function setUp(slow: Readonly<Record<string, number>> = {}) {
  const log: string[] = [];
  const asked: boolean[] = [];
  const document = {
    uri: { scheme: "file", path: "/a" },
    fileName: "/a",
    version: 1,
    text: "",
    getText: () => document.text,
  };
  const live = new LiveProblems<typeof document>({
    read: async ({ text }) => {
      if (slow[text]) await new Promise((done) => setTimeout(done, slow[text]));
      if (text === "broken") throw new Error("cannot be read");
      return { problems: [problem(text)] } as unknown as ReadScenario;
    },
    ofDeployment: async ({ problems }, { mayAsk }) => {
      asked.push(mayAsk);
      return mayAsk ? [problem(`deployment: ${problems[0]?.message.args?.[0]}`)] : [];
    },
    show: (_document, problems) => void log.push(problems.map(({ message }) => message.args?.[0]).join(", ")),
    failed: (error) => void log.push(String(error)),
  });
  const type = (text: string) => {
    document.text = text;
    document.version++;
    live.changed(document);
  };
  return { live, log, asked, type, document };
}

it("reads once somebody stops typing, and asks the deployment once they rest", async () => {
  const { log, asked, type } = setUp();
  for (const text of ["a", "ab", "abc"]) {
    type(text);
    await vi.advanceTimersByTimeAsync(150);
  }
  expect([log, asked]).toEqual([[], []]);
  await vi.advanceTimersByTimeAsync(100);
  expect([log, asked]).toEqual([["abc"], [false]]);
  await vi.advanceTimersByTimeAsync(1_000);
  expect([log, asked]).toEqual([
    ["abc", "abc, deployment: abc"],
    [false, true],
  ]);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked).toHaveLength(2);
});

it("never shows what is of an older text, however long that takes", async () => {
  const { log, type } = setUp({ old: 5_000 });
  type("old");
  await vi.advanceTimersByTimeAsync(300);
  type("new");
  await vi.advanceTimersByTimeAsync(10_000);
  expect(log).toEqual(["new", "new, deployment: new"]);
});

it("does not ask the deployment while somebody goes on typing", async () => {
  const { asked, type } = setUp();
  for (let key = 0; key < 20; key++) {
    type(`text ${key}`);
    await vi.advanceTimersByTimeAsync(600);
  }
  expect(asked.filter((mayAsk) => mayAsk)).toEqual([]);
});

it("shows nothing of a closed document, whatever is still under way", async () => {
  const { live, log, type, document } = setUp({ slow: 1_000 });
  type("slow");
  await vi.advanceTimersByTimeAsync(500);
  live.closed(document);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(log).toEqual([""]);
});

it("reads all again where something else has changed, and tells of what fails", async () => {
  const { live, log, type } = setUp();
  type("a");
  await vi.advanceTimersByTimeAsync(2_000);
  live.again();
  await vi.advanceTimersByTimeAsync(300);
  expect(log).toEqual(["a", "a, deployment: a", "a"]);
  type("broken");
  await vi.advanceTimersByTimeAsync(300);
  expect(log.slice(-2)).toEqual(["cannot be read", "Error: cannot be read"]);
  type("b");
  await vi.advanceTimersByTimeAsync(300);
  expect(log.at(-1)).toBe("b");
});

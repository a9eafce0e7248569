import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const HERE = fileURLToPath(new URL(".", import.meta.url));

/** What the sandbox does not do, as its section of the README says: GNU screen. */
const NOT_DONE = ["ws/pty-screen", "ws/pty-screen-host-buffered", "ws/pty-screen-echo-count"];

/** Every recording, by its folder and its name without the ending. */
function recordings(): string[] {
  return readdirSync(`${HERE}recordings`, { recursive: true, encoding: "utf8" })
    .filter((path) => /\.[a-z]+$/.test(path))
    .map((path) => path.replaceAll("\\", "/").replace(/\.[a-z]+$/, ""))
    .sort();
}

/** The strings of the contract tests: comments are no use of a recording, and neither are titles with more. */
function strings(): Set<string> {
  const found = new Set<string>();
  for (const file of readdirSync(HERE)) {
    if (!file.endsWith(".test.ts") || file === "coverage.test.ts") continue;
    const source = readFileSync(HERE + file, "utf8").replace(/^\s*(?:\/\/|\/?\*).*$/gm, "");
    for (const [, text = ""] of source.matchAll(/["'`]([^"'`\n]*)["'`]/g))
      found.add(text.replace(/^.*recordings\//, "").replace(/\.(?:json|txt|prom)$/, ""));
  }
  return found;
}

/** A recording is named whole, or without its folder where a test puts that before it. */
const isUsed = (used: ReadonlySet<string>, name: string) =>
  used.has(name) || used.has(name.slice(name.indexOf("/") + 1));

test("every recording is used by a contract test, or is said not to be done", () => {
  const used = strings();
  const all = recordings();
  expect(all.length).toBeGreaterThan(190);
  expect(all.filter((name) => !isUsed(used, name))).toEqual(NOT_DONE.toSorted());
});

test("a recording that nobody uses would be found", () => {
  expect(isUsed(strings(), "rest/never-recorded")).toBe(false);
});

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, expect, it } from "vitest";
import { descriptionOf } from "../../../../src/app/scenario/description.ts";
import { fileNameOf } from "../../../../src/app/scenario/file-name.ts";
import type { RunEntry } from "../../../../src/runs/run-list.ts";
import { LastResults } from "../../../../src/vscode/features/scenario-runs/last-results.ts";
import { Signal } from "../../../../src/vscode/signal.ts";

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** A run of the folder; one of a scenario has its file. */
function entry(
  id: string,
  title: string,
  options: { isScenario?: boolean; hasEnded?: boolean } = {},
): RunEntry {
  const { isScenario = true, hasEnded = true } = options;
  const folder = mkdtempSync(path.join(os.tmpdir(), "last-results-"));
  folders.push(folder);
  mkdirSync(folder, { recursive: true });
  if (isScenario) writeFileSync(path.join(folder, "scenario.yaml"), "steps: []\n");
  return { folder, file: { id, title }, ...(hasEnded ? { result: {} } : {}) } as unknown as RunEntry;
}

it("finds the results of a scenario, the newest first, and none of other runs with its name", async () => {
  const stored = [
    entry("going", "Nightly", { hasEnded: false }),
    entry("second", "Nightly"),
    entry("command", "Nightly", { isScenario: false }),
    entry("other", "Weekly"),
    entry("first", "Nightly"),
  ];
  const finished = new Signal<never>();
  const results = new LastResults({ stored: async () => stored, finished }, console);
  const ids = async (title: string) => (await results.of(title)).map(({ file }) => file.id);
  expect(await ids("Nightly")).toEqual(["second", "first"]);
  expect(await ids("nonesuch")).toEqual([]);
  let told = 0;
  results.changed.on(() => told++);
  stored.unshift(entry("third", "Nightly"));
  expect(await ids("Nightly")).toEqual(["second", "first"]);
  finished.emit(undefined as never);
  expect(told).toBe(1);
  expect(await ids("Nightly")).toEqual(["third", "second", "first"]);
});

it.each([
  ["Tuesday, nine o'clock", "tuesday-nine-o-clock.scaletest.yaml"],
  ["create 50 × kubernetes", "create-50-kubernetes.scaletest.yaml"],
  ["Früh um 9", "fruh-um-9.scaletest.yaml"],
  ["../../etc/passwd", "etc-passwd.scaletest.yaml"],
  ["…", "scenario.scaletest.yaml"],
])("gives %s a file's name", (name, file) => {
  expect(fileNameOf(name)).toBe(file);
});

it("says of every preset what it is, by its name and the comment that it begins with", () => {
  const files = readdirSync("examples").filter((name) => name.endsWith(".scaletest.yaml"));
  expect(files.length).toBeGreaterThan(5);
  for (const name of files) {
    const { title, description } = descriptionOf(readFileSync(path.join("examples", name), "utf8"));
    expect(title, name).toMatch(/\w/);
    expect(description, name).toMatch(/^[A-Z].*\.|ID$/);
  }
});

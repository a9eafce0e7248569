import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { hasUnended } from "../../../src/runs/unended.ts";

let runs: string;
beforeEach(() => {
  runs = mkdtempSync(path.join(tmpdir(), "unended-"));
});
afterEach(() => rmSync(runs, { recursive: true, force: true }));

function run(name: string, ...files: string[]): void {
  mkdirSync(path.join(runs, name));
  for (const file of ["run.json", ...files]) writeFileSync(path.join(runs, name, file), "{}");
}

it("finds none where nobody has made a run", async () => {
  expect(await hasUnended(runs)).toBe(false);
  expect(await hasUnended(path.join(runs, "none"))).toBe(false);
});

it("finds none among runs that are over, of this version and earlier ones, or were put away", async () => {
  run("2026-01-01T00-00-00-aaaaaaaa", "result.json");
  run("2026-01-02T00-00-00-bbbbbbbb", "summary.json", "result.json");
  run("2026-01-03T00-00-00-cccccccc", "dismissed");
  expect(await hasUnended(runs)).toBe(false);
});

it.each(["2025-12-31T00-00-00", "2026-01-04T00-00-00"])(
  "finds one that goes on (begun %s)",
  async (begun) => {
    run("2026-01-01T00-00-00-aaaaaaaa", "result.json");
    run(`${begun}-bbbbbbbb`, "journal.ndjson");
    expect(await hasUnended(runs)).toBe(true);
  },
);

it("finds one whose record is not written yet", async () => {
  mkdirSync(path.join(runs, "2026-01-04T00-00-00-bbbbbbbb"));
  expect(await hasUnended(runs)).toBe(true);
});

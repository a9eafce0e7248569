import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { FORMATS, parseOutputs } from "../../src/cli/outputs.ts";
import { resultText } from "../../src/cli/result-text.ts";
import { writeOutputs } from "../../src/cli/write-outputs.ts";
import { failedResult, NASTY } from "./app/report/results.ts";

let folder: string;
let stderr: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "scaletest-outputs-"));
  stderr = "";
  vi.stubEnv("GITHUB_STEP_SUMMARY", "");
  vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    stderr += String(text);
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

const file = (name: string) => path.join(folder, name);
const report = { result: failedResult("it failed"), json: "{}\n", record: undefined };

it("each format can be named, with a path that has colons in it", () => {
  const specs = FORMATS.map((format) => `${format}:${file(`${format}:1`)}`);
  expect(parseOutputs(specs)).toEqual(FORMATS.map((format) => ({ format, path: file(`${format}:1`) })));
});

it("what has no record of a run is written in each format all the same", () => {
  writeOutputs(parseOutputs(FORMATS.map((format) => `${format}:${file(format)}`)), report);
  for (const format of FORMATS) expect(readFileSync(file(format), "utf8"), format).not.toBe("");
  expect(stderr).toBe("");
});

it("a file that cannot be written is told, and the others are written", () => {
  const outputs = parseOutputs([`csv:${file("gone")}`, `junit:${file("junit")}`]);
  const [gone, ...others] = outputs;
  if (!gone) throw new Error("two outputs");
  const isWritten = writeOutputs([{ ...gone, path: path.join(folder, "no", "such") }, ...others], report);
  expect(isWritten).toBe(false);
  expect(stderr).toMatch(/^coder-scaletest: .*such could not be written \(no such file or directory\)\n$/);
  expect(readdirSync(folder)).toEqual(["junit"]);
});

it("a textfile is replaced in one step, and a device is written to", () => {
  writeFileSync(file("run.prom"), "yesterday");
  const before = statSync(file("run.prom")).ino;
  writeOutputs(parseOutputs([`prometheus-textfile:${file("run.prom")}`]), report);
  expect(statSync(file("run.prom")).ino).not.toBe(before);
  expect(readdirSync(folder)).toEqual(["run.prom"]);
  writeOutputs([{ format: "prometheus-textfile", path: "/dev/null" }], report);
  expect(stderr).toBe("");
});

it("a job's summary grows, and only with the github output", () => {
  vi.stubEnv("GITHUB_STEP_SUMMARY", file("summary.md"));
  writeOutputs(parseOutputs([`junit:${file("junit")}`]), report);
  expect(readdirSync(folder)).toEqual(["junit"]);
  for (let time = 0; time < 2; time++) writeOutputs(parseOutputs([`github:${file("github")}`]), report);
  expect(readFileSync(file("summary.md"), "utf8").match(/^## Scale test k3x9q2ab: failed$/gm)).toHaveLength(
    2,
  );
});

it.each(NASTY)("as text, %j makes no line of its own", (text) => {
  const lines = (of: string) => resultText(failedResult(of)).split(/\r\n|\r|\n/).length;
  expect(lines(text)).toBe(lines("plain"));
});

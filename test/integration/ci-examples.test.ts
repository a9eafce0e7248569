import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { dist, removeFolder } from "./product.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const [github = "", gitlab = ""] = [
  ...readFileSync(path.join(root, "docs", "ci.md"), "utf8").matchAll(/```yaml\n([\s\S]*?)```/g),
].map(([, text]) => text);

let folder: string;
let parser: typeof import("@actions/workflow-parser");
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "scaletest-ci-"));
  mkdirSync(path.join(folder, "scale"));
  const example = path.join(root, "examples", "nine-oclock.scaletest.yaml");
  copyFileSync(example, path.join(folder, "scale", "nightly.scaletest.yaml"));
  // As it is published, it imports JSON in a way that Node refuses.
  const outfile = path.join(folder, "workflow-parser.mjs");
  const options = { bundle: true, format: "esm", platform: "node", logLevel: "silent" } as const;
  await build({ ...options, entryPoints: ["@actions/workflow-parser"], absWorkingDir: root, outfile });
  parser = await import(/* @vite-ignore */ outfile);
});
afterAll(() => removeFolder(folder));

/** Runs a script as CI would, with `coder-scaletest run` only showing its plan. */
function runScript(script: string): string {
  const tool = `coder-scaletest() { if [ "$1" = run ]; then set -- "$@" --plan; fi; "${process.execPath}" "${path.join(dist, "cli.js")}" "$@"; }`;
  return execFileSync("bash", ["-ec", `${tool}\n${script}`], {
    cwd: folder,
    encoding: "utf8",
    env: { ...process.env, CODER_URL: "https://coder.example.com", CODER_SCALETEST_HOME: folder },
  });
}

describe("the examples for CI", () => {
  it("for GitHub Actions are a workflow whose commands are taken", () => {
    const content = { name: "scale.yml", content: github };
    const { context } = parser.parseWorkflow(content, new parser.NoOperationTraceWriter());
    expect(context.errors.getErrors()).toEqual([]);
    const { steps } = parse(github).jobs.nightly as { steps: { run?: string }[] };
    const scripts = steps.flatMap(({ run = "" }) => (run.includes("coder-scaletest ") ? [run] : []));
    expect(scripts.length).toBe(2);
    expect(scripts.map(runScript).join("")).toMatch(/nothing is wrong[\s\S]*create +│/);
  });

  it("for GitLab CI are a job whose commands are taken", () => {
    const job = parse(gitlab)["scale-test"];
    expect(job).toMatchObject({ image: "node:24", artifacts: { reports: { junit: "junit.xml" } } });
    const scripts = (job.script as string[]).filter((line) => line.startsWith("coder-scaletest "));
    expect(scripts.length).toBe(2);
    expect(scripts.map(runScript).join("")).toMatch(/nothing is wrong[\s\S]*create +│/);
  });
});

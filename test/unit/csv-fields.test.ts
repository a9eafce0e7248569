import { Command } from "commander";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addOptions, configOf } from "../../src/cli/workload-command.ts";
import { csvFields } from "../../src/protocol/csv-fields.ts";
import { workloadByName } from "../../src/workloads/index.ts";

/** The parameters that a command line and its environment come to. */
function parameters(args: string[], env: Record<string, string> = {}): unknown {
  const workload = workloadByName("create-workspaces");
  if (!workload) throw new Error("no workload");
  const command = new Command().exitOverride();
  addOptions(command, workload.fields);
  command.parse(["--template=t", ...args], { from: "user" });
  return configOf(workload, command.opts(), env).config.parameters;
}

describe("parameters, written as Coder's own command reads them", () => {
  it.each([
    ["several in one flag", ["--parameter", "region=eu,size=2"], { region: "eu", size: "2" }],
    ["a list, quoted", ["--parameter", '"tags=[""a"",""b""]"'], { tags: '["a","b"]' }],
    ["a list as it stands", ["--parameter", 'tags=["a","b"]'], { tags: '["a","b"]' }],
    ["a comma in quotes", ["--parameter", '"note=a, b"'], { note: "a, b" }],
    ["two flags", ["--parameter", "a=1", "--parameter", "b=x=y"], { a: "1", b: "x=y" }],
    ["several lines", ["--parameter", "script=one\ntwo"], { script: "one\ntwo" }],
    ["the same twice", ["--parameter", "a=1", "--parameter", "a=1"], { a: "1" }],
  ])("%s", (_what, args, expected) => {
    expect(parameters(args)).toEqual(expected);
  });

  it("by the variable in the same way", () => {
    const env = { CODER_RICH_PARAMETER: 'region=eu,"tags=[""a"",""b""]"' };
    expect(parameters([], env)).toEqual({ region: "eu", tags: '["a","b"]' });
  });

  it.each([
    [["--parameter", "a=1", "--parameter", "a=2"], /--parameter gives "a" two values$/],
    [["--parameter", "list=a,b"], /--parameter must be NAME=VALUE; number 2 of 2 is not$/],
  ])("%j is refused in one line", (args, message) => {
    expect(() => parameters(args)).toThrow(message);
  });

  it("has each text whole, whatever is in it, where it is quoted", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 5 }), (texts) => {
        const quoted = texts.map((text) => `"${text.replaceAll('"', '""')}"`).join(",");
        expect(csvFields(quoted)).toEqual(texts);
      }),
    );
  });
});

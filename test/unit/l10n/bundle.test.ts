import { globSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { BUNDLE, messagesIn, messagesInCode, WITH_TEXTS } from "../../../scripts/l10n.ts";

const read = (file: string): Record<string, string> => JSON.parse(readFileSync(file, "utf8"));

describe("the texts of the manifest", () => {
  const manifest = readFileSync("package.json", "utf8");
  const used = [...manifest.matchAll(/"%([\w.-]+)%"/g)].map(([, key]) => key ?? "").sort();
  const known = read("package.nls.json");

  it("are all there, and none is there for nothing", () => {
    expect(Object.keys(known).sort()).toEqual([...new Set(used)]);
  });

  it("are not left in the manifest itself", () => {
    const { contributes } = JSON.parse(manifest);
    for (const { title, command } of contributes.commands) expect(title, command).toMatch(/^%.*%$/);
    for (const { contents } of contributes.viewsWelcome) expect(contents).toMatch(/^%.*%$/);
  });

  it("link to commands that there are", () => {
    const commands = new Set(
      JSON.parse(manifest).contributes.commands.map(({ command }: { command: string }) => command),
    );
    const linked = Object.values(known).flatMap((text) => [...text.matchAll(/\(command:([\w.]+)\)/g)]);
    expect(linked.length).toBeGreaterThan(5);
    for (const [, command] of linked) expect(commands).toContain(command);
  });
});

describe("the texts of the code", () => {
  it("are those of the bundle: `npm run l10n` writes it anew", () => {
    expect(Object.keys(read(BUNDLE))).toEqual(messagesInCode());
  });

  it("are literals: a text that is put together cannot be looked up", () => {
    for (const file of globSync(WITH_TEXTS).filter((one) => path.dirname(one) !== path.join("src", "l10n"))) {
      const code = readFileSync(file, "utf8");
      for (const [call] of code.matchAll(/(?<![\w.])t\(\s*[^"'\s)][^)]*/g)) expect.soft(call, file).toBe("");
      for (const [call] of code.matchAll(/(?<![\w.])plural\([\s\S]{0,400}/g))
        expect.soft(call, file).toMatch(/^plural\([^{]*(\{\s*one: |\bforms\b)/);
    }
  });

  it("name the number in both forms: in other languages the first is not of one only", () => {
    for (const [one, other] of formsInCode()) {
      const counted = other.includes("{0}");
      expect.soft(one.includes("{0}"), one).toBe(counted);
    }
  });

  it("are found in calls, in forms, and where they are marked", () => {
    const code = `t("a {0}", 1); said('b "c"'); plural(2, { one: "{0} d", other: "{0} ds" }); part("no")`;
    expect(messagesIn(code)).toEqual(["a {0}", 'b "c"', "{0} d", "{0} ds"]);
  });
});

function formsInCode(): [string, string][] {
  return globSync(WITH_TEXTS).flatMap((file) =>
    [...readFileSync(file, "utf8").matchAll(/\bone:\s*"([^"]*)",\s*other:\s*"([^"]*)"/g)].map(
      ([, one = "", other = ""]): [string, string] => [one, other],
    ),
  );
}

import { globSync, readFileSync } from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import { BUNDLE, messagesInCode } from "../../../scripts/l10n.ts";
import { t, translateBy } from "../../../src/vscode/l10n.ts";

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
    for (const file of globSync("src/vscode/**/*.ts")) {
      const code = readFileSync(file, "utf8").replace(/^export function t\(.*$/m, "");
      for (const [call] of code.matchAll(/(?<![\w.])t\(\s*[^"'\s)][^)]*/g)) expect.soft(call, file).toBe("");
    }
  });
});

describe("t", () => {
  afterEach(() =>
    translateBy((message, ...values) => message.replace(/\{(\d+)\}/g, (_, at) => String(values[at]))),
  );

  it("fills in values, and leaves what is missing", () => {
    expect(t("{0} of {1}", 3, "four")).toBe("3 of four");
    expect(t("{0} and {1}", 1)).toBe("1 and {1}");
  });

  it("asks the editor once it is known", () => {
    translateBy((message) => message.toUpperCase());
    expect(t("failed")).toBe("FAILED");
  });
});

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

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

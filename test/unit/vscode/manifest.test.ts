import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { readManifest, withTasks } from "../../../scripts/manifest.ts";
import { LINE_CONTEXTS, SETTING_DEFAULTS } from "../../../src/vscode/ids.ts";

interface Entry {
  command?: string;
  view?: string;
  when?: string;
  enablement?: string;
}
const { contributes } = JSON.parse(readFileSync("package.json", "utf8"));
const clauses: string[] = [
  ...Object.values(contributes.menus as Record<string, Entry[]>).flat(),
  ...(contributes.commands as Entry[]),
  ...(contributes.viewsWelcome as Entry[]),
].flatMap(({ when, enablement }) => [when ?? [], enablement ?? []].flat());

/** What the pattern's group finds in the clauses, each once. */
function found(pattern: RegExp): string[] {
  return [
    ...new Set(clauses.flatMap((text) => [...text.matchAll(pattern)].map(([, one]) => one ?? ""))),
  ].sort();
}

describe("the manifest against the code", () => {
  it("has the settings that are read, and no other, with their defaults", () => {
    const properties: Record<string, { default?: unknown }> = contributes.configuration.properties;
    const defaults = Object.entries(properties).map(([key, setting]) => [key, setting.default]);
    const read = Object.entries(SETTING_DEFAULTS).map(([key, value]) => [`scaletest.${key}`, value]);
    expect(Object.fromEntries(defaults)).toEqual(Object.fromEntries(read));
  });

  it("says of each setting what it is, where it may be set, and in which order it stands", () => {
    for (const [key, setting] of Object.entries(contributes.configuration.properties)) {
      expect(setting, key).toMatchObject({
        markdownDescription: expect.stringMatching(/^%setting\./),
        scope: expect.any(String),
        order: expect.any(Number),
      });
    }
  });

  it("offers actions on lines that there are", () => {
    const exact = found(/viewItem == ([\w.]+)/g);
    const groups = found(/viewItem =~ \/\^(\w+\\\.\([\w|]+\))\$\//g).flatMap((group) => {
      const [head = "", names = ""] = group.split("\\.");
      return names
        .slice(1, -1)
        .split("|")
        .map((name) => `${head}.${name}`);
    });
    expect(exact.length + groups.length).toBeGreaterThan(8);
    for (const context of [...exact, ...groups]) expect(LINE_CONTEXTS, context).toContain(context);
  });

  it("places actions in views that there are", () => {
    const views = (contributes.views.scaletest as { id: string }[]).map(({ id }) => id).sort();
    expect(found(/view == ([\w.]+)/g)).toEqual(views);
    expect([...new Set((contributes.viewsWelcome as Entry[]).map(({ view }) => view))].sort()).toEqual(views);
  });

  it("describes tasks as the workloads' tables do (npm run manifest)", () => {
    const { manifest, texts } = readManifest();
    const made = withTasks(manifest, texts);
    expect(manifest).toEqual(made.manifest);
    expect(texts).toEqual(made.texts);
  });

  it("gives no property of a task a name that the editor keeps for itself", () => {
    const kept = [
      "type",
      "label",
      "taskName",
      "command",
      "args",
      "options",
      "group",
      "presentation",
      "detail",
    ];
    const others = [
      "problemMatcher",
      "runOptions",
      "dependsOn",
      "dependsOrder",
      "isBackground",
      "icon",
      "hide",
    ];
    const names = Object.keys(contributes.taskDefinitions[0].properties);
    expect(names.filter((name) => [...kept, ...others].includes(name))).toEqual([]);
  });
});

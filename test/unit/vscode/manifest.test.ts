import { globSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { readManifest, withTasks } from "../../../scripts/manifest.ts";

interface Entry {
  command?: string;
  view?: string;
  when?: string;
  enablement?: string;
}
const { contributes } = JSON.parse(readFileSync("package.json", "utf8"));
const code = (glob: string) =>
  globSync(glob)
    .map((file) => readFileSync(file, "utf8"))
    .join("\n");
const all = code("src/vscode/**/*.ts");
const clauses: string[] = [
  ...Object.values(contributes.menus as Record<string, Entry[]>).flat(),
  ...(contributes.commands as Entry[]),
  ...(contributes.viewsWelcome as Entry[]),
].flatMap(({ when, enablement }) => [when ?? [], enablement ?? []].flat());

/** What the pattern's group finds, each once. */
function found(texts: readonly string[], pattern: RegExp): string[] {
  return [
    ...new Set(texts.flatMap((text) => [...text.matchAll(pattern)].map(([, one]) => one ?? ""))),
  ].sort();
}

describe("the manifest against the code", () => {
  it("has the settings that are read, and no other", () => {
    const read = found([code("src/vscode/settings.ts")], /read(?:<[^>]*>+)?\(\s*["'`]([\w.]+)["'`]/g);
    const limits = found([code("src/vscode/settings.ts")], /\["(count)", "(?:connections)", "(?:rate)"\]/g);
    expect(limits).toEqual(["count"]);
    const known = [...read, "limits.count", "limits.connections", "limits.rate"].map(
      (key) => `scaletest.${key}`,
    );
    expect(Object.keys(contributes.configuration.properties).sort()).toEqual(known.sort());
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

  it("asks for context keys that the code sets, and all of them", () => {
    const keys = found([code("src/vscode/ids.ts")], /\| "(scaletest\.\w+)"/g);
    const views = (contributes.views.scaletest as { id: string }[]).map(({ id }) => id);
    const used = found(clauses, /(?:^|[\s!(&|])(scaletest\.\w+)/g).filter((key) => !views.includes(key));
    expect(used).toEqual(keys);
    expect(found([all], /\b(?:setContextKey|follow)\("(scaletest\.\w+)"/g)).toEqual(keys);
  });

  it("offers actions on lines that there are", () => {
    const exact = found(clauses, /viewItem == ([\w.]+)/g);
    const groups = found(clauses, /viewItem =~ \/\^(\w+\\\.\([\w|]+\))\$\//g).flatMap((group) => {
      const [head = "", names = ""] = group.split("\\.");
      return names
        .slice(1, -1)
        .split("|")
        .map((name) => `${head}.${name}`);
    });
    const contexts = new Set([
      ...found([all], /"((?:run|history|detail)\.\w+)"/g),
      "deployment.staging",
      "deployment.other",
    ]);
    expect(exact.length + groups.length).toBeGreaterThan(8);
    for (const context of [...exact, ...groups]) expect(contexts, context).toContain(context);
  });

  it("places actions in views that there are", () => {
    const views = (contributes.views.scaletest as { id: string }[]).map(({ id }) => id).sort();
    expect(found(clauses, /view == ([\w.]+)/g)).toEqual(views);
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

import assert from "node:assert/strict";
import { commands, extensions } from "vscode";
import {
  CONTAINER,
  DEPLOYMENTS_VIEW,
  LEFTOVERS_VIEW,
  RUNS_VIEW,
  SCENARIOS_VIEW,
} from "../../src/vscode/ids.ts";
import { activated, EXTENSION } from "./support.ts";

interface Manifest {
  contributes: {
    commands: { command: string; title: string; category: string }[];
    menus: Record<string, { command: string }[]>;
    views: Record<string, { id: string }[]>;
    viewsWelcome: { view: string; contents: string }[];
  };
}

function manifest(): Manifest {
  return extensions.getExtension(EXTENSION)?.packageJSON as Manifest;
}

describe("the manifest", () => {
  before(activated);

  it("contributes exactly the commands that the code registers", async () => {
    const registered = (await commands.getCommands(true)).filter(
      (id) =>
        id.startsWith("scaletest.") &&
        !/\.(focus|open|resetViewLocation|removeView|toggleVisibility)$/.test(id),
    );
    const contributed = manifest().contributes.commands.map(({ command }) => command);
    assert.deepEqual(registered.sort(), contributed.sort());
  });

  it("puts every command under one category", () => {
    for (const { command, category } of manifest().contributes.commands)
      assert.equal(category, "Scale Test", command);
  });

  it("names only its own commands in menus and welcome texts", () => {
    const known = new Set(manifest().contributes.commands.map(({ command }) => command));
    const inMenus = Object.values(manifest().contributes.menus)
      .flat()
      .map(({ command }) => command);
    const inTexts = manifest().contributes.viewsWelcome.flatMap(({ contents }) =>
      [...contents.matchAll(/command:([\w.]+)/g)].map((match) => match[1] ?? ""),
    );
    known.add("workbench.action.openWalkthrough");
    for (const command of [...inMenus, ...inTexts]) assert.ok(known.has(command), command);
  });

  it("has the views that the code fills", () => {
    const views = manifest().contributes.views[CONTAINER]?.map(({ id }) => id);
    assert.deepEqual(views, [SCENARIOS_VIEW, RUNS_VIEW, DEPLOYMENTS_VIEW, LEFTOVERS_VIEW]);
  });
});

import { beforeEach, expect, it, vi } from "vitest";
import { type Message, say } from "../../../src/text/message.ts";
import { SaidError } from "../../../src/text/said-error.ts";

const editor = vi.hoisted(() => ({
  shown: [] as string[][],
  opened: [] as unknown[][],
  chosen: undefined as string | undefined,
}));
vi.mock("vscode", () => ({
  window: {
    showErrorMessage: async (...all: string[]) => {
      editor.shown.push(all);
      return editor.chosen;
    },
  },
  commands: { executeCommand: async (...all: unknown[]) => void editor.opened.push(all) },
  workspace: {
    getConfiguration: () => ({
      inspect: (id: string) =>
        ["scaletest.thresholds", "http.proxy"].includes(id) ? { defaultValue: "" } : {},
    }),
  },
  l10n: {},
  env: { language: "en" },
}));

const { showError } = await import("../../../src/vscode/ui/show-error.ts");

beforeEach(() => {
  editor.shown.length = 0;
  editor.opened.length = 0;
  editor.chosen = "Open Settings";
});

const of = (said: Message) => new SaidError(said);

it.each([
  [
    "an argument",
    of(say('{0}: "{1}": {2}', "scaletest.thresholds", "p95<", say("no limit"))),
    "scaletest.thresholds",
  ],
  ["an argument of an argument", of(say("{0}: no URL", say("the setting {0}", "http.proxy"))), "http.proxy"],
])("an error that names a setting as %s offers to open it", async (_where, error, setting) => {
  showError(error);
  await vi.waitFor(() =>
    expect(editor.opened).toEqual([["workbench.action.openSettings", `@id:${setting}`]]),
  );
  expect(editor.shown).toEqual([[error.message, "Open Settings"]]);
});

it("opens nothing where somebody closes the error", async () => {
  editor.chosen = undefined;
  showError(of(say("the setting {0}", "http.proxy")));
  await vi.waitFor(() => expect(editor.shown.length).toBe(1));
  await Promise.resolve();
  expect(editor.opened).toEqual([]);
});

it.each([
  new Error("http.proxy"),
  of(say("{0} is not there", "dev.coder.example")),
  of(say("{0} of {1}", 3, "4")),
])("offers nothing where no setting is named: %s", async (error) => {
  showError(error);
  await vi.waitFor(() => expect(editor.shown).toEqual([[error.message]]));
});

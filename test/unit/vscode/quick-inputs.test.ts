import { beforeEach, describe, expect, it, vi } from "vitest";
import { waitFor } from "../../support/wait-for.ts";

/** The editor's boxes: one is shown at a time, and whatever takes its place hides it. */
const editor = vi.hoisted(() => {
  type Listener = (value?: unknown) => void;
  class Box {
    title = "";
    value = "";
    items: { label: string; choice?: unknown }[] = [];
    selectedItems: unknown[] = [];
    activeItems: unknown[] = [];
    busy = false;
    listeners = new Map<string, Listener>();
    on = (name: string) => (listener: Listener) => {
      this.listeners.set(name, listener);
      return { dispose: () => undefined };
    };
    onDidHide = this.on("hide");
    onDidAccept = this.on("accept");
    onDidChangeValue = this.on("change");
    onDidTriggerButton = this.on("button");
    show(): void {
      const before = state.shown;
      state.shown = this;
      if (before && before !== this) before.listeners.get("hide")?.();
    }
    leave(): void {
      state.shown = undefined;
      this.listeners.get("hide")?.();
    }
    dispose(): void {
      if (state.shown === this) state.shown = undefined;
    }
    accept(answer?: string): void {
      if (answer !== undefined) this.value = answer;
      this.selectedItems = this.items.slice(0, 1);
      this.listeners.get("accept")?.();
    }
  }
  const state: { shown: Box | undefined; Box: typeof Box } = { shown: undefined, Box };
  return state;
});
vi.mock("vscode", () => ({
  window: {
    createQuickPick: () => new editor.Box(),
    createInputBox: () => new editor.Box(),
  },
  QuickInputButtons: { Back: {} },
  QuickPickItemKind: { Separator: -1 },
  ThemeIcon: class {},
}));

const { quickInputs } = await import("../../../src/vscode/ui/quick-inputs.ts");
const place = { back: false };
const shown = () => waitFor(() => editor.shown ?? Promise.reject(new Error("nothing is shown")));
const titled = (title: string) =>
  waitFor(() => {
    if (editor.shown?.title !== title) throw new Error(`"${editor.shown?.title}" is shown`);
    return editor.shown;
  });
beforeEach(() => {
  editor.shown = undefined;
});

describe("a question in the middle of another", () => {
  /** Templates are to be chosen from, for which somebody has to sign in first, by address and token. */
  function choosing() {
    const choices = (async () => {
      // A token is looked for first, and there is none.
      await Promise.resolve();
      await quickInputs.ask({ ...place, title: "Address", prompt: "" });
      const token = await quickInputs.ask({ ...place, title: "Token", prompt: "" });
      if (token === undefined) throw new Error("not signed in");
      return [{ label: "kubernetes", value: "k" }];
    })();
    return quickInputs.choose({ ...place, title: "Template", placeholder: "", choices });
  }

  it("hides that one for a while: when it is answered, the other goes on", async () => {
    const answer = choosing();
    (await titled("Address")).accept("coder.example.com");
    (await titled("Token")).accept("a-token");
    const template = await titled("Template");
    await waitFor(() => expect(template.items).toHaveLength(1));
    template.accept();
    expect(await answer).toBe("k");
  });

  it("that comes from elsewhere ends nothing either, answered or left", async () => {
    const answer = quickInputs.ask({ ...place, title: "Count", prompt: "", value: "10" });
    const signIn = quickInputs.ask({ ...place, title: "Token", prompt: "" });
    (await titled("Token")).leave();
    expect(await signIn).toBeUndefined();
    const count = await titled("Count");
    expect(count.value).toBe("10");
    count.accept("12");
    expect(await answer).toBe("12");
  });

  it("that is left without the answer that the other needs ends it with a reason", async () => {
    const answer = choosing();
    const told = expect(answer).rejects.toThrow("not signed in");
    (await titled("Address")).accept("coder.example.com");
    (await titled("Token")).leave();
    await told;
    expect(editor.shown).toBeUndefined();
  });
});

it("a box that is hidden by the person is left", async () => {
  const answer = quickInputs.ask({ ...place, title: "Count", prompt: "" });
  (await shown()).leave();
  expect(await answer).toBeUndefined();
});

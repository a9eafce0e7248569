import {
  type QuickInput,
  QuickInputButtons,
  type QuickPickItem,
  QuickPickItemKind,
  ThemeIcon,
  window,
} from "vscode";
import {
  type Answer,
  type AskOptions,
  BACK,
  type Choice,
  type ChooseManyOptions,
  type ChooseOptions,
  type Inputs,
  type Place,
} from "./inputs.ts";

interface Line<T> extends QuickPickItem {
  choice?: Choice<T>;
}

/** The editor's own input boxes and pick lists. */
export const quickInputs: Inputs = { choose, chooseMany, ask };

function choose<T>(options: ChooseOptions<T>): Promise<Answer<T>> {
  const box = window.createQuickPick<Line<T>>();
  place(box, options);
  box.placeholder = options.placeholder;
  box.matchOnDescription = true;
  box.matchOnDetail = true;
  box.buttons = options.back ? [QuickInputButtons.Back] : [];
  return settle<T>(box, (resolve, reject) => {
    box.busy = true;
    Promise.resolve(options.choices).then((choices) => {
      box.busy = false;
      box.items = linesOf(choices);
      const isActive = options.active;
      const active =
        isActive && box.items.find(({ choice }) => choice?.value !== undefined && isActive(choice.value));
      if (active) box.activeItems = [active];
      const { typed } = options;
      if (typed)
        box.onDidChangeValue((text) => {
          const own = typed(text);
          // It does not have to be like what is typed: an error says something else.
          const lines = own ? linesOf([own]).map((line) => ({ ...line, alwaysShow: true })) : [];
          box.items = [...lines, ...linesOf(choices)];
        });
    }, reject);
    box.onDidTriggerButton(() => resolve(BACK));
    box.onDidAccept(() => {
      const value = box.selectedItems[0]?.choice?.value;
      if (value !== undefined) resolve(value);
    });
  });
}

function chooseMany<T>(options: ChooseManyOptions<T>): Promise<Answer<readonly T[]>> {
  const box = window.createQuickPick<Line<T>>();
  place(box, options);
  box.placeholder = options.placeholder;
  box.canSelectMany = true;
  box.matchOnDescription = true;
  box.matchOnDetail = true;
  box.items = linesOf(options.choices);
  const isPicked = options.picked;
  if (isPicked)
    box.selectedItems = box.items.filter(
      ({ choice }) => choice?.value !== undefined && isPicked(choice.value),
    );
  box.buttons = options.back ? [QuickInputButtons.Back] : [];
  return settle<readonly T[]>(box, (resolve) => {
    box.onDidTriggerButton(() => resolve(BACK));
    box.onDidAccept(() => resolve(box.selectedItems.flatMap(({ choice }) => choice?.value ?? [])));
  });
}

function ask(options: AskOptions): Promise<Answer<string>> {
  const box = window.createInputBox();
  place(box, options);
  box.prompt = options.prompt;
  box.value = options.value ?? "";
  box.placeholder = options.placeholder ?? "";
  box.password = options.password ?? false;
  const link = options.link
    ? { iconPath: new ThemeIcon("link-external"), tooltip: options.link.tooltip }
    : undefined;
  box.buttons = [...(options.back ? [QuickInputButtons.Back] : []), ...(link ? [link] : [])];
  let checks = 0;
  /** Shows what is wrong with the value. An answer that a newer one has overtaken is dropped. */
  const check = async (): Promise<boolean> => {
    const mine = ++checks;
    const problem = await options.validate?.(box.value);
    if (mine === checks) box.validationMessage = problem ?? "";
    return problem === undefined;
  };
  return settle<string>(box, (resolve, reject) => {
    box.onDidChangeValue(() => void check().catch(reject));
    box.onDidTriggerButton((button) => {
      if (button === QuickInputButtons.Back) resolve(BACK);
      else options.link?.open();
    });
    box.onDidAccept(() => {
      box.busy = true;
      box.enabled = false;
      check().then((fine) => {
        box.busy = false;
        box.enabled = true;
        if (fine) resolve(box.value);
      }, reject);
    });
  });
}

function place(box: QuickInput, { title, step }: Place): void {
  box.title = title;
  box.step = step;
  // Whoever looks up a token in the browser comes back to the same box.
  box.ignoreFocusOut = true;
}

/** Questions that are not answered yet, the newest last. */
const open: { box: QuickInput; isCovered: boolean }[] = [];

/**
 * The editor shows one box at a time. A question that comes while another is open (a sign-in in the middle of the
 * steps) hides that one, which is no answer to it: it is shown again when the newer one is settled.
 */
function settle<T>(
  box: QuickInput,
  listen: (resolve: (answer: Answer<T>) => void, reject: (reason: unknown) => void) => void,
): Promise<Answer<T>> {
  const mine = { box, isCovered: false };
  return new Promise<Answer<T>>((resolve, reject) => {
    box.onDidHide(() => {
      if (!mine.isCovered) resolve(undefined);
    });
    listen(resolve, reject);
    for (const other of open) other.isCovered = true;
    open.push(mine);
    box.show();
  }).finally(() => {
    const wasOnTop = open.at(-1) === mine;
    open.splice(open.indexOf(mine), 1);
    box.dispose();
    const below = open.at(-1);
    if (!wasOnTop || !below) return;
    below.isCovered = false;
    below.box.show();
  });
}

function linesOf<T>(choices: readonly Choice<T>[]): Line<T>[] {
  return choices.flatMap((choice) => {
    const line: Line<T> = { label: choice.label, choice };
    if (choice.description) line.description = choice.description;
    if (choice.detail) line.detail = choice.detail;
    return choice.group ? [{ label: choice.group, kind: QuickPickItemKind.Separator }, line] : [line];
  });
}

import type { Disposable, ExtensionContext } from "vscode";

/**
 * What has a feature begin though nobody has asked it for anything, such as a run that goes on. It is looked for, at little
 * cost, a while after the window is there; `due` is called when it is found, once or more often.
 */
export type Occasion = (context: ExtensionContext, due: () => void) => Disposable;

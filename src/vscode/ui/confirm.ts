import { window } from "vscode";

/** A modal question; false where the person declines. */
export async function confirm(question: string, detail: string, action: string): Promise<boolean> {
  return (await window.showWarningMessage(question, { modal: true, detail }, action)) === action;
}

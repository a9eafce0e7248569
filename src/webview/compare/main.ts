import "../l10n.ts";
import {
  type ComparePageState,
  type FromComparePage,
  toComparePageSchema,
} from "../../protocol/compare-page.ts";
import { ComparePage } from "./page.ts";
import "../styles/base.css";
import "../styles/compare.css";

declare function acquireVsCodeApi(): {
  postMessage(message: FromComparePage): void;
  getState(): unknown;
  setState(state: ComparePageState): void;
};

const editor = acquireVsCodeApi();
const page = new ComparePage(document.body, {
  post: (message) => editor.postMessage(message),
  getState: () => editor.getState(),
  setState: (state) => editor.setState(state),
});
window.addEventListener("message", (event) => {
  const message = toComparePageSchema.safeParse(event.data);
  if (message.success) page.receive(message.data);
});
editor.postMessage({ type: "ready" });

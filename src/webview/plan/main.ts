import "../l10n.ts";
import { type FromPlanPage, toPlanPageSchema } from "../../protocol/plan-page.ts";
import { PlanPage } from "./page.ts";
import "../styles/base.css";
import "../styles/plan.css";

declare function acquireVsCodeApi(): {
  postMessage(message: FromPlanPage): void;
  setState(state: unknown): void;
};

const editor = acquireVsCodeApi();
const page = new PlanPage(document.body, (message) => editor.postMessage(message));
window.addEventListener("message", (event) => {
  const message = toPlanPageSchema.safeParse(event.data);
  if (!message.success) return;
  // What it takes to come back with the window.
  editor.setState({ uri: message.data.uri });
  page.update(message.data);
});
editor.postMessage({ type: "ready" });

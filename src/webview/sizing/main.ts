import "../l10n.ts";
import { type FromSizingPage, toSizingPageSchema } from "../../protocol/sizing-page.ts";
import { SizingPage } from "./page.ts";
import "../styles/base.css";
import "../styles/sizing.css";

declare function acquireVsCodeApi(): { postMessage(message: FromSizingPage): void };

const editor = acquireVsCodeApi();
const page = new SizingPage(document.body, (message) => editor.postMessage(message));
window.addEventListener("message", (event) => {
  const message = toSizingPageSchema.safeParse(event.data);
  if (message.success) page.receive(message.data);
});
editor.postMessage({ type: "ready" });

import { t } from "../l10n/text.ts";
import { h, setAttribute, setText } from "./dom.ts";

/** One sentence about something that was asked for and could not be done; in sight wherever one has scrolled. */
export function createNotice() {
  const text = h("span");
  const close = h("button", { type: "button", class: "icon", "aria-label": t("Dismiss") }, "✕");
  const node = h("div", { class: "notice", role: "alert" }, text, close);
  node.hidden = true;
  close.addEventListener("click", () => {
    node.hidden = true;
  });

  function show(level: "info" | "error", sentence: string): void {
    setText(text, sentence);
    setAttribute(node, "data-tone", level === "error" ? "bad" : undefined);
    node.hidden = sentence === "";
  }

  return { node, show };
}

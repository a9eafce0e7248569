import { t } from "../l10n/text.ts";
import { errorIn } from "../protocol/log-error.ts";
import { h } from "./dom.ts";

/** Lines before the error that are in sight, too. */
const LINES_BEFORE = 3;

/** A log, open at the line that says what went wrong, which is marked. */
export function createLogView() {
  const node = h("pre", { class: "log", tabindex: "0", role: "region", "aria-label": t("Log") });
  let drawn: string | undefined;
  let mark: HTMLElement | undefined;
  // It may be drawn before anybody sees it.
  new ResizeObserver(() => reveal()).observe(node);
  let isRevealed = false;

  function reveal(): void {
    if (isRevealed || !mark || node.clientHeight === 0) return;
    isRevealed = true;
    const line = Number.parseFloat(getComputedStyle(node).lineHeight) || 16;
    node.scrollTop = Math.max(0, mark.offsetTop - LINES_BEFORE * line);
  }

  /** `said`: what the failure says of itself; undefined: nothing has failed, and nothing is marked. */
  function draw(log: string, said: string | undefined): void {
    const key = `${said ?? ""}\n${log}`;
    if (key === drawn) return;
    drawn = key;
    isRevealed = false;
    const block = said === undefined ? undefined : errorIn(log, said);
    if (!block) {
      mark = undefined;
      node.replaceChildren(log);
      return;
    }
    const lines = log.split("\n");
    const text = (from: number, until: number) =>
      lines
        .slice(from, until)
        .map((line) => `${line}\n`)
        .join("");
    mark = h("mark", {}, text(block.from, block.until));
    node.replaceChildren(text(0, block.from), mark, text(block.until, lines.length));
    reveal();
  }

  return { node, draw };
}

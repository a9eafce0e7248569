import { formatCount } from "../../l10n/figures.ts";
import { plural, t, wordsOf } from "../../l10n/text.ts";
import { errorIn } from "../../protocol/log-error.ts";
import type { Cause, WorkspaceRow } from "../../protocol/snapshot.ts";
import { isSame } from "../../text/message.ts";
import { type Drawn, h, setAttribute, setHidden, setText } from "../dom.ts";
import { createLogView } from "../log-view.ts";
import type { Port } from "../port.ts";

/** Failures of one cause, as they are drawn. */
export interface ShownFailure {
  cause: Cause;
  isOpen: boolean;
  /** Of the example; undefined while it is on its way, or where it is not known. */
  row: WorkspaceRow | undefined;
  /** Where the deployment shows the example's build; undefined where it does not. */
  page: string | undefined;
  /** The runner can still be asked for what it does not keep. */
  live: boolean;
}

export interface FailureActions {
  toggle(cause: Cause): void;
  showWorkspace(name: string): void;
  showAll(cause: Cause): void;
}

let failures = 0;

export function createFailure(port: Port, actions: FailureActions): Drawn<ShownFailure> {
  const id = `failure-${++failures}`;
  const arrow = h("span", { class: "arrow", "aria-hidden": "true" });
  const count = h("span", { class: "times number" });
  const text = h("span", { class: "cause" });
  const toggle = h("button", { type: "button", class: "toggle", "aria-controls": id }, arrow, count, text);
  const example = h("button", { type: "button", class: "link example" });
  const message = h("p", { class: "message" });
  const log = createLogView();
  const none = h("p", { class: "empty" });
  const copy = button(t("Copy"));
  const openLog = button(t("Open Log in Editor"));
  const openBuildLog = button(t("Open Whole Build Log"));
  const all = button("");
  const page = h("a", { target: "_blank", rel: "noreferrer noopener" }, t("Open in Dashboard"));
  const buttons = h("div", { class: "buttons" }, copy, openLog, openBuildLog, all, page);
  const body = h("div", { class: "failure-body", id }, message, log.node, none, buttons);
  const node = h("li", {}, h("div", { class: "failure-head" }, toggle, example), body);
  let shown: ShownFailure | undefined;

  toggle.addEventListener("click", () => shown && actions.toggle(shown.cause));
  example.addEventListener("click", () => shown && actions.showWorkspace(shown.cause.example.workspace));
  all.addEventListener("click", () => shown && actions.showAll(shown.cause));
  copy.addEventListener("click", () => shown && port.post({ type: "copy", text: copied(shown) }));
  for (const [one, type] of [
    [openLog, "openLog"],
    [openBuildLog, "openBuildLog"],
  ] as const)
    one.addEventListener("click", () => {
      if (shown?.row) port.post({ type, step: shown.row.step, index: shown.row.index });
    });

  function update(next: ShownFailure): void {
    shown = next;
    const { cause, isOpen, row } = next;
    setAttribute(toggle, "aria-expanded", String(isOpen));
    setText(arrow, isOpen ? "▾" : "▸");
    setText(count, `${formatCount(cause.count)}×`);
    setText(text, wordsOf(cause.cause));
    setText(example, cause.example.workspace);
    setAttribute(example, "title", t("Show this workspace in the table"));
    setHidden(body, !isOpen);
    if (!isOpen) return;
    setText(message, messageOf(cause));
    setHidden(message, message.textContent === "");
    log.draw(row?.log ?? "", row?.log ? saidOf(next) : undefined);
    setHidden(log.node, !row?.log);
    setHidden(none, row === undefined || row.log !== undefined);
    setText(none, t("No log was kept of {0}.", cause.example.workspace));
    setHidden(openLog, !row?.log);
    setHidden(openBuildLog, !(next.live && row?.workspaceId !== undefined));
    setText(all, plural(cause.count, { one: "Show {0} Workspace", other: "Show All {0} Workspaces" }));
    setHidden(page, next.page === undefined);
    setAttribute(page, "href", next.page);
  }

  return { node, update };
}

function button(text: string): HTMLButtonElement {
  return h("button", { type: "button", class: "secondary" }, text);
}

/** The server's own words, where they say more than the cause does. */
function messageOf({ cause, example }: Cause): string {
  const [short, long] = [wordsOf(cause), wordsOf(example.message)];
  const message = isSame(example.message, cause) || short.includes(long) ? "" : long;
  if (!example.requestId) return message;
  const request = t("(request {0})", example.requestId);
  return message ? `${message} ${request}` : request;
}

function saidOf({ cause, row }: ShownFailure): string {
  return wordsOf(row?.error ?? cause.example.message);
}

/** What says most of a failure to somebody else: who, what, and the lines of the log that say it. */
function copied(shown: ShownFailure): string {
  const { cause, row } = shown;
  const log = row?.log ?? "";
  const block = errorIn(log, saidOf(shown));
  const lines = block ? log.split("\n").slice(block.from, block.until) : [];
  return [`${cause.example.workspace}: ${saidOf(shown)}`, ...(lines.length > 0 ? ["", ...lines] : [])].join(
    "\n",
  );
}

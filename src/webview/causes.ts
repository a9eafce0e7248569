import { formatCount } from "../l10n/figures.ts";
import { plural, t, wordsOf } from "../l10n/text.ts";
import type { Cause } from "../protocol/snapshot.ts";
import type { StepView } from "../protocol/steps.ts";
import { english, isSame } from "../text/message.ts";
import { type Drawn, h, KeyedList, setText } from "./dom.ts";
import { createSection } from "./section.ts";

/** Errors by cause, the most frequent first, each with an example that leads to its workspace. */
export function createCauses(showWorkspace: (name: string) => void) {
  const body = h("tbody");
  const list = new KeyedList<Cause>(
    body,
    (cause) => `${cause.id} ${english(cause.cause)}`,
    () => createCause(showWorkspace),
  );
  const head = h(
    "thead",
    {},
    h(
      "tr",
      {},
      h("th", { scope: "col" }, t("Cause")),
      h("th", { scope: "col", class: "number" }, t("Count")),
      h("th", { scope: "col" }, t("Example")),
    ),
  );
  const table = h("table", { class: "plain causes" }, head, body);
  const empty = h("p", { class: "empty" }, t("No errors."));
  const more = h("p", { class: "empty" });
  const section = createSection(t("Errors"), t("by cause"), table, empty, more);

  function update({ causes, causesOmitted }: Pick<StepView, "causes" | "causesOmitted">): void {
    table.hidden = causes.length === 0;
    empty.hidden = causes.length > 0;
    more.hidden = causesOmitted === 0;
    setText(more, plural(causesOmitted, { one: "and {0} other cause", other: "and {0} other causes" }));
    list.update(causes);
  }

  return { node: section.node, update };
}

function createCause(showWorkspace: (name: string) => void): Drawn<Cause> {
  const text = h("span", { class: "cause" });
  const message = h("span", { class: "message" });
  const count = h("td", { class: "number" });
  const example = h("button", { type: "button", class: "link" });
  example.addEventListener("click", () => showWorkspace(example.textContent ?? ""));
  const mark = h("span", { class: "dot", "data-tone": "bad", "aria-hidden": "true" });
  const node = h("tr", {}, h("td", {}, mark, text, message), count, h("td", { class: "name" }, example));
  return {
    node,
    update(cause) {
      setText(text, wordsOf(cause.cause));
      setText(message, exampleMessage(cause));
      message.hidden = message.textContent === "";
      setText(count, formatCount(cause.count));
      setText(example, cause.example.workspace);
    },
  };
}

/** The server's own words, where they say more than the cause does. */
function exampleMessage({ cause, example }: Cause): string {
  const message = isSame(example.message, cause) ? "" : wordsOf(example.message);
  if (!example.requestId) return message;
  const request = t("(request {0})", example.requestId);
  return message ? `${message} ${request}` : request;
}

import { formatCount } from "../../l10n/figures.ts";
import { listed, plural, t, wordsOf } from "../../l10n/text.ts";
import { errorIn } from "../../protocol/log-error.ts";
import type { Cause, Step, WorkspaceRow } from "../../protocol/snapshot.ts";
import { english, isSame } from "../../text/message.ts";
import { h } from "../dom.ts";

/** Names of a cause that are told. */
const MOST_NAMES = 20;
/** Lines of a log from its first error. */
const MOST_LINES = 8;
const NAMES = new Intl.Collator("en", { numeric: true });

/**
 * Why it failed, the most frequent cause first: the server's words, the log from its first error, and who it was.
 * undefined where nothing did.
 */
export function createFailures(
  { causes, causesOmitted }: Pick<Step, "causes" | "causesOmitted">,
  rows: readonly WorkspaceRow[],
): HTMLElement | undefined {
  if (causes.length === 0) return undefined;
  const more = plural(causesOmitted, { one: "and {0} other cause", other: "and {0} other causes" });
  return h(
    "div",
    {},
    h("ol", { class: "failures" }, ...causes.map((cause) => createFailure(cause, rows))),
    ...(causesOmitted > 0 ? [h("p", { class: "empty" }, more)] : []),
  );
}

function createFailure(cause: Cause, rows: readonly WorkspaceRow[]): HTMLElement {
  const { example } = cause;
  const those = rows.filter((row) => row.cause && english(row.cause) === english(cause.cause));
  const log = rows.find(({ name }) => name === example.workspace)?.log;
  const message = isSame(example.message, cause.cause) ? "" : wordsOf(example.message);
  const request = example.requestId ? t("(request {0})", example.requestId) : "";
  const node = h(
    "li",
    {},
    h(
      "p",
      { class: "cause" },
      h("strong", { class: "count", "data-tone": "bad" }, `${formatCount(cause.count)}×`),
      " ",
      wordsOf(cause.cause),
    ),
  );
  if (message || request)
    node.append(h("p", { class: "message" }, [message, request].filter(Boolean).join(" ")));
  const lines = log && fromError(log, english(example.message));
  if (lines) node.append(h("pre", { "aria-label": t("Log of {0}", example.workspace) }, lines));
  node.append(
    h(
      "p",
      { class: "note" },
      namesText(those.length > 0 ? those.map(({ name }) => name) : [example.workspace]),
    ),
  );
  return node;
}

/** From the line that the panel opens a log at; of a log that names no error, what led to its end. */
function fromError(log: string, said: string): string {
  const lines = log.trimEnd().split("\n");
  const { from = 0 } = errorIn(log, said) ?? {};
  const isMereEnd = from >= lines.length - 1 && !/error/i.test(lines[from] ?? "");
  const begin = isMereEnd ? Math.max(0, lines.length - MOST_LINES) : from;
  return lines.slice(begin, begin + MOST_LINES).join("\n");
}

function namesText(names: readonly string[]): string {
  const sorted = [...names].sort(NAMES.compare);
  const shown = listed(sorted.slice(0, MOST_NAMES));
  const rest = sorted.length - MOST_NAMES;
  return rest > 0 ? t("{0} and {1} more", shown, formatCount(rest)) : shown;
}

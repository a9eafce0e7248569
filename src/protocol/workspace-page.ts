import type * as z from "zod";
import { english, type Message } from "../text/message.ts";
import type { workspacesParams, workspacesResult } from "./messages.ts";
import type { WorkspaceRow } from "./snapshot.ts";

type Query = z.output<typeof workspacesParams>;
type Page = z.output<typeof workspacesResult>;

/** One page of the table of workspaces: filtered, sorted, cut. Rows without a value sort last. */
export function workspacePage(rows: readonly WorkspaceRow[], query: Query): Page {
  const text = query.filter.trim().toLowerCase();
  const matching = rows.filter(
    (row) =>
      (query.step === undefined || row.step === query.step) &&
      (query.state === undefined || row.state === query.state) &&
      (query.cause === undefined || englishOf(row.cause) === query.cause) &&
      (text === "" || matches(row, text)),
  );
  if (query.sort !== "index" || query.descending) matching.sort(order(query));
  return { rows: matching.slice(query.offset, query.offset + query.limit), total: matching.length };
}

function matches(row: WorkspaceRow, text: string): boolean {
  return [row.name, row.owner, englishOf(row.error), englishOf(row.cause)].some((value) =>
    value.toLowerCase().includes(text),
  );
}

function order(query: Query): (a: WorkspaceRow, b: WorkspaceRow) => number {
  const sign = query.descending ? -1 : 1;
  const [field = "", name = ""] = query.sort.split(".");
  const valueIn = (row: WorkspaceRow) => (field === "values" ? row.values?.[name] : plainValue(row, field));
  return (a, b) => {
    const [x, y] = [valueIn(a), valueIn(b)];
    if (x === y) return a.index - b.index;
    if (x === undefined) return 1;
    if (y === undefined) return -1;
    return compared(x, y) * sign;
  };
}

let byName: Intl.Collator | undefined;

/** Numbers in a name count as numbers: 2 comes before 10. */
function compared(a: string | number, b: string | number): number {
  if (typeof a !== "string" || typeof b !== "string") return a < b ? -1 : 1;
  // Not before it is asked for: the editor waits for what is made when the extension starts.
  byName ??= new Intl.Collator("en", { numeric: true });
  return byName.compare(a, b);
}

function plainValue(row: WorkspaceRow, field: string): string | number | undefined {
  if (field === "doing" || field === "cause" || field === "error") return row[field] && english(row[field]);
  const value = row[field as keyof WorkspaceRow];
  return typeof value === "string" || typeof value === "number" ? value : undefined;
}

function englishOf(message: Message | undefined): string {
  return message ? english(message) : "";
}

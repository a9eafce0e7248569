import type { WorkspacesPage } from "../../protocol/messages.ts";
import type { FromPanel } from "../../protocol/panel.ts";
import type { WorkspaceRow } from "../../protocol/snapshot.ts";
import type { TableQuery } from "./query.ts";

const PAGE = 100;
/** An answer that has not come by then is asked for again. */
const PATIENCE_MS = 5_000;

/** Positions from `first` up to, not including, `end`. */
export interface Range {
  first: number;
  end: number;
}

type Ask = (request: number, query: Extract<FromPanel, { type: "page" }>["query"]) => void;

/**
 * The rows of the table, of which only the pages around the visible part are ever fetched. A page that is
 * being fetched anew keeps showing what it had.
 */
export class Rows {
  readonly #ask: Ask;
  readonly #changed: () => void;
  readonly #now: () => number;
  #query: TableQuery;
  #pages = new Map<number, WorkspaceRow[]>();
  #pending = new Map<number, { page: number; since: number }>();
  #request = 0;
  #total: number | undefined;

  constructor(query: TableQuery, ask: Ask, changed: () => void, now: () => number = () => performance.now()) {
    this.#query = query;
    this.#ask = ask;
    this.#changed = changed;
    this.#now = now;
  }

  /** Rows that the query finds; undefined until an answer has come. */
  get total(): number | undefined {
    return this.#total;
  }

  at(position: number): WorkspaceRow | undefined {
    return this.#pages.get(Math.floor(position / PAGE))?.[position % PAGE];
  }

  setQuery(query: TableQuery): void {
    this.#query = query;
    this.#pages.clear();
    // An answer to the old query may still come; nothing knows its number any more.
    this.#pending.clear();
  }

  /** Fetches what is missing of a range. */
  want({ first, end }: Range): void {
    for (const page of pagesOf(first, end)) if (!this.#pages.has(page)) this.#fetch(page);
  }

  /** Fetches the visible pages anew, and forgets those that are not, which are old by then. */
  refresh(ranges: readonly Range[]): void {
    const visible = new Set(ranges.flatMap(({ first, end }) => pagesOf(first, end)));
    for (const page of this.#pages.keys()) if (!visible.has(page)) this.#pages.delete(page);
    for (const page of visible) this.#fetch(page);
  }

  /** Takes an answer. False where it is not one of this table's. */
  receive(request: number, answer: WorkspacesPage): boolean {
    const pending = this.#pending.get(request);
    if (!pending) return false;
    this.#pending.delete(request);
    this.#pages.set(pending.page, answer.rows);
    this.#total = answer.total;
    this.#changed();
    return true;
  }

  #fetch(page: number): void {
    for (const [request, pending] of this.#pending) {
      if (this.#now() - pending.since > PATIENCE_MS) this.#pending.delete(request);
      else if (pending.page === page) return;
    }
    const request = ++this.#request;
    this.#pending.set(request, { page, since: this.#now() });
    const { state, ...query } = this.#query;
    this.#ask(request, { ...query, ...(state ? { state } : {}), offset: page * PAGE, limit: PAGE });
  }
}

function pagesOf(first: number, end: number): number[] {
  const from = Math.floor(Math.max(0, first) / PAGE);
  const to = Math.floor(Math.max(0, end - 1) / PAGE);
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

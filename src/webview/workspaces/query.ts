import * as z from "zod";
import { workspacesParams } from "../../protocol/messages.ts";

/** What the table shows: everything of a query but its place. Kept while the panel is hidden. */
export const tableQuerySchema = z.object({
  sort: workspacesParams.shape.sort,
  descending: workspacesParams.shape.descending,
  filter: workspacesParams.shape.filter,
  state: workspacesParams.shape.state,
});
export type TableQuery = z.output<typeof tableQuerySchema>;

export const FIRST_QUERY: TableQuery = { sort: "index", descending: false, filter: "", state: undefined };

/** A click on a column's heading: sorts by it, and turns the order round when it already was. */
export function sortedBy(query: TableQuery, sort: TableQuery["sort"], largestFirst = false): TableQuery {
  if (query.sort === sort) return { ...query, descending: !query.descending };
  return { ...query, sort, descending: largestFirst };
}

export function isSameQuery(one: TableQuery, other: TableQuery): boolean {
  return (
    one.sort === other.sort &&
    one.descending === other.descending &&
    one.filter === other.filter &&
    one.state === other.state
  );
}

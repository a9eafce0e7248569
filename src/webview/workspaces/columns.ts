import { formatValue } from "../../l10n/shown.ts";
import type { Description, FigureUnit } from "../../protocol/description.ts";
import type { WorkspaceRow } from "../../protocol/snapshot.ts";

/** A column of the table that the run describes. */
export type OwnColumn = Description["columns"][number];

const UNITS: Record<OwnColumn["unit"], FigureUnit> = { bytes: "bytes", count: "count", ms: "duration" };

/** A row's number of a column, as it is written. */
export function columnValue({ id, unit }: OwnColumn, row: WorkspaceRow | undefined): string {
  const value = row?.values?.[id];
  return value === undefined ? "–" : formatValue(value, UNITS[unit]);
}

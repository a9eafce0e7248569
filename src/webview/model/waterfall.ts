import { formatDuration } from "../../l10n/figures.ts";
import { listed, t, wordsOf } from "../../l10n/text.ts";
import { formatClock } from "../../protocol/duration.ts";
import type { WorkspaceRow } from "../../protocol/snapshot.ts";
import type { Described } from "./described.ts";
import { phasesInOrder } from "./life.ts";

/** Height of the rows in CSS pixels, the gap below each included: as high as lets all of them be seen. */
const ROW_HEIGHTS = [14, 10, 6, 4] as const;
const LOWEST = 4;
/** Of the part with the rows; there is more to scroll to where they are higher together. */
export const MOST_HEIGHT = 288;

export interface Geometry {
  rowHeight: number;
  /** Of the part with the rows. */
  height: number;
  total: number;
}

export function geometryOf(total: number): Geometry {
  const rowHeight = ROW_HEIGHTS.find((height) => total * height <= MOST_HEIGHT) ?? LOWEST;
  return { rowHeight, height: Math.min(MOST_HEIGHT, Math.max(1, total) * rowHeight), total };
}

/** Rows of which at least a line of pixels is in sight. */
export function rowsInSight(
  { rowHeight, height, total }: Geometry,
  scrollTop: number,
): { first: number; end: number } {
  const first = Math.max(0, Math.floor(scrollTop / rowHeight));
  return { first, end: Math.min(Math.max(total, 1), Math.ceil((scrollTop + height) / rowHeight)) };
}

/** The row at a height below the upper edge; undefined below the last. */
export function rowAt({ rowHeight, total }: Geometry, scrollTop: number, y: number): number | undefined {
  const position = Math.floor((scrollTop + y) / rowHeight);
  return position >= 0 && position < total ? position : undefined;
}

/** Where to scroll to, so that a row is in sight. */
export function revealed({ rowHeight, height }: Geometry, scrollTop: number, position: number): number {
  const top = position * rowHeight;
  if (top < scrollTop) return top;
  return top + rowHeight > scrollTop + height ? top + rowHeight - height : scrollTop;
}

/** A row in words, for a screen reader. */
export function spokenRow(row: WorkspaceRow, described: Described): string {
  const phases = phasesInOrder(row, described.phaseOrder).map(
    (name) => `${described.phaseLabel(name)} ${formatDuration(row.phases[name] ?? 0)}`,
  );
  const state = described.states.label(row.state);
  const parts = [
    row.name,
    row.cause ? `${state}: ${wordsOf(row.cause)}` : state,
    row.startedAt === undefined ? t("pending") : t("started at {0}", formatClock(row.startedAt)),
    ...phases,
  ];
  return listed(parts);
}

import { formatClock } from "../../protocol/duration.ts";
import type { WorkspaceRow } from "../../protocol/snapshot.ts";
import type { Palette } from "../charts/palette.ts";
import { idleAfterFailure, lifeOf, openPart, type RunTime } from "../model/life.ts";
import type { Geometry } from "../model/waterfall.ts";
import { type Span, timeTicks } from "../time/time-axis.ts";

/** Room for numbers at the left, as in the charts, and for the time below. */
export const GUTTER = 40;
export const FOOT = 22;
/** Room at the right, so that the last label of time is not cut off; the charts have the same. */
export const RIGHT = 18;

/** Width of the mark of a failure. */
const MARK = 7;

/** A part of the time that is being marked with the pointer, in seconds. */
export type Mark = Span | undefined;

export interface Picture {
  width: number;
  geometry: Geometry;
  scrollTop: number;
  first: number;
  end: number;
  span: Span;
  time: RunTime;
  rowAt(position: number): WorkspaceRow | undefined;
  selected: number | undefined;
  hovered: number | undefined;
  cursor: number | undefined;
  mark: Mark;
}

/** Where a moment of the run's time is, in pixels from the left. */
export function xOf(seconds: number, { min, max }: Span, width: number): number {
  return GUTTER + ((seconds - min) / (max - min)) * Math.max(1, width - GUTTER - RIGHT);
}

export function secondsAt(x: number, { min, max }: Span, width: number): number {
  const share = (x - GUTTER) / Math.max(1, width - GUTTER - RIGHT);
  return min + Math.min(1, Math.max(0, share)) * (max - min);
}

/** Draws what is in sight, and nothing else: its cost does not depend on how many workspaces there are. */
export function paintWaterfall(pen: CanvasRenderingContext2D, palette: Palette, picture: Picture): void {
  const { width, geometry } = picture;
  pen.clearRect(0, 0, width, geometry.height + FOOT);
  paintTimes(pen, palette, picture);
  pen.save();
  pen.beginPath();
  pen.rect(0, 0, width, geometry.height);
  pen.clip();
  for (let position = picture.first; position < picture.end; position++) {
    paintRow(pen, palette, picture, position);
  }
  pen.restore();
  paintEdges(pen, palette, picture);
  paintNumbers(pen, palette, picture);
  paintPointer(pen, palette, picture);
}

function paintTimes(pen: CanvasRenderingContext2D, palette: Palette, picture: Picture): void {
  const { width, geometry, span } = picture;
  pen.textAlign = "center";
  pen.textBaseline = "alphabetic";
  for (const tick of timeTicks(span, width - GUTTER - RIGHT, 70)) {
    const x = Math.round(xOf(tick, span, width));
    pen.fillStyle = palette.line;
    pen.fillRect(x, 0, 1, geometry.height);
    pen.fillStyle = palette.text;
    pen.fillText(formatClock(tick * 1_000), x, geometry.height + FOOT - 6);
  }
}

function paintRow(pen: CanvasRenderingContext2D, palette: Palette, picture: Picture, position: number): void {
  const { geometry, scrollTop, width, time } = picture;
  const { elapsedMs, described } = time;
  const y = position * geometry.rowHeight - scrollTop;
  const height = Math.max(2, geometry.rowHeight - (geometry.rowHeight > 4 ? 2 : 1));
  if (position === picture.selected || position === picture.hovered) {
    pen.fillStyle = palette.of("--selected");
    pen.fillRect(GUTTER, y, width - GUTTER - RIGHT, geometry.rowHeight);
  }
  const row = picture.rowAt(position);
  if (row?.startedAt === undefined) return;
  const life = lifeOf(row, described.phaseOrder);
  for (const { name, from, ms } of life) {
    paintPart(pen, picture, palette.of(described.phaseColours.variable(name)), from, from + ms, y, height);
  }
  const open = openPart(row, life, time);
  if (open) {
    pen.globalAlpha = 0.45;
    paintPart(pen, picture, palette.of(described.states.area(row.state)), open.from, elapsedMs, y, height);
    pen.globalAlpha = 1;
  }
  if (described.states.kind(row.state) === "failed")
    paintFailure(pen, palette, picture, idleAfterFailure(row, life, time), y, height);
}

function paintPart(
  pen: CanvasRenderingContext2D,
  { span, width }: Picture,
  colour: string,
  from: number,
  until: number,
  y: number,
  height: number,
): void {
  const left = xOf(Math.max(span.min, from / 1_000), span, width);
  const right = xOf(Math.min(span.max, until / 1_000), span, width);
  if (from / 1_000 > span.max || until / 1_000 < span.min) return;
  pen.fillStyle = colour;
  pen.fillRect(left, y, Math.max(1, right - left), height);
}

/** A failure, and the time for which the workspace was there for nothing. */
function paintFailure(
  pen: CanvasRenderingContext2D,
  palette: Palette,
  picture: Picture,
  { from: end, until }: { from: number; until: number },
  y: number,
  height: number,
): void {
  const { span, width } = picture;
  const red = palette.of("--area-red");
  pen.globalAlpha = 0.28;
  paintPart(pen, picture, red, end, until, y, height);
  pen.globalAlpha = 1;
  if (end / 1_000 < span.min || end / 1_000 > span.max) return;
  pen.fillStyle = red;
  pen.fillRect(Math.min(xOf(end / 1_000, span, width), width - RIGHT - MARK), y, MARK, height);
}

/** Lines above and below the chosen row: a shade alone is not seen in every theme. */
function paintEdges(
  pen: CanvasRenderingContext2D,
  palette: Palette,
  { geometry, scrollTop, width, selected }: Picture,
): void {
  if (selected === undefined) return;
  const y = selected * geometry.rowHeight - scrollTop;
  pen.fillStyle = palette.of("--chosen-edge");
  for (const edge of [y - 1, y + geometry.rowHeight - 1]) {
    if (edge >= -1 && edge < geometry.height) pen.fillRect(GUTTER, edge, width - GUTTER - RIGHT, 1);
  }
}

/** Numbers of the workspaces at the left, as far apart as their text needs. */
function paintNumbers(pen: CanvasRenderingContext2D, palette: Palette, picture: Picture): void {
  const { geometry, scrollTop, first, end } = picture;
  const step = [1, 2, 5, 10, 20, 50].find((rows) => rows * geometry.rowHeight >= 28) ?? 50;
  pen.textAlign = "right";
  pen.textBaseline = "top";
  pen.fillStyle = palette.text;
  for (let position = Math.ceil(first / step) * step; position < end; position += step) {
    const row = picture.rowAt(position);
    const y = position * geometry.rowHeight - scrollTop;
    if (row && y >= 0 && y + 12 <= geometry.height + 6)
      pen.fillText(String(row.index), GUTTER - 6, Math.max(2, y - 1));
  }
}

function paintPointer(pen: CanvasRenderingContext2D, palette: Palette, picture: Picture): void {
  const { width, geometry, span, cursor, mark } = picture;
  if (mark) {
    const left = xOf(Math.max(span.min, mark.min), span, width);
    pen.globalAlpha = 0.15;
    pen.fillStyle = palette.of("--foreground");
    pen.fillRect(left, 0, xOf(Math.min(span.max, mark.max), span, width) - left, geometry.height);
    pen.globalAlpha = 1;
  }
  if (cursor === undefined || cursor < span.min || cursor > span.max) return;
  pen.fillStyle = palette.text;
  const x = Math.round(xOf(cursor, span, width));
  for (let y = 0; y < geometry.height; y += 6) pen.fillRect(x, y, 1, 3);
}

/** A part of the run's time: marked by hand, in seconds, or the newest seconds; undefined is all of it. */
export type Zoom = { min: number; max: number } | { last: number } | undefined;

/** Seconds from `min` to `max`. */
export interface Span {
  min: number;
  max: number;
}

/** Less than this cannot be marked: a slip of the hand is no zoom. */
const SHORTEST_S = 1;

/** The run's time as everything in the panel shows it: which part of it, and where the shared cursor is. */
export class TimeAxis {
  #zoom: Zoom;
  #cursor: number | undefined;
  #end = 0;
  #zoomed = new Set<() => void>();
  #pointed = new Set<(source: unknown) => void>();

  get zoom(): Zoom {
    return this.#zoom;
  }

  /** Seconds; undefined while nothing is pointed at. */
  get cursor(): number | undefined {
    return this.#cursor;
  }

  /** What is shown now. */
  get span(): Span {
    return spanOf(this.#zoom, this.#end);
  }

  /** The run has come so far, in seconds. */
  extend(end: number): void {
    this.#end = Math.max(this.#end, end);
  }

  zoomTo(zoom: Zoom): void {
    if (zoom && "min" in zoom && zoom.max - zoom.min < SHORTEST_S) return;
    this.#zoom = zoom;
    for (const listener of this.#zoomed) listener();
  }

  /** Plus and minus zoom, arrows move what is shown, zero shows all; false where a key is for something else. */
  press(key: string): boolean {
    const span = zoomedBy(key, this.span);
    if (!span && key !== "0") return false;
    this.zoomTo(span && withinRun(span, this.#end));
    return true;
  }

  /** Moves the cursor; `source` is whoever moved it, and need not be told. */
  point(cursor: number | undefined, source: unknown): void {
    if (this.#cursor === cursor) return;
    this.#cursor = cursor;
    for (const listener of this.#pointed) listener(source);
  }

  onZoom(listener: () => void): void {
    this.#zoomed.add(listener);
  }

  onPoint(listener: (source: unknown) => void): void {
    this.#pointed.add(listener);
  }
}

/** Seconds between two labels of a time scale. */
export const TIME_STEPS = [
  1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 43_200, 86_400,
];

/** Round seconds within a span, at least `apart` pixels from one another on a scale of `width` pixels. */
export function timeTicks({ min, max }: Span, width: number, apart: number): number[] {
  const smallest = ((max - min) * apart) / Math.max(1, width);
  const step = TIME_STEPS.find((seconds) => seconds >= smallest) ?? max - min;
  const ticks: number[] = [];
  for (let tick = Math.ceil(min / step) * step; tick <= max; tick += step) ticks.push(tick);
  return ticks;
}

export function spanOf(zoom: Zoom, end: number): Span {
  if (!zoom) return { min: 0, max: Math.max(1, end) };
  if ("last" in zoom) return { min: Math.max(0, end - zoom.last), max: Math.max(1, end) };
  return zoom;
}

/** What a key makes of the part of time that is shown; undefined where it is not for that. */
export function zoomedBy(key: string, { min, max }: Span): Span | undefined {
  const length = max - min;
  const middle = (min + max) / 2;
  if (key === "+" || key === "=") return { min: middle - length / 4, max: middle + length / 4 };
  if (key === "-") return { min: middle - length, max: middle + length };
  if (key === "ArrowRight") return { min: min + length / 4, max: max + length / 4 };
  if (key === "ArrowLeft") return { min: min - length / 4, max: max - length / 4 };
  return undefined;
}

/** The same part, moved to where the run has been; undefined, which is all of it, where it is longer. */
export function withinRun({ min, max }: Span, end: number): Span | undefined {
  const length = max - min;
  if (length >= end) return undefined;
  if (min < 0) return { min: 0, max: length };
  return max > end ? { min: end - length, max: end } : { min, max };
}

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

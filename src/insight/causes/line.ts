import type { Point } from "./rule.ts";

/** Eight hours of every second; of longer runs, the first quarter is forgotten each time. */
const MOST = 28_800;

/** A figure second by second, in as little memory as it takes: there are dozens of them, for hours. */
export class Line {
  readonly #most: number;
  #seconds: number[] = [];
  #values: number[] = [];

  constructor(most = MOST) {
    this.#most = most;
  }

  push(second: number, value: number): void {
    if (this.#seconds.length >= this.#most) {
      this.#seconds = this.#seconds.slice(this.#most / 4);
      this.#values = this.#values.slice(this.#most / 4);
    }
    this.#seconds.push(second);
    this.#values.push(value);
  }

  points(): Point[] {
    return this.#seconds.map((second, at) => ({ second, value: this.#values[at] ?? 0 }));
  }
}

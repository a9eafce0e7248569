import { UNFINISHED_BYTES } from "../limits.ts";

/** Bytes that are held until more has come: unfinished bodies and messages. */
export class Intake {
  #free: number;

  constructor(bytes: number) {
    this.#free = bytes;
  }

  get free(): number {
    return this.#free;
  }

  share(): Share {
    let held = 0;
    return {
      hold: (bytes) => {
        if (bytes - held > this.#free) return false;
        this.#free -= bytes - held;
        held = bytes;
        return true;
      },
    };
  }
}

/** What one connection holds of it. */
export interface Share {
  /** Holds so many bytes from now on, 0 at the end. @returns false when there is no room: nothing has changed */
  hold(bytes: number): boolean;
}

/** Of this process, whatever runs in it: memory is the process's. */
export const intake = new Intake(UNFINISHED_BYTES);

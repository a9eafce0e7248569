import { now } from "../measure/clock.ts";
import { ClockOffset } from "./clock-offset.ts";
import { type FromPlace, type PlaceSetup, readFromPlace, type ToPlace } from "./messages.ts";
import { onClockAhead } from "./window.ts";

/** Clocks of two machines drift apart by milliseconds in this time. */
const ASK_AGAIN_MS = 60_000;

/** The way to a place: to a thread, or to another machine. Messages are plain JSON, and keep their order. */
export interface PlaceLink {
  post(message: ToPlace): void;
  /** Resolves when the place is gone, which was asked to close; it is ended where it takes too long. */
  closed(): Promise<void>;
  /** Ends it at once. */
  kill(): Promise<void>;
}

export interface PlaceLinkEvents {
  /** As it came: nothing is checked yet. */
  message(json: unknown): void;
  /** It is gone, whether that was asked for or not. */
  died(error: Error): void;
}

export type StartPlace = (place: number, events: PlaceLinkEvents) => PlaceLink;

export interface RemotePlaceEvents {
  message(message: Exclude<FromPlace, { type: "clock" }>): void;
  /** Once. */
  died(error: Error): void;
}

/**
 * A place as the main thread sees it. Its clock may be another: that is asked for first, and every minute, and all times
 * in messages to the place are translated. So a place has one clock, its own, and the seconds that it counts from the run's begin are
 * those of everybody else.
 */
export class RemotePlace {
  readonly #setup: PlaceSetup;
  readonly #events: RemotePlaceEvents;
  readonly #link: PlaceLink;
  readonly #offset = new ClockOffset();
  /** What waits for the place to be set up; undefined after that. */
  #waiting: ToPlace[] | undefined = [];
  #isAlive = true;
  /** The place's clock was that much ahead when it was last told of the run's begin. */
  #alignedMs = 0;
  #again: NodeJS.Timeout | undefined;

  /** `setup` has the main thread's times. */
  constructor(start: StartPlace, setup: PlaceSetup, events: RemotePlaceEvents) {
    this.#setup = setup;
    this.#events = events;
    this.#link = start(setup.place, {
      message: (json) => this.#take(json),
      died: (error) => this.#died(error),
    });
    this.#ask();
  }

  get isAlive(): boolean {
    return this.#isAlive;
  }

  /** Milliseconds by which its clock is ahead of ours; 0 until it is known. */
  get aheadMs(): number {
    return this.#offset.ms;
  }

  post(message: ToPlace): void {
    if (!this.#isAlive) return;
    if (this.#waiting) this.#waiting.push(message);
    else this.#link.post(translated(message, this.#offset.ms));
  }

  #ask(): void {
    this.#link.post({ type: "clock", now: now() });
  }

  #take(json: unknown): void {
    if (!this.#isAlive) return;
    const heard = now();
    const message = this.#read(json);
    if (message?.type === "clock") this.#align(message.asked, heard, message.now);
    else if (message) this.#events.message(message);
  }

  /** A place that says what nobody understands is given up: nobody knows what else of it is wrong. */
  #read(json: unknown): FromPlace | undefined {
    try {
      return readFromPlace(json);
    } catch (error) {
      this.#died(error as Error);
      void this.#link.kill();
      return undefined;
    }
  }

  #align(asked: number, heard: number, theirs: number): void {
    this.#offset.answered(asked, heard, theirs);
    if (!this.#offset.isKnown) return this.#ask();
    if (this.#waiting) this.#setUp(this.#waiting);
    else if (this.#offset.ms !== this.#alignedMs) this.post({ type: "align", zero: this.#setup.zero });
    this.#alignedMs = this.#offset.ms;
    this.#again = setTimeout(() => {
      this.#offset.askAgain();
      this.#ask();
    }, ASK_AGAIN_MS).unref();
  }

  #setUp(waiting: readonly ToPlace[]): void {
    this.#waiting = undefined;
    this.post({ type: "setup", setup: this.#setup });
    for (const message of waiting) this.post(message);
  }

  #died(error: Error): void {
    if (!this.#isAlive) return;
    this.#isAlive = false;
    clearTimeout(this.#again);
    this.#events.died(error);
  }

  /** What it holds open is closed first. */
  async close(): Promise<void> {
    if (!this.#isAlive) return;
    clearTimeout(this.#again);
    this.#link.post({ type: "close" });
    await this.#link.closed();
  }

  kill(): Promise<void> {
    return this.#link.kill();
  }
}

/** The message in the times of a clock that is `ms` ahead. */
function translated(message: ToPlace, ms: number): ToPlace {
  if (ms === 0) return message;
  if (message.type === "setup") {
    const { setup } = message;
    return { ...message, setup: { ...setup, epoch: setup.epoch + ms, zero: setup.zero + ms } };
  }
  if (message.type === "align") return { ...message, zero: message.zero + ms };
  if (message.type === "window") return { ...message, window: onClockAhead(message.window, ms) };
  if (message.type === "pause") return { ...message, at: message.at + ms };
  if (message.type === "resume") return { ...message, pause: onClockAhead(message.pause, ms) };
  return message;
}

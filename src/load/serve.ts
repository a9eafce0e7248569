import { now } from "../measure/clock.ts";
import { type FromPlace, MessageError, type PlaceSetup, readToPlace, type ToPlace } from "./messages.ts";
import { Place } from "./place.ts";
import type { ProbeKind } from "./probe.ts";

/** The receiving side of a place: checks what comes, answers for its clock, and is set up by the main thread. */
export class PlaceServer {
  readonly #kinds: readonly ProbeKind[];
  readonly #post: (message: FromPlace) => void;
  #place: Place | undefined;

  /** `kinds`: the probes that this place can run. */
  constructor(kinds: readonly ProbeKind[], post: (message: FromPlace) => void) {
    this.#kinds = kinds;
    this.#post = post;
  }

  /** @returns the type of the message. Throws MessageError, or a ZodError of the probe. */
  take(json: unknown): ToPlace["type"] {
    const message = readToPlace(json);
    if (message.type === "clock") this.#post({ type: "clock", asked: message.now, now: now() });
    else if (message.type === "setup") this.#setUp(message.setup);
    else if (this.#place) this.#place.take(message);
    else if (message.type !== "close")
      throw new MessageError(`a place got "${message.type}" before its setup`);
    return message.type;
  }

  #setUp(setup: PlaceSetup): void {
    const kind = this.#kinds.find((one) => one.name === setup.probe);
    if (!kind) throw new MessageError(`this place has no probe "${setup.probe}"`);
    this.#place = new Place(setup, kind, this.#post);
  }
}

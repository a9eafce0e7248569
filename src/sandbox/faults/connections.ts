import type { Duplex } from "node:stream";
import type { Timers } from "../timers.ts";
import type { Faults } from "./faults.ts";

/** The long-lived connections of a sandbox (terminals, SSH, watches, apps), for what can happen to them. */
export class Connections {
  /** With the index of the replica that holds it. */
  readonly #open = new Map<Duplex, number>();
  readonly #faults: Faults;
  readonly #timers: Timers;
  #frozen = false;
  #stopDropping: () => void = () => undefined;
  #dropping = "";

  constructor(faults: Faults, timers: Timers) {
    this.#faults = faults;
    this.#timers = timers;
    faults.onChange((settings) => {
      this.#freeze(settings.frozen);
      this.#dropEvery(settings.dropEveryMs, settings.dropShare);
    });
  }

  get count(): number {
    return this.#open.size;
  }

  add(socket: Duplex, replica: number): void {
    this.#open.set(socket, replica);
    socket.once("close", () => this.#open.delete(socket));
    if (this.#frozen) hold(socket);
  }

  /** Ends TCP without a word, as a replica does that leaves. Returns how many. */
  drop(share: number): number {
    const chosen = this.#faults.choose(this.#open.keys(), share);
    for (const socket of chosen) socket.destroy();
    return chosen.length;
  }

  /** A replica leaves: all that it held ends. Returns how many. */
  dropReplica(replica: number): number {
    const held = [...this.#open].filter(([, index]) => index === replica);
    for (const [socket] of held) socket.destroy();
    return held.length;
  }

  #freeze(frozen: boolean): void {
    if (frozen === this.#frozen) return;
    this.#frozen = frozen;
    for (const socket of this.#open.keys()) (frozen ? hold : release)(socket);
  }

  #dropEvery(everyMs: number, share: number): void {
    const wanted = `${everyMs} ${share}`;
    if (wanted === this.#dropping) return;
    this.#dropping = wanted;
    this.#stopDropping();
    this.#stopDropping = () => undefined;
    if (everyMs > 0 && share > 0) this.#stopDropping = this.#timers.every(everyMs, () => this.drop(share));
  }
}

/** Nothing is read, and what is written stays here. */
function hold(socket: Duplex): void {
  socket.pause();
  socket.cork();
}

function release(socket: Duplex): void {
  socket.uncork();
  socket.resume();
}

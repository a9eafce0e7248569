import { now } from "../measure/clock.ts";
import { say } from "../text/message.ts";
import { saidOf } from "../text/said-error.ts";
import type { ConnectionTotals, Drop, OpenFailure } from "./messages.ts";
import { type LinkEnd, OpenError, type Probe, type ProbeEvents } from "./probe.ts";
import type { Tallies } from "./tally.ts";
import type { Entry } from "./wheel.ts";
import { movedBy, type Window } from "./window.ts";

/** What a connection needs of its place. */
export interface Host {
  /** Between two ticks; changes with the load's level. */
  intervalMs: number;
  /** A tick that is later than this is not sent any more. */
  usefulMs: number;
  drainMs: number;
  reconnect: boolean;
  schedule(connection: Connection): void;
  late(ms: number): void;
  opened(id: number, ms: number): void;
  failed(id: number, failure: OpenFailure): void;
  dropped(id: number, drop: Drop): void;
  reconnected(id: number, gapMs: number): void;
  resumed(id: number, isSame: boolean): void;
  ended(id: number, totals: ConnectionTotals): void;
}

/** Where a connection's ticks are in the schedule. */
export interface Turn {
  /** When its tick 0 would have been due. */
  base: number;
  /** It is held, and sends nothing. */
  isResting: boolean;
}

export type ConnectionState = "opening" | "active" | "reconnecting" | "down" | "draining" | "ending" | "over";

const OPEN_TRIES = 5;
const FIRST_BACKOFF_MS = 250;
const LONGEST_BACKOFF_MS = 10_000;
/** The end of a link is asked for; it is not waited for longer. */
const END_LIMIT_MS = 5_000;
/** One that rests looks this often whether its time is over. */
const REST_LOOK_MS = 1_000;

/** One connection: opened, ticking, dropped and opened again, ended. What it does is its probe's. */
export class Connection implements Entry, ProbeEvents {
  readonly id: number;
  readonly index: number;
  due = Number.POSITIVE_INFINITY;
  state: ConnectionState = "opening";
  reportedRead = 0;
  reportedWritten = 0;
  readonly window: Window;
  readonly probe: Probe;
  #host: Host;
  #tallies: Tallies;
  /** Time of its tick 0, and number of the next one. */
  #base: number;
  #tick = 0;
  #isResting: boolean;
  #openedAt = 0;
  /** Only while something is being opened: most of its life a connection is open. */
  #stop: AbortController | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    host: Host,
    given: { id: number; index: number; turn: Turn },
    makeProbe: (window: Readonly<Window>, events: ProbeEvents) => Probe,
  ) {
    this.#host = host;
    this.id = given.id;
    this.index = given.index;
    this.#base = given.turn.base;
    this.#isResting = given.turn.isResting;
    this.window = { from: Number.POSITIVE_INFINITY, until: Number.POSITIVE_INFINITY };
    this.probe = makeProbe(this.window, this);
    this.#tallies = this.probe.group.tallies;
  }

  async open(): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const began = this.#clock();
      try {
        await this.#openLink(false);
        if (this.state !== "opening") return this.probe.destroy();
        this.state = "active";
        this.#openedAt = now();
        this.#host.opened(this.id, this.#clock() - began);
        this.#begin();
        return;
      } catch (error) {
        if (this.state !== "opening") return;
        if (attempt < OPEN_TRIES && error instanceof OpenError && error.again) {
          await this.#pause(attempt + 1);
          if (this.state === "opening") continue;
          return;
        }
        this.#host.failed(this.id, failureOf(error));
        // What it should have sent is counted all the same: it was asked for.
        this.state = "down";
        this.#begin();
        return;
      }
    }
  }

  async #openLink(again: boolean): Promise<void> {
    const stop = new AbortController();
    this.#stop = stop;
    try {
      await this.probe.open(again, stop.signal);
    } finally {
      this.#stop = undefined;
    }
  }

  /** Stands still while this connection waits for what is not the deployment's doing. */
  #clock(): number {
    return now() - this.probe.stoodMs;
  }

  #begin(): void {
    this.takeTurn(now());
    this.#host.schedule(this);
  }

  /** Takes its turn in the schedule: the next of its ticks that is not before `at`. */
  takeTurn(at: number): void {
    if (this.#isResting) {
      this.due = Math.max(at, Math.min(at + REST_LOOK_MS, this.window.until));
      return;
    }
    this.#tick = this.#tickFrom(at);
    this.due = this.#base + this.#tick * this.#host.intervalMs;
  }

  #tickFrom(at: number): number {
    return Math.max(0, Math.ceil((at - this.#base) / this.#host.intervalMs));
  }

  /** Another turn, from its next one on. */
  setTurn({ base, isResting }: Turn): void {
    this.#base = base;
    this.#isResting = isResting;
  }

  /** A pause is over: its ticks, and its part of the measurement, come as much later as that was long. */
  moveBy(pause: Window): void {
    const ms = pause.until - pause.from;
    movedBy(this.window, pause);
    this.#base += ms;
    if (this.due === Number.POSITIVE_INFINITY) return;
    if (this.#isResting) return this.takeTurn(pause.until);
    // One that was opened in the pause has counted the time that stood still.
    this.#tick = Math.min(this.#tick, this.#tickFrom(pause.until));
    this.due = this.#base + this.#tick * this.#host.intervalMs;
  }

  /** Its tick is due; called by the wheel. */
  fire(at: number): void {
    if (this.#fired(at)) this.#host.schedule(this);
  }

  /** Fires all that is due before `at`, at once. @returns false where nothing comes after it */
  catchUp(at: number): boolean {
    while (this.due < at) if (!this.#fired(at)) return false;
    return true;
  }

  /** @returns false where that was the end */
  #fired(at: number): boolean {
    if (this.due >= this.window.until || this.state === "over") return this.#finish();
    if (this.#isResting) {
      this.takeTurn(at);
      return true;
    }
    for (; at - this.due >= this.#host.usefulMs; this.#advance()) {
      if (this.due >= this.window.until) return this.#finish();
      const { schedule } = this.#tallies.of(this.due, this.window);
      schedule.due++;
      schedule.skipped++;
    }
    this.#host.late(Math.max(0, at - this.due));
    this.#send();
    this.#advance();
    return true;
  }

  #advance(): void {
    this.#tick++;
    this.due = this.#base + this.#tick * this.#host.intervalMs;
  }

  #send(): void {
    const { schedule } = this.#tallies.of(this.due, this.window);
    schedule.due++;
    const outcome = this.state === "active" ? this.probe.tick(this.due) : "down";
    if (outcome === "sent") schedule.sent++;
    else if (outcome === "blocked") schedule.blocked++;
    else schedule.down++;
  }

  cameBack(): void {
    if (this.state === "draining" && this.probe.outstanding === 0) this.#end();
  }

  ended(end: LinkEnd): void {
    if (this.state === "over") return;
    if (this.state === "ending") return this.#over();
    const at = now();
    const reconnecting = this.#host.reconnect && this.state === "active";
    this.#host.dropped(this.id, { ...end, afterMs: at - this.#openedAt, reconnecting });
    this.probe.dropped(reconnecting, at);
    if (this.state === "draining") return this.#over();
    this.state = reconnecting ? "reconnecting" : "down";
    if (reconnecting) void this.#reconnect();
  }

  resumed(isSame: boolean): void {
    this.#host.resumed(this.id, isSame);
  }

  async #reconnect(): Promise<void> {
    const dropped = this.#clock();
    for (let attempt = 0; this.state === "reconnecting"; attempt++) {
      await this.#pause(attempt);
      if (this.state !== "reconnecting") return;
      try {
        await this.#openLink(true);
        if (this.state !== "reconnecting") return this.probe.destroy();
        this.state = "active";
        this.#openedAt = now();
        this.#host.reconnected(this.id, this.#clock() - dropped);
      } catch {
        // The next try; how long it takes is what is measured.
      }
    }
  }

  #pause(attempt: number): Promise<void> {
    const ms = Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** attempt) * (0.5 + Math.random() / 2);
    return new Promise((resolve) => {
      setTimeout(resolve, ms);
    });
  }

  /** No more ticks: what is under way may still come back. */
  #finish(): false {
    if (this.state === "active" && this.probe.outstanding > 0) {
      this.state = "draining";
      this.#timer = setTimeout(() => this.#end(), this.#host.drainMs);
    } else if (this.state === "active") this.#end();
    else if (this.state === "down" || this.state === "reconnecting" || this.state === "opening") this.#over();
    return false;
  }

  #end(): void {
    clearTimeout(this.#timer);
    this.probe.finish(now());
    this.state = "ending";
    this.probe.end();
    this.#timer = setTimeout(() => this.#over(), END_LIMIT_MS);
  }

  /** Ends now, wherever it stands. */
  stop(): void {
    if (this.state === "active" || this.state === "draining") this.#end();
    else if (this.state !== "ending" && this.state !== "over") this.#over();
  }

  #over(): void {
    if (this.state === "over") return;
    clearTimeout(this.#timer);
    this.probe.finish(now());
    this.state = "over";
    this.#stop?.abort(new Error("the connection is over"));
    this.probe.destroy();
    const { bytesRead, bytesWritten, totals } = this.probe;
    this.#host.ended(this.id, { bytesRead, bytesWritten, ticks: { ...totals } });
  }
}

function failureOf(error: unknown): OpenFailure {
  if (error instanceof OpenError) {
    const { causeId, causeText: cause, said, requestId } = error;
    return { causeId, cause, said, ...(requestId === undefined ? {} : { requestId }) };
  }
  return { causeId: "not_opened", cause: say("connection: not opened"), said: saidOf(error) };
}

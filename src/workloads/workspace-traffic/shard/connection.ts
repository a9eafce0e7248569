import { now } from "../../../measure/clock.ts";
import { movedBy } from "../pauses.ts";
import type { EchoMatcher } from "./echo.ts";
import type { Link, LinkEnd, LinkEvents } from "./link.ts";
import { LinkError } from "./link.ts";
import type { Address, ConnectionTotals, Drop, Kind, OpenFailure } from "./messages.ts";
import type { Tallies, Tally, Window } from "./tally.ts";
import type { Entry } from "./wheel.ts";

/** What a connection needs of its shard. */
export interface Host {
  intervalMs: number;
  drainMs: number;
  lateMs: number;
  /** A tick that is later than this is not sent any more. */
  usefulMs: number;
  reconnect: boolean;
  /** More than this waiting to be taken, and a tick is not sent. */
  maxBacklog: number;
  /** A clock that stands still while this connection waits for a sign-in. */
  clock(id: number): number;
  /** `again`: the session that this connection had goes on. */
  open(id: number, address: Address, again: boolean, events: LinkEvents, signal: AbortSignal): Promise<Link>;
  schedule(connection: Connection): void;
  late(ms: number): void;
  opened(id: number, ms: number): void;
  failed(id: number, failure: OpenFailure): void;
  dropped(id: number, drop: Drop): void;
  reconnected(id: number, gapMs: number): void;
  ended(id: number, totals: ConnectionTotals): void;
}

export type ConnectionState = "opening" | "active" | "reconnecting" | "down" | "draining" | "ending" | "over";

const OPEN_TRIES = 5;
const FIRST_BACKOFF_MS = 250;
const LONGEST_BACKOFF_MS = 10_000;
/** The end of a link is asked for; it is not waited for longer. */
const END_LIMIT_MS = 5_000;

/** One connection: opened, ticking, dropped and opened again, ended. */
export class Connection implements Entry {
  readonly id: number;
  readonly kind: Kind;
  due = Number.POSITIVE_INFINITY;
  state: ConnectionState = "opening";
  bytesRead = 0;
  bytesWritten = 0;
  reportedRead = 0;
  reportedWritten = 0;
  readonly matcher: EchoMatcher;
  readonly window: Window;
  #host: Host;
  #address: Address;
  #tallies: Tallies;
  #salt: number;
  /** Time of its tick 0, and number of the next one. */
  #base: number;
  #tick = 0;
  #link: Link | undefined;
  #events: LinkEvents;
  #openedAt = 0;
  /** Only while something is being opened: most of its life a connection is open. */
  #stop: AbortController | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    host: Host,
    given: { id: number; base: number; salt: number; address: Address },
    tallies: Tallies,
    makeMatcher: (window: Window) => EchoMatcher,
  ) {
    this.#host = host;
    this.id = given.id;
    this.kind = given.address.kind;
    this.#base = given.base;
    this.#salt = given.salt;
    this.#address = given.address;
    this.#tallies = tallies;
    this.window = { from: Number.POSITIVE_INFINITY, until: Number.POSITIVE_INFINITY };
    this.matcher = makeMatcher(this.window);
    this.#events = {
      data: (bytes, start, end) => this.#took(bytes, start, end),
      ended: (end) => this.#linkEnded(end),
    };
  }

  get backlog(): number {
    return this.#link?.backlog ?? 0;
  }

  async open(): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const began = this.#host.clock(this.id);
      try {
        this.#link = await this.#openLink(false);
        if (this.state !== "opening") return this.#link.destroy();
        this.state = "active";
        this.#openedAt = now();
        this.#host.opened(this.id, this.#host.clock(this.id) - began);
        this.#begin();
        return;
      } catch (error) {
        if (this.state !== "opening") return;
        if (attempt < OPEN_TRIES && error instanceof LinkError && error.again) {
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

  async #openLink(again: boolean): Promise<Link> {
    const stop = new AbortController();
    this.#stop = stop;
    try {
      return await this.#host.open(this.id, this.#address, again, this.#events, stop.signal);
    } finally {
      this.#stop = undefined;
    }
  }

  /** Takes its place in the schedule: the next of its ticks that is not past. */
  #begin(): void {
    this.#tick = Math.max(0, Math.ceil((now() - this.#base) / this.#host.intervalMs));
    this.due = this.#base + this.#tick * this.#host.intervalMs;
    this.#host.schedule(this);
  }

  /** A pause is over: its ticks, and its part of the measurement, come as much later as that was long. */
  moveBy(pause: Window): void {
    const ms = pause.until - pause.from;
    movedBy(this.window, pause);
    this.#base += ms;
    if (this.due === Number.POSITIVE_INFINITY) return;
    // One that was opened in the pause has counted the time that stood still.
    this.#tick = Math.min(
      this.#tick,
      Math.max(0, Math.ceil((pause.until - this.#base) / this.#host.intervalMs)),
    );
    this.due = this.#base + this.#tick * this.#host.intervalMs;
  }

  /** Its tick is due; called by the wheel. */
  fire(at: number): void {
    if (this.due >= this.window.until || this.state === "over") return this.#finish();
    for (; at - this.due >= this.#host.usefulMs; this.#advance()) {
      if (this.due >= this.window.until) return this.#finish();
      const { counts } = this.#tally(this.due);
      counts.due++;
      counts.skipped++;
    }
    const lateness = Math.max(0, at - this.due);
    this.#host.late(lateness);
    this.#send(lateness);
    this.#advance();
    this.#host.schedule(this);
  }

  #advance(): void {
    this.#tick++;
    this.due = this.#base + this.#tick * this.#host.intervalMs;
  }

  #send(lateness: number): void {
    const { counts } = this.#tally(this.due);
    counts.due++;
    const link = this.#link;
    if (this.state !== "active" || !link) {
      counts.down++;
      return;
    }
    if (link.backlog > this.#host.maxBacklog) {
      counts.blocked++;
      return;
    }
    const bytes = link.send(this.#salt, this.matcher.next);
    if (bytes === 0) {
      counts.down++;
      return;
    }
    counts.sent++;
    if (lateness > this.#host.lateMs) counts.late++;
    this.bytesWritten += bytes;
    this.matcher.sent(this.due);
  }

  #tally(due: number): Tally {
    const { measured, spoiled, other, spoiledUntil } = this.#tallies;
    if (due < this.window.from || due >= this.window.until) return other;
    return due < spoiledUntil ? spoiled : measured;
  }

  #took(bytes: Buffer, start: number, end: number): void {
    this.bytesRead += end - start;
    if (this.state === "ending" || this.state === "over") return;
    this.matcher.take(bytes, start, end, now());
    if (this.state === "draining" && this.matcher.outstanding === 0) this.#end();
  }

  #linkEnded(end: LinkEnd): void {
    this.#link = undefined;
    if (this.state === "over") return;
    if (this.state === "ending") return this.#over();
    const at = now();
    const reconnecting = this.#host.reconnect && this.state === "active";
    this.#host.dropped(this.id, { ...end, afterMs: at - this.#openedAt, reconnecting });
    // A terminal's session lives on, and says later what it has been told.
    if (!reconnecting || this.kind !== "pty") this.matcher.finish(now());
    if (this.state === "draining") return this.#over();
    this.state = reconnecting ? "reconnecting" : "down";
    if (reconnecting) void this.#reconnect();
  }

  async #reconnect(): Promise<void> {
    const dropped = this.#host.clock(this.id);
    if (this.kind === "pty") this.matcher.resume();
    for (let attempt = 0; this.state === "reconnecting"; attempt++) {
      await this.#pause(attempt);
      if (this.state !== "reconnecting") return;
      try {
        const link = await this.#openLink(true);
        if (this.state !== "reconnecting") return link.destroy();
        this.#link = link;
        this.state = "active";
        this.#openedAt = now();
        this.#host.reconnected(this.id, this.#host.clock(this.id) - dropped);
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
  #finish(): void {
    if (this.state === "active" && this.matcher.outstanding > 0) {
      this.state = "draining";
      this.#timer = setTimeout(() => this.#end(), this.#host.drainMs);
      return;
    }
    if (this.state === "active") this.#end();
    else if (this.state === "down" || this.state === "reconnecting" || this.state === "opening") this.#over();
  }

  #end(): void {
    clearTimeout(this.#timer);
    this.matcher.finish(now());
    this.state = "ending";
    this.#link?.end();
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
    this.matcher.finish(now());
    this.state = "over";
    this.#stop?.abort(new Error("the connection is over"));
    this.#link?.destroy();
    const { bytesRead, bytesWritten } = this;
    this.#host.ended(this.id, { bytesRead, bytesWritten, ticks: { ...this.matcher.totals } });
  }
}

function failureOf(error: unknown): OpenFailure {
  if (error instanceof LinkError) {
    const { causeId, causeText: cause, message, requestId } = error;
    return { causeId, cause, message, requestId };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { causeId: "not_opened", cause: "connection: not opened", message, requestId: undefined };
}

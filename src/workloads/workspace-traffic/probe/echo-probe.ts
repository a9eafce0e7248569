import type { Probe, ProbeEvents, TickOutcome } from "../../../load/probe.ts";
import type { EchoGroup } from "./echo-counts.ts";
import type { EchoMatcher } from "./echo-matcher.ts";
import type { Link, LinkEnd, LinkEvents } from "./link.ts";
import type { Address } from "./setup.ts";

/** What one echo needs of the others of its place. */
export interface EchoHost {
  /** More than this waiting to be taken, and a tick is not sent. */
  readonly maxBacklog: number;
  /** The time by the place's clock. */
  now(): number;
  /** `again`: the session that this connection had goes on. */
  open(id: number, address: Address, again: boolean, events: LinkEvents, signal: AbortSignal): Promise<Link>;
  /** For how long this connection has waited for a sign-in so far, in milliseconds. */
  stoodMs(id: number): number;
}

/** Sends ticks to a workspace and follows their echoes. */
export class EchoProbe implements Probe, LinkEvents {
  readonly group: EchoGroup;
  bytesRead = 0;
  bytesWritten = 0;
  readonly #host: EchoHost;
  readonly #id: number;
  readonly #address: Address;
  readonly #salt: number;
  readonly #matcher: EchoMatcher;
  readonly #events: ProbeEvents;
  #link: Link | undefined;
  /** What comes shows whether a session was found again. */
  #isResuming = false;
  /** What comes now is nobody's echo. */
  #isOver = false;

  constructor(
    host: EchoHost,
    given: { id: number; address: Address; salt: number; group: EchoGroup },
    matcher: EchoMatcher,
    events: ProbeEvents,
  ) {
    this.#host = host;
    this.#id = given.id;
    this.#address = given.address;
    this.#salt = given.salt;
    this.group = given.group;
    this.#matcher = matcher;
    this.#events = events;
  }

  get backlog(): number {
    return this.#link?.backlog ?? 0;
  }

  get outstanding(): number {
    return this.#matcher.outstanding;
  }

  get stoodMs(): number {
    return this.#host.stoodMs(this.#id);
  }

  get totals(): Readonly<Record<string, number>> {
    return this.#matcher.totals;
  }

  outstandingSince(since: number): number {
    return this.#matcher.outstandingSince(since);
  }

  async open(again: boolean, signal: AbortSignal): Promise<void> {
    this.#link = await this.#host.open(this.#id, this.#address, again, this, signal);
  }

  tick(due: number): TickOutcome {
    const link = this.#link;
    if (!link) return "down";
    if (link.backlog > this.#host.maxBacklog) return "blocked";
    const bytes = link.send(this.#salt, this.#matcher.next);
    if (bytes === 0) return "down";
    this.bytesWritten += bytes;
    this.#matcher.sent(due);
    return "sent";
  }

  data(bytes: Buffer, start: number, end: number): void {
    this.bytesRead += end - start;
    if (this.#isOver) return;
    this.#matcher.take(bytes, start, end, this.#host.now());
    if (this.#isResuming) this.#lookAtSession();
    this.#events.cameBack();
  }

  #lookAtSession(): void {
    const { session } = this.#matcher;
    if (session === "unknown") return;
    this.#isResuming = false;
    this.#events.resumed(session === "same");
  }

  ended(end: LinkEnd): void {
    this.#link = undefined;
    this.#events.ended(end);
  }

  dropped(again: boolean, at: number): void {
    // A terminal's session lives on, and says later what it has been told.
    this.#isResuming = again && this.#address.kind === "pty";
    if (this.#isResuming) this.#matcher.resume();
    else this.#matcher.finish(at);
  }

  finish(at: number): void {
    this.#matcher.finish(at);
  }

  end(): void {
    this.#isOver = true;
    this.#link?.end();
  }

  destroy(): void {
    this.#isOver = true;
    this.#link?.destroy();
  }
}

import { performance as nodePerformance } from "node:perf_hooks";
import pLimit from "p-limit";
import type { SessionNews } from "../../../coder/session.ts";
import { CliDialer } from "../../../coder/ssh/cli-dialer.ts";
import type { WorkspaceDialer } from "../../../coder/ssh/dialer.ts";
import { TailnetDialer } from "../../../coder/ssh/tailnet-dialer.ts";
import { Transport } from "../../../coder/transport.ts";
import { now } from "../../../measure/clock.ts";
import { Spread } from "../../../measure/spread.ts";
import { FrameWriter } from "../../../wire/frames.ts";
import { Connection, type Host } from "./connection.ts";
import { EchoMatcher } from "./echo.ts";
import { type Kit, type Link, LinkError, type LinkEvents } from "./link.ts";
import type {
  Address,
  ConnectionTotals,
  FromShard,
  Kind,
  ShardSecond,
  ShardSetup,
  SshSetup,
  ToShard,
} from "./messages.ts";
import { offsetOf } from "./offset.ts";
import { Payload, saltOf } from "./payload.ts";
import { Seconds, type UnderWay } from "./seconds.ts";
import { openSshLink } from "./ssh-link.ts";
import { Tallies, type Window } from "./tally.ts";
import { openWebLink } from "./web-link.ts";
import { EARLY_MS, Wheel } from "./wheel.ts";

/** Handshakes at the same time: more only make each other late. */
const OPENING_AT_ONCE = 64;
const MIN_BACKLOG = 128 * 1024;
/** A tick that comes later still adds to the load; after this the server has had a pause that was not asked for. */
const USEFUL_MS = 500;
const CRLF = Buffer.from("\r\n");
const NOTHING = Buffer.alloc(0);

/** A share of the run's connections, their schedule and their counts, in a thread of its own. */
export class Shard {
  #setup: ShardSetup;
  #post: (message: FromShard) => void;
  #kit: Kit;
  #wheel = new Wheel<Connection>(now());
  #connections = new Map<number, Connection>();
  #tallies: Partial<Record<Kind, Tallies>> = {};
  #lateness = new Spread();
  #host: Host;
  #dialer: WorkspaceDialer | undefined;
  #opening = pLimit(OPENING_AT_ONCE);
  #ended: Extract<FromShard, { type: "ended" }>[] = [];
  #timer: NodeJS.Timeout | undefined;
  #paused = false;
  #reports: NodeJS.Timeout | undefined;
  readonly #seconds: Seconds;
  /** The second of the run that goes on, and how often it has been told of. */
  #reporting: number;
  #part = 0;
  /** Ticks by transport that were sent and not back when the second began. */
  #underWay: UnderWay = {};
  /** The end of the measured part, as far as it is known. */
  #measuredUntil = Number.POSITIVE_INFINITY;
  #usage = nodePerformance.eventLoopUtilization();
  /** Whoever has asked the main thread whether the session's token is refused. */
  #answer: (isRefused: boolean) => void = () => undefined;

  constructor(setup: ShardSetup, post: (message: FromShard) => void) {
    this.#setup = setup;
    this.#post = post;
    this.#kit = {
      setup,
      transport: new Transport(setup.target, (token) => this.#suspect(token)),
      writer: new FrameWriter(setup.bytes + 64),
      payload: new Payload(setup.seed, setup.bytes, true),
    };
    this.#kit.transport.patienceMs = Number.POSITIVE_INFINITY;
    this.#kit.transport.session.keep();
    this.#host = this.#makeHost();
    this.#seconds = new Seconds(String(setup.shard), setup.bytes, setup.lateMs);
    this.#reporting = this.#currentSecond();
    this.#endSecond();
  }

  take(message: ToShard): void {
    if (message.type === "open") this.#open(message);
    else if (message.type === "window") this.#setWindow(message.ids, message.window);
    else if (message.type === "pause") this.#pause();
    else if (message.type === "resume") this.#resume(message.pause);
    else if (message.type === "end") this.#connections.get(message.id)?.stop();
    else if (message.type === "session") this.#hear(message.news);
    else this.close();
  }

  close(): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#reports);
    for (const connection of this.#connections.values()) connection.stop();
    this.#flushEnded();
    void this.#dialer?.close();
    void this.#kit.transport.close();
  }

  /** The main thread asks for all shards. */
  #suspect(token: string): Promise<boolean> {
    return new Promise((resolve) => {
      this.#answer = resolve;
      this.#post({ type: "suspicion", token });
    });
  }

  #hear(news: SessionNews): void {
    this.#kit.transport.session.follow(news);
    // A user's token says nothing about the session.
    if (!news.replaced) this.#answer(news.state === "expired");
  }

  #open({ id, index, address }: Extract<ToShard, { type: "open" }>): void {
    const { setup, payload } = this.#kit;
    const salt = saltOf(index);
    const offset = offsetOf(index, setup);
    const tallies = this.#talliesOf(address.kind);
    const lines = address.kind === "pty" && setup.echo === "tty";
    const echo = {
      payload,
      salt,
      length: setup.bytes + (lines ? 1 : 0),
      tail: lines ? CRLF : NOTHING,
    };
    const connection = new Connection(
      this.#host,
      { id, base: setup.epoch + offset, salt, address },
      tallies,
      (window) => new EchoMatcher(echo, tallies, window),
    );
    this.#connections.set(id, connection);
    void this.#opening(() => connection.open());
  }

  #talliesOf(kind: Kind): Tallies {
    const known = this.#tallies[kind];
    if (known) return known;
    const made = new Tallies();
    this.#tallies[kind] = made;
    return made;
  }

  #setWindow(ids: readonly number[], { from, until }: { from: number; until: number }): void {
    const known = Number.isFinite(this.#measuredUntil) ? this.#measuredUntil : 0;
    this.#measuredUntil = Math.max(known, until);
    for (const id of ids) {
      const connection = this.#connections.get(id);
      if (connection) Object.assign(connection.window, { from, until });
    }
  }

  /** Ticks that are under way come back; none is sent. */
  #pause(): void {
    this.#paused = true;
    for (const tallies of Object.values(this.#tallies)) tallies.pausedAt = now();
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #resume(pause: Window): void {
    this.#paused = false;
    for (const tallies of Object.values(this.#tallies)) tallies.pausedAt = undefined;
    this.#measuredUntil += pause.until - pause.from;
    for (const connection of this.#connections.values()) connection.moveBy(pause);
    for (const connection of this.#wheel.takeAll()) this.#schedule(connection);
  }

  #makeHost(): Host {
    const { intervalMs, drainMs, lateMs, reconnect, bytes } = this.#setup;
    return {
      intervalMs,
      drainMs,
      lateMs,
      usefulMs: Math.max(intervalMs, USEFUL_MS),
      reconnect,
      maxBacklog: Math.max(MIN_BACKLOG, 4 * bytes),
      clock: (id) => now() - this.#kit.transport.session.stoodMs(id),
      open: (id, address, again, events, signal) => this.#signedLink(id, address, again, events, signal),
      schedule: (connection) => this.#schedule(connection),
      late: (ms) => this.#lateness.record(ms),
      opened: (id, ms) => this.#post({ type: "opened", id, ms }),
      failed: (id, failure) => this.#post({ type: "failed", id, failure }),
      dropped: (id, drop) => this.#post({ type: "dropped", id, drop }),
      reconnected: (id, gapMs) => this.#post({ type: "reconnected", id, gapMs }),
      ended: (id, totals) => this.#connectionEnded(id, totals),
    };
  }

  /** Last bytes and ticks go first, once for all that end now: whoever hears of the end has everything. */
  #connectionEnded(id: number, totals: ConnectionTotals): void {
    if (this.#ended.push({ type: "ended", id, totals }) > 1) return;
    setImmediate(() => this.#flushEnded());
  }

  #flushEnded(): void {
    const ended = this.#ended;
    this.#ended = [];
    this.#report();
    for (const message of ended) {
      this.#connections.delete(message.id);
      this.#post(message);
    }
  }

  /** Where the session has expired, a connection of its user waits, and then has the new token. */
  async #signedLink(
    id: number,
    address: Address,
    again: boolean,
    events: LinkEvents,
    signal: AbortSignal,
  ): Promise<Link> {
    const { session } = this.#kit.transport;
    for (;;) {
      const token = await session.usable(tokenOf(address), id, signal);
      try {
        return await this.#link(withToken(address, token), again, events, signal);
      } catch (error) {
        const isRefused = error instanceof LinkError && error.signedOut;
        if (!(await session.lapsed(token, isRefused))) throw error;
      }
    }
  }

  #link(address: Address, again: boolean, events: LinkEvents, signal: AbortSignal): Promise<Link> {
    if (address.kind !== "ssh") return openWebLink(this.#kit, address, again, events, signal);
    return openSshLink(this.#kit, this.#dial(), address.target, events, signal);
  }

  #dial(): WorkspaceDialer {
    const { ssh } = this.#setup;
    if (!ssh) throw new Error("this run is not set up for SSH");
    this.#dialer ??= ssh.via === "cli" ? this.#cliDialer(ssh) : this.#nativeDialer(ssh.connectionsPerNode);
    return this.#dialer;
  }

  #nativeDialer(connectionsPerNode: number): WorkspaceDialer {
    return new TailnetDialer({
      transport: this.#kit.transport,
      connectionsPerNode,
      event: (text) => this.#post({ type: "event", text: `SSH: ${text}` }),
    });
  }

  #cliDialer(ssh: Extract<SshSetup, { via: "cli" }>): WorkspaceDialer {
    const { url, target, pacer, session } = this.#kit.transport;
    return new CliDialer({ ...ssh, url, network: target.network, pacer, session });
  }

  #schedule(connection: Connection): void {
    this.#wheel.add(connection);
    if (!this.#paused) this.#timer ??= this.#sleep();
  }

  #sleep(): NodeJS.Timeout {
    return setTimeout(() => this.#turn(), this.#wheel.sleep(now()) + this.#setup.injectLatenessMs);
  }

  #turn(): void {
    const at = now();
    this.#wheel.advance(at, (connection) => connection.fire(at));
    this.#timer = this.#wheel.size > 0 ? this.#sleep() : undefined;
  }

  /** `isWhole`: a second has come to its end; else connections end in the middle of it. */
  #report(isWhole = false): void {
    this.#post(this.#second(isWhole));
  }

  /**
   * A second is over. A thread that comes late tells in the second that has just ended what it counted since its last
   * word: the seconds before may be closed, and say of themselves that nobody was heard in them.
   */
  #endSecond(): void {
    const second = this.#currentSecond();
    if (second > this.#reporting) {
      this.#reporting = second - 1;
      this.#report(true);
      this.#reporting = second;
      this.#part = 0;
    }
    const next = this.#setup.zero + (this.#reporting + 1) * 1_000;
    this.#reports = setTimeout(() => this.#endSecond(), Math.max(1, next - now()));
  }

  #currentSecond(): number {
    return Math.floor((now() - this.#setup.zero) / 1_000);
  }

  #second(isWhole: boolean): ShardSecond {
    const usage = nodePerformance.eventLoopUtilization(this.#usage);
    this.#usage = nodePerformance.eventLoopUtilization();
    const { connections, bytes, underWay, ...gauges } = this.#look();
    const at = { second: this.#reporting, part: this.#part++, isOver: now() >= this.#measuredUntil };
    const place = {
      ...gauges,
      lateness: this.#lateness,
      connections: connections.active,
      busy: usage.utilization,
    };
    const batch = this.#seconds.take(at, this.#tallies, {
      place: isWhole ? place : undefined,
      lateness: this.#lateness,
      underWay: this.#underWay,
    });
    if (batch.invalid !== undefined) this.#spoil();
    this.#underWay = batch.invalid === undefined ? underWay : {};
    return { type: "second", batch, connections, bytes };
  }

  /** What was due until now belongs to a second that does not count, whenever it comes back. */
  #spoil(): void {
    // The wheel takes what is due in a moment for what is due now.
    const until = now() + EARLY_MS;
    for (const tallies of Object.values(this.#tallies)) tallies.spoiledUntil = until;
  }

  #look() {
    const connections = { opening: 0, active: 0, reconnecting: 0 };
    let outstanding = 0;
    let backlogBytes = 0;
    const underWay: UnderWay = {};
    const bytes: number[] = [];
    for (const one of this.#connections.values()) {
      if (one.state === "opening") connections.opening++;
      else if (one.state === "active" || one.state === "draining") connections.active++;
      else if (one.state === "reconnecting") connections.reconnecting++;
      outstanding += one.matcher.outstanding;
      const since = this.#tallies[one.kind]?.spoiledUntil ?? 0;
      underWay[one.kind] = (underWay[one.kind] ?? 0) + one.matcher.outstandingSince(since);
      backlogBytes += one.backlog;
      const read = one.bytesRead - one.reportedRead;
      const written = one.bytesWritten - one.reportedWritten;
      if (read > 0 || written > 0) bytes.push(one.id, read, written);
      one.reportedRead = one.bytesRead;
      one.reportedWritten = one.bytesWritten;
    }
    return { connections, outstanding, backlogBytes, underWay, bytes: Float64Array.from(bytes) };
  }
}

function tokenOf(address: Address): string {
  return address.kind === "ssh" ? address.target.token : address.token;
}

function withToken(address: Address, token: string): Address {
  return address.kind === "ssh"
    ? { ...address, target: { ...address.target, token } }
    : { ...address, token };
}

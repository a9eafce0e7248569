import { performance as nodePerformance } from "node:perf_hooks";
import pLimit from "p-limit";
import { now } from "../measure/clock.ts";
import { Spread } from "../measure/spread.ts";
import { Connection, type Host, type Turn } from "./connection.ts";
import type { ConnectionTotals, FromPlace, Level, PlaceSecond, PlaceSetup, ToPlace } from "./messages.ts";
import { offsetOf } from "./offset.ts";
import type { Group, ProbeKind, ProbeKit } from "./probe.ts";
import { Seconds, type UnderWay } from "./seconds.ts";
import { EARLY_MS, Wheel } from "./wheel.ts";
import type { Window } from "./window.ts";

/** Handshakes at the same time: more only make each other late. */
const OPENING_AT_ONCE = 64;
/** A tick that comes later still adds to the load; after this the server has had a pause that was not asked for. */
const USEFUL_MS = 500;

/** A share of the run's connections, their schedule and their counts. */
export class Place {
  #setup: PlaceSetup;
  #post: (message: FromPlace) => void;
  #kit: ProbeKit;
  #wheel = new Wheel<Connection>(now());
  #connections = new Map<number, Connection>();
  #lateness = new Spread();
  #host: Host;
  #opening = pLimit(OPENING_AT_ONCE);
  #ended: Extract<FromPlace, { type: "ended" }>[] = [];
  #timer: NodeJS.Timeout | undefined;
  /** When the timer wakes; never, while there is none. */
  #wakesAt = Number.POSITIVE_INFINITY;
  #isTurning = false;
  #paused = false;
  /** Of those that have turns in the schedule now. */
  #level: Level;
  /** Was set in a pause: nothing that is due changes while the clock stands still. */
  #nextLevel: Level | undefined;
  /** As the setup says, and later by all pauses. */
  #epoch: number;
  /** The run's begin by this place's clock. */
  #zero: number;
  #reports: NodeJS.Timeout | undefined;
  readonly #seconds: Seconds;
  /** The second of the run that goes on, and how often it has been reported. */
  #reporting: number;
  #part = 0;
  /** Ticks that were sent and not back when the second began. */
  #underWay: UnderWay = new Map();
  /** The end of the measured part, as far as it is known. */
  #measuredUntil = Number.POSITIVE_INFINITY;
  #usage = nodePerformance.eventLoopUtilization();

  /** Throws a ZodError where the kind of probe does not take its setup. */
  constructor(setup: PlaceSetup, kind: ProbeKind, post: (message: FromPlace) => void) {
    this.#setup = setup;
    this.#post = post;
    this.#kit = kind.start(setup.probeSetup, {
      now: () => this.#now(),
      suspect: (token) => post({ type: "suspicion", token }),
      event: (what) => post({ type: "event", what }),
    });
    this.#level = { intervalMs: setup.intervalMs, active: Number.POSITIVE_INFINITY };
    this.#epoch = setup.epoch;
    this.#zero = setup.zero;
    this.#host = this.#makeHost();
    this.#seconds = new Seconds(String(setup.place), setup.lateMs);
    this.#reporting = this.#currentSecond();
    this.#endSecond();
  }

  take(message: ToPlace): void {
    if (message.type === "open") this.#open(message);
    else if (message.type === "align") this.#zero = message.zero;
    else if (message.type === "window") this.#setWindow(message.ids, message.window);
    else if (message.type === "level") this.#setLevel(message.level);
    else if (message.type === "pause") this.#pause();
    else if (message.type === "resume") this.#resume(message.pause);
    else if (message.type === "end") this.#connections.get(message.id)?.stop();
    else if (message.type === "session") this.#kit.session(message.news);
    else if (message.type === "close") this.close();
  }

  close(): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#reports);
    for (const connection of this.#connections.values()) connection.stop();
    this.#flushEnded();
    this.#kit.close();
  }

  #open({ id, index, address }: Extract<ToPlace, { type: "open" }>): void {
    const connection = new Connection(
      this.#host,
      { id, index, turn: this.#turnOf(index) },
      (window, events) => this.#kit.probe({ id, index, address, window, events }),
    );
    this.#connections.set(id, connection);
    void this.#opening(() => connection.open());
  }

  /** By the level as it is now. */
  #turnOf(index: number): Turn {
    const { places } = this.#setup;
    const { intervalMs, active } = this.#level;
    const connections = Math.max(1, Math.min(active, this.#setup.connections));
    const base = this.#epoch + offsetOf(index, { connections, places, intervalMs });
    return { base, isResting: index >= active };
  }

  #setWindow(ids: readonly number[], { from, until }: Window): void {
    const known = Number.isFinite(this.#measuredUntil) ? this.#measuredUntil : 0;
    this.#measuredUntil = Math.max(known, until);
    for (const id of ids) {
      const connection = this.#connections.get(id);
      if (connection) Object.assign(connection.window, { from, until });
    }
  }

  /** What was due until now still goes out; from now on all have the turns of the new level. */
  #setLevel(level: Level): void {
    if (this.#paused) {
      this.#nextLevel = level;
      return;
    }
    // The wheel takes what is due in a moment for what is due now.
    const at = now() + EARLY_MS;
    const waiting = this.#wheel.takeAll().filter((one) => one.catchUp(at));
    this.#level = level;
    this.#host.intervalMs = level.intervalMs;
    this.#host.usefulMs = usefulMs(level.intervalMs);
    for (const connection of this.#connections.values()) connection.setTurn(this.#turnOf(connection.index));
    this.#stopTimer();
    for (const connection of waiting) {
      connection.takeTurn(at);
      this.#schedule(connection);
    }
  }

  /** Ticks that are under way come back; none is sent. */
  #pause(): void {
    this.#paused = true;
    for (const { tallies } of this.#kit.groups) tallies.pausedAt = now();
    this.#stopTimer();
  }

  #resume(pause: Window): void {
    this.#paused = false;
    for (const { tallies } of this.#kit.groups) tallies.pausedAt = undefined;
    const ms = pause.until - pause.from;
    this.#measuredUntil += ms;
    this.#epoch += ms;
    for (const connection of this.#connections.values()) connection.moveBy(pause);
    for (const connection of this.#wheel.takeAll()) this.#schedule(connection);
    const level = this.#nextLevel;
    this.#nextLevel = undefined;
    if (level) this.#setLevel(level);
  }

  #makeHost(): Host {
    const { intervalMs, drainMs, reconnect } = this.#setup;
    return {
      intervalMs,
      usefulMs: usefulMs(intervalMs),
      drainMs,
      reconnect,
      schedule: (connection) => this.#schedule(connection),
      late: (ms) => this.#lateness.record(ms),
      opened: (id, ms) => this.#post({ type: "opened", id, ms }),
      failed: (id, failure) => this.#post({ type: "failed", id, failure }),
      dropped: (id, drop) => this.#post({ type: "dropped", id, drop }),
      reconnected: (id, gapMs) => this.#post({ type: "reconnected", id, gapMs }),
      resumed: (id, isSame) => this.#post({ type: "resumed", id, isSame }),
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

  #schedule(connection: Connection): void {
    this.#wheel.add(connection);
    // A tick that is due before the timer wakes would be late by that.
    if (!this.#paused && !this.#isTurning && connection.due < this.#wakesAt) this.#sleep();
  }

  #sleep(): void {
    clearTimeout(this.#timer);
    const at = now();
    const ms = this.#wheel.sleep(at);
    this.#wakesAt = at + ms;
    this.#timer = setTimeout(() => this.#turn(), ms + this.#setup.injectLatenessMs);
  }

  #stopTimer(): void {
    clearTimeout(this.#timer);
    this.#wakesAt = Number.POSITIVE_INFINITY;
  }

  /** Work may keep the timer of a second's end waiting: whatever happens after that end asks for the time first. */
  #now(): number {
    const at = now();
    if (at >= this.#zero + (this.#reporting + 1) * 1_000) this.#endSecond();
    return at;
  }

  #turn(): void {
    const at = this.#now();
    this.#isTurning = true;
    try {
      this.#wheel.advance(at, (connection) => connection.fire(at));
    } finally {
      this.#isTurning = false;
    }
    if (this.#wheel.size > 0) this.#sleep();
    else this.#stopTimer();
  }

  /** `isWhole`: a second has come to its end; else connections end in the middle of it. */
  #report(isWhole = false): void {
    this.#post(this.#second(isWhole));
  }

  /**
   * A second is over. A place that comes late says in the second that has just ended what it counted since its last
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
    const next = this.#zero + (this.#reporting + 1) * 1_000;
    clearTimeout(this.#reports);
    this.#reports = setTimeout(() => this.#endSecond(), Math.max(1, next - now()));
  }

  #currentSecond(): number {
    return Math.floor((now() - this.#zero) / 1_000);
  }

  #second(isWhole: boolean): PlaceSecond {
    const usage = nodePerformance.eventLoopUtilization(this.#usage);
    this.#usage = nodePerformance.eventLoopUtilization();
    const { connections, bytes, underWay, ...gauges } = this.#look();
    const at = { second: this.#reporting, part: this.#part++, isOver: now() >= this.#measuredUntil };
    const place = { ...gauges, connections: connections.active, busy: usage.utilization };
    const batch = this.#seconds.take(at, this.#kit.groups, {
      place: isWhole ? place : undefined,
      lateness: this.#lateness,
      underWay: this.#underWay,
    });
    if (batch.invalid !== undefined) this.#spoil();
    this.#underWay = batch.invalid === undefined ? underWay : new Map();
    return { type: "second", batch, connections, bytes };
  }

  /** What was due until now belongs to a second that does not count, whenever it comes back. */
  #spoil(): void {
    // The wheel takes what is due in a moment for what is due now.
    const until = now() + EARLY_MS;
    for (const { tallies } of this.#kit.groups) tallies.spoiledUntil = until;
  }

  #look() {
    const connections = { opening: 0, active: 0, reconnecting: 0 };
    let outstanding = 0;
    let backlogBytes = 0;
    const underWay = new Map<Group, number>();
    const bytes: number[] = [];
    for (const one of this.#connections.values()) {
      const { probe } = one;
      if (one.state === "opening") connections.opening++;
      else if (one.state === "active" || one.state === "draining") connections.active++;
      else if (one.state === "reconnecting") connections.reconnecting++;
      outstanding += probe.outstanding;
      const since = probe.group.tallies.spoiledUntil;
      underWay.set(probe.group, (underWay.get(probe.group) ?? 0) + probe.outstandingSince(since));
      backlogBytes += probe.backlog;
      const read = probe.bytesRead - one.reportedRead;
      const written = probe.bytesWritten - one.reportedWritten;
      if (read > 0 || written > 0) bytes.push(one.id, read, written);
      one.reportedRead = probe.bytesRead;
      one.reportedWritten = probe.bytesWritten;
    }
    return { connections, outstanding, backlogBytes, underWay, bytes };
  }
}

function usefulMs(intervalMs: number): number {
  return Math.max(intervalMs, USEFUL_MS);
}

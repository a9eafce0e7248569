import { readFileSync } from "node:fs";
import { cpus, uptime } from "node:os";
import { now } from "../../measure/clock.ts";
import { formatDuration } from "../../protocol/duration.ts";
import { type Message, say } from "../../text/message.ts";

/** Times of all cores together, in milliseconds since the machine began. */
export interface CoreTimes {
  /** All of it, idle or not. */
  all: number;
  idle: number;
  /** What the host of a virtual machine gave to others. */
  steal: number;
}

/** Where the machine is asked; tests give their own answers. */
export interface MachineSources {
  /** A clock that nobody can step. It may stand still while the machine sleeps. */
  monotonicMs(): number;
  /** The wall clock, which people and time servers set. */
  wallMs(): number;
  /** Since the machine began, sleep included. */
  upMs(): number;
  cores(): CoreTimes;
  /** CPU that this process has used. */
  ownMs(): number;
}

const systemSources: MachineSources = {
  monotonicMs: now,
  wallMs: () => Date.now(),
  upMs: () => uptime() * 1_000,
  cores: coreTimes,
  ownMs: () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1_000;
  },
};

/** What happened to this machine since the last look. */
export interface MachineLook {
  /** Milliseconds by the clock that nobody can step. */
  elapsedMs: number;
  /** How long the machine slept; 0 where it did not. */
  sleptMs: number;
  /** By how much somebody stepped the wall clock; 0 where nobody did. A time zone is no step: it moves no clock. */
  steppedMs: number;
  /** Shares of all cores: in use, by this process, taken by the host. */
  busy: number;
  own: number;
  steal: number;
}

/** Less is the fault of the clocks themselves: uptime is told in hundredths of a second at best. */
const LEAST_MS = 1_000;
const MUCH = 0.9;
/** A look comes once a second: later than this, something held it up; and this long, nothing but a stop does. */
const LATE_MS = 2_000;
const STOPPED_MS = 5_000;
const SOME = 0.05;

/** Watches the machine that makes the load. */
export class Machine {
  readonly #sources: MachineSources;
  #last: ReturnType<Machine["read"]>;

  constructor(sources: MachineSources = systemSources) {
    this.#sources = sources;
    this.#last = this.read();
  }

  read() {
    const { monotonicMs, wallMs, upMs, cores, ownMs } = this.#sources;
    return { at: monotonicMs(), wall: wallMs(), up: upMs(), cores: cores(), own: ownMs() };
  }

  /** Since the last call. */
  look(): MachineLook {
    const before = this.#last;
    const after = this.read();
    this.#last = after;
    const elapsedMs = after.at - before.at;
    const up = after.up - before.up;
    const slept = up - elapsedMs;
    const stepped = after.wall - before.wall - Math.max(elapsedMs, up);
    const all = Math.max(1, after.cores.all - before.cores.all);
    const coresMs = Math.max(1, elapsedMs * cpuCount());
    return {
      elapsedMs,
      sleptMs: slept >= LEAST_MS ? slept : 0,
      steppedMs: Math.abs(stepped) >= LEAST_MS ? stepped : 0,
      busy: 1 - (after.cores.idle - before.cores.idle) / all,
      own: (after.own - before.own) / coresMs,
      steal: (after.cores.steal - before.cores.steal) / all,
    };
  }
}

function cpuCount(): number {
  return Math.max(1, cpus().length);
}

/**
 * Why this process came late: the machine slept, somebody stopped the process, its host took the CPU, other programs
 * had it, or we used all of it. undefined where none of that shows.
 */
export function whyLate({ elapsedMs, sleptMs, busy, own, steal }: MachineLook): Message | undefined {
  if (sleptMs > 0) return say("this machine slept for {0}", formatDuration(sleptMs));
  // Whoever is late for seconds, and has used next to nothing, was not let run. A busy machine gives everybody a little.
  const isIdle = own * cpuCount() < SOME;
  if (isIdle && (elapsedMs > STOPPED_MS || (elapsedMs > LATE_MS && busy < MUCH)))
    return say("this process was stopped for {0}", formatDuration(Math.round(elapsedMs / 1_000) * 1_000));
  if (steal > SOME) return say("the host of this machine took {0} of its CPU", percent(steal));
  if (busy <= MUCH) return undefined;
  const others = Math.max(0, busy - own);
  return others > own
    ? say("this machine's CPU was {0} busy, {1} with other programs", percent(busy), percent(others))
    : say("this machine's CPU was {0} busy, {1} with this load", percent(busy), percent(own));
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

/** Linux tells of steal; elsewhere there is none to be had. */
function coreTimes(): CoreTimes {
  try {
    const [line = ""] = readFileSync("/proc/stat", "utf8").split("\n", 1);
    const ticks = line.split(/\s+/).slice(1).map(Number);
    const [, , , idle = 0, iowait = 0, , , steal = 0] = ticks;
    // Guests are in the user's time already.
    const all = ticks.slice(0, 8).reduce((sum, one) => sum + one, 0);
    if (all > 0) return { all: all * 10, idle: (idle + iowait) * 10, steal: steal * 10 };
  } catch {
    // No such file on other systems, and no handle for it at the limit of those.
  }
  const times = cpus().map((core) => core.times);
  const sum = (of: (one: (typeof times)[number]) => number) =>
    times.reduce((total, one) => total + of(one), 0);
  const idle = sum((one) => one.idle);
  return { all: idle + sum((one) => one.user + one.nice + one.sys + one.irq), idle, steal: 0 };
}

import TinyQueue from "tinyqueue";

/** How long a build takes, in milliseconds. */
export interface BuildTimes {
  p50Ms: number;
  p95Ms: number;
}

/** What waiting for a provisioner daemon comes to, in milliseconds. */
export interface QueueTimes {
  p50Ms: number;
  p95Ms: number;
  maxMs: number;
  /** From the first request until the last build has ended. */
  allDoneMs: number;
}

/** 95 % of a normal distribution are below so many standard deviations. */
const Z95 = 1.6449;
/** The same each time: a plan that differs at every look is no plan. */
const SEED = 20_240_417;
/** Each is a morning of its own; figures are of all of them. */
const MORNINGS = 10;

/**
 * Waiting times where `builds` are asked for evenly over `windowMs`, and `daemons` work one build each: simulated, as the
 * queue grows and empties again, for which steady-state formulas do not hold.
 */
export function queueOfMorning(
  { builds, windowMs, daemons }: { builds: number; windowMs: number; daemons: number },
  times: BuildTimes,
): QueueTimes {
  const random = randomOf(SEED);
  const waits: number[] = [];
  let allDone = 0;
  for (let morning = 0; morning < MORNINGS; morning++) {
    // When each daemon is free again.
    const free = new TinyQueue(new Array<number>(Math.max(1, daemons)).fill(0));
    for (let n = 0; n < builds; n++) {
      const asked = (n * windowMs) / builds;
      const begun = Math.max(asked, free.pop() ?? 0);
      const ended = begun + sampleOf(times, random);
      free.push(ended);
      waits.push(begun - asked);
      allDone = Math.max(allDone, ended);
    }
  }
  waits.sort((a, b) => a - b);
  const at = (share: number) => waits[Math.min(waits.length - 1, Math.ceil(share * waits.length) - 1)] ?? 0;
  return { p50Ms: at(0.5), p95Ms: at(0.95), maxMs: waits.at(-1) ?? 0, allDoneMs: allDone };
}

/** The fewest daemons with which 95 of 100 of these builds wait for less than that. */
export function daemonsFor(
  { builds, windowMs }: { builds: number; windowMs: number },
  times: BuildTimes,
  limitMs: number,
): number {
  let [few, enough] = [0, Math.max(1, builds)];
  while (enough - few > 1) {
    const middle = Math.floor((few + enough) / 2);
    const { p95Ms } = queueOfMorning({ builds, windowMs, daemons: middle }, times);
    if (p95Ms < limitMs) enough = middle;
    else few = middle;
  }
  return enough;
}

/**
 * Mean waiting time where builds come by chance, so many an hour, all day: M/G/c by Allen and Cunneen's approximation. undefined
 * where the daemons cannot keep up, and the queue grows for as long as that lasts.
 */
export function meanQueueMs(
  { buildsPerHour, daemons }: { buildsPerHour: number; daemons: number },
  times: BuildTimes,
): number | undefined {
  const { mean, squaredVariation } = momentsOf(times);
  const offered = (buildsPerHour / 3_600_000) * mean;
  const busy = offered / daemons;
  if (busy >= 1) return undefined;
  return ((erlangC(daemons, offered) * mean) / (daemons * (1 - busy))) * ((1 + squaredVariation) / 2);
}

/** Share of those that have to wait, for so many servers and an offered load in Erlangs. */
export function erlangC(servers: number, offered: number): number {
  // By Erlang B, from no server on: the factorials themselves would overflow.
  let blocked = 1;
  for (let n = 1; n <= servers; n++) blocked = (offered * blocked) / (n + offered * blocked);
  const busy = offered / servers;
  return blocked / (1 - busy + busy * blocked);
}

/** Of a lognormal distribution with these percentiles. */
function momentsOf({ p50Ms, p95Ms }: BuildTimes): { mean: number; squaredVariation: number } {
  const sigma = Math.log(Math.max(1, p95Ms / p50Ms)) / Z95;
  return { mean: p50Ms * Math.exp(sigma ** 2 / 2), squaredVariation: Math.exp(sigma ** 2) - 1 };
}

function sampleOf({ p50Ms, p95Ms }: BuildTimes, random: () => number): number {
  const sigma = Math.log(Math.max(1, p95Ms / p50Ms)) / Z95;
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return p50Ms * Math.exp(sigma * normal);
}

/** Mulberry32: even over [0, 1). */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

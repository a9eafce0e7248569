/** So many connections of a place share a wake-up. */
const SHARED = 4;
/** Connections are not further from their even place than this, nor than this share of the interval. */
const MOST_MS = 10;
const MOST_SHARE = 0.1;

/**
 * Milliseconds after the beginning of an interval at which a connection's ticks are due. Connections are
 * spread evenly, a few of them together where there are few: a thread that is woken for one tick alone spends
 * most of its time on waking (measured: 160 µs a tick with 40 connections apart, 60 with four together).
 */
export function offsetOf(
  index: number,
  { connections, places, intervalMs }: { connections: number; places: number; intervalMs: number },
): number {
  const widest = Math.min(MOST_MS, MOST_SHARE * intervalMs);
  const group = Math.max(1, Math.min(SHARED * places, Math.floor((connections * widest) / intervalMs)));
  return (Math.floor(index / group) * group * intervalMs) / connections;
}

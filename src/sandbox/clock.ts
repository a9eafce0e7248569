/** The server's own clock; a fault may set it apart from this machine's. */
export interface Clock {
  /** Unix time in milliseconds. */
  now(): number;
  /** Milliseconds by which the server's clock is ahead of this machine's. */
  skewMs: number;
}

export function createClock(): Clock {
  return {
    skewMs: 0,
    now() {
      return Date.now() + this.skewMs;
    },
  };
}

/** What Go writes for a time that was never set (`last_seen_at` of a user who was never seen). */
export const NEVER = "0001-01-01T00:00:00Z";

/** RFC 3339 in UTC. */
export function rfc3339(ms: number): string {
  return new Date(ms).toISOString();
}

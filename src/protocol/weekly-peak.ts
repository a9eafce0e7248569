/** The highest figures of a deployment in the last seven days, as a Prometheus server has them. */

/** `cpu` in cores and `memory` in bytes, of all replicas together. */
export type PeakOf = "users" | "agents" | "websockets" | "terminals" | "cpu" | "memory";

export interface Peak {
  of: PeakOf;
  value: number;
  /** Unix milliseconds. */
  at: number;
  /** The highest of each half; absent where one of them was not scraped for most of its time. */
  halves?: { earlier: number; later: number };
}

export interface WeeklyPeak {
  /** Host of the server. */
  source: string;
  /** Unix milliseconds: from the oldest figure of these days on. */
  from: number;
  until: number;
  peaks: Peak[];
  /** What coderd has now; undefined where it does not say. */
  replicas: number | undefined;
  cores: number | undefined;
  /** Of which there was nothing, and the name of the series that would have it. */
  missing: { of: PeakOf; series: string }[];
}

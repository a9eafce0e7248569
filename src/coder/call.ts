import type { Subject } from "./session.ts";

export interface RequestOptions {
  signal?: AbortSignal;
  /** Milliseconds until the answer is here; 60 s by default. */
  timeoutMs?: number;
  /**
   * Milliseconds that a request which has been sent goes on after its signal: what it makes has to be known, to be deleted
   * again. 0 by default. One that still waits for its turn ends at once.
   */
  graceMs?: number;
  /** How often it is sent again where that is safe; 6 by default, 0 for an answer at once. */
  retries?: number;
  /** It changes nothing that lasts, whatever its method says: it may be sent again. */
  isQuestion?: boolean;
  /** Told how long the request waited here for its place under the rate limit, or for a sign-in, in milliseconds. */
  onWait?: (ms: number) => void;
  /** Told what time it is by the deployment's clock, in Unix milliseconds to the second, where its answer says. */
  onDate?: (at: number) => void;
}

export interface Call extends RequestOptions {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** As sent, without the origin: `/api/v2/users`. */
  path: string;
  query?: Record<string, string>;
  /** The path with its ids as placeholders, for errors and counts. */
  route: string;
  token: string;
  subject: Subject;
  body?: unknown;
}

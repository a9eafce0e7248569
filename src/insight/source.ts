import type { Value } from "../measure/values.ts";
import type { Message } from "../text/message.ts";

/** What was found, of one process where it is of coderd. */
export interface Found {
  /** By series key; metrics of contract/server-metrics.ts. */
  values: Readonly<Record<string, Value>>;
  /** Of these keys, every replica tells the same. */
  shared?: ReadonlySet<string>;
  /** What the source measures has begun anew. */
  restarted?: boolean;
}

/** A replica of coderd that a source tells of. */
export interface Replica extends Found {
  /** As its page would be called: "coder-7d9f-abcde". */
  name: string;
  answers: boolean;
}

/** What one look at a source costs, and what it has found. */
export interface Look extends Found {
  /** Of a source that tells of several. */
  replicas?: readonly Replica[];
  requests: number;
  bytes: number;
  /** Milliseconds of a core that reading it took. */
  cpuMs: number;
}

/**
 * Something that knows the deployment from within: coderd's page of metrics, its API. A Prometheus server, Kubernetes
 * and PostgreSQL are others of this kind. A source is only read, never written to.
 */
export interface Source {
  /** For people, and the place of its seconds: "coderd 10.0.0.7:2112". */
  readonly name: string;
  /** Rejects with one line where there is no answer, or none that can be read; or with the signal's reason. */
  look(signal: AbortSignal): Promise<Look>;
  /** What it has found up to now, where that is more than an answer: "2 replicas of coderd". */
  found?(): Message | undefined;
  /** What it might have told and has not, up to now. */
  missing(): Message[];
  close(): Promise<void>;
}

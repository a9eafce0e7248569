import type { SessionNews } from "../../coder/session.ts";
import type { LoadSetup } from "../../load/messages.ts";
import { Pool, type PoolEvents, type PooledConnection as Pooled } from "../../load/pool.ts";
import { threads } from "../../load/thread-place.ts";
import { type Address, ECHO, type EchoSetup } from "./probe/setup.ts";

export type PooledConnection = Pooled<Address>;

/** What all shards of a run are told. */
export type ShardSetup = LoadSetup & EchoSetup & { shards: number };

/** The run's shards: threads that hold its connections, each of which is an echo. */
export class ShardPool extends Pool<Address> {
  /** `script` is dist/shard.js. */
  constructor(script: string, count: number, setup: ShardSetup, events: PoolEvents<Address>) {
    const { target, bytes, echo, seed, openTimeoutMs, upgradesStripped, ssh, shards: _, ...load } = setup;
    const probeSetup: EchoSetup = { target, bytes, echo, seed, openTimeoutMs, upgradesStripped, ssh };
    super(threads(script), count, { ...load, probe: ECHO, probeSetup }, events);
  }

  /** Tells one shard, or all, how the session stands. */
  tellSession(news: SessionNews, shard?: number): void {
    this.session(news, shard);
  }
}

import type { CoderClient } from "../../coder/client.ts";
import { JobFailure } from "../../contract/failures.ts";
import type { Job, JobContext } from "../../contract/job.ts";
import type { ByteCounts } from "../../load/byte-counts.ts";
import type { Course } from "../../load/course.ts";
import type { ConnectionTotals } from "../../load/messages.ts";
import { unlessAborted } from "../../protocol/abort.ts";
import { formatDuration } from "../../protocol/duration.ts";
import type { OwnerTokens } from "../owner-tokens.ts";
import type { Target } from "../targets.ts";
import { type AddressBook, addressOf } from "./addresses.ts";
import type { PooledConnection, ShardPool } from "./pool.ts";
import type { EchoTotals } from "./probe/echo-matcher.ts";
import { LABELS } from "./probe/labels.ts";

/** What all jobs of a run share. */
export interface Shared {
  book: AddressBook;
  course: Course;
  pool: ShardPool;
  tokens: OwnerTokens;
  /** The caller's own token does for all workspaces. */
  ownToken: boolean;
  /** Whose own token does for their own workspaces. */
  hostId: string;
  /** Bytes of payload by connection, as shards have reported so far. */
  bytes: ByteCounts;
}

/** An end that was asked for is waited for this long. */
const END_LIMIT_MS = 6_000;

/** The traffic of one workspace. */
export class TrafficJob implements Job {
  readonly index: number;
  readonly name: string;
  readonly owner: string;
  #target: Target;
  #shared: Shared;

  constructor(index: number, target: Target, shared: Shared) {
    this.index = index;
    this.#target = target;
    this.#shared = shared;
    this.name = target.workspace.name;
    this.owner = target.workspace.owner_name;
  }

  async run(context: JobContext): Promise<void> {
    const { course, pool } = this.#shared;
    context.workspaceId(this.#target.workspace.id);
    const user = await this.#user(context).finally(() => course.readyOrNot());
    const opening = this.#open(context, user);
    const { connections, failure } = await opening.finally(() => course.openedOrNot());
    try {
      const planned = course.window(context.signal).then((window) => {
        // Also of those that could not be opened: what they should have sent was asked for.
        pool.setWindow(connections, window);
      });
      planned.catch(() => undefined);
      if (connections.every((one) => one.failure)) throw failure;
      await planned;
      context.ready();
      context.state("active", "traffic");
      const totals = await unlessAborted(this.#ends(context, connections), context.signal);
      if (failure) throw failure;
      judge(this.#shared.book, connections, totals);
    } catch (error) {
      if (context.signal.aborted) await this.#stop(connections);
      throw error;
    }
  }

  /** The client whose token the connections have. */
  async #user(context: JobContext): Promise<CoderClient> {
    const { tokens, ownToken, hostId } = this.#shared;
    const ownerId = this.#target.workspace.owner_id;
    if (ownToken || ownerId === hostId) return context.client;
    context.state("starting", "getting a token");
    const token = await context.timed("token", () =>
      tokens.take(ownerId, context.client, context.ledger, context.signal),
    );
    return context.client.as({ token });
  }

  /** All that were asked for, opened or not; `failure` is the first that was not. */
  async #open(
    context: JobContext,
    user: CoderClient,
  ): Promise<{ connections: PooledConnection[]; failure: unknown }> {
    const count = this.#shared.book.config.connectionsPerWorkspace;
    const first = this.index * count;
    context.doing("waiting for its turn");
    const asked = await Promise.allSettled(
      Array.from({ length: count }, (_, at) => this.#openOne(context, user, first + at)),
    );
    context.signal.throwIfAborted();
    const connections = asked.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
    const refused = asked.find((one) => one.status === "rejected")?.reason as unknown;
    return { connections, failure: connections.find((one) => one.failure)?.failure ?? refused };
  }

  /** Resolves when it is open, or has failed to open. Rejects where it could not even be tried. */
  async #openOne(context: JobContext, user: CoderClient, index: number): Promise<PooledConnection> {
    const { book, course, pool } = this.#shared;
    await course.turn(index, context.signal);
    context.doing("connecting");
    const address = addressOf(book, this.#target, user);
    context.client.transport.meter?.called(context.client.subject, ROUTES[address.kind]);
    const connection = pool.open(index, address);
    try {
      context.phase("open", await unlessAborted(connection.opened, context.signal));
    } catch (error) {
      if (context.signal.aborted) {
        pool.end(connection);
        throw error;
      }
    }
    return connection;
  }

  /** Resolves with what each connection counted, when all have ended. */
  async #ends(context: JobContext, connections: readonly PooledConnection[]): Promise<ConnectionTotals[]> {
    const { bytes } = this.#shared;
    const ids = connections.map((one) => one.id);
    const tell = () => {
      const drop = connections.findLast((one) => one.drops.length > 0)?.drops.at(-1);
      if (drop) context.doing(`dropped (code ${drop.code}) after ${formatDuration(drop.afterMs)}`);
      context.values({
        bytes_read: sum(ids.map((id) => bytes.read(id))),
        bytes_written: sum(ids.map((id) => bytes.written(id))),
      });
    };
    const forget = bytes.onChange(ids, tell);
    try {
      return await Promise.all(connections.map((one) => one.ended));
    } finally {
      forget();
      tell();
    }
  }

  async #stop(connections: readonly PooledConnection[]): Promise<void> {
    for (const one of connections) this.#shared.pool.end(one);
    const limit = new Promise<void>((resolve) => setTimeout(resolve, END_LIMIT_MS).unref());
    await Promise.race([Promise.allSettled(connections.map((one) => one.ended)), limit]);
  }

  async cleanup(context: JobContext): Promise<void> {
    const { tokens } = this.#shared;
    context.doing("revoking the token");
    await tokens.revoke(this.#target.workspace.owner_id, context.client, context.ledger, context.signal);
  }
}

const ROUTES = {
  pty: "GET /api/v2/workspaceagents/{agent}/pty",
  app: "GET /@{user}/{workspace}/apps/{app}",
  ssh: "GET /api/v2/workspaceagents/{agent}/coordinate",
} as const;

/** A connection that ended before its time, or an echo that was not right, is a failure, never a pass. */
function judge(
  book: AddressBook,
  connections: readonly PooledConnection[],
  totals: ConnectionTotals[],
): void {
  const kind = book.config.ssh ? "ssh" : book.config.app ? "app" : "pty";
  const label = LABELS[kind];
  const drops = connections.flatMap((one) => one.drops);
  const [drop] = drops;
  if (drop) {
    const reason = drop.reason ? `: ${drop.reason}` : "";
    // One outage ends some by a reset and others without a word: how each ended is detail, not another cause.
    const isOurs = drop.code === "shard";
    const cause = isOurs ? "connection lost with its thread" : "connection dropped";
    throw new JobFailure(isOurs ? `${kind}_shard` : `${kind}_dropped`, `${label}: ${cause}`, {
      message: `${label}: connection dropped (code ${drop.code}${reason}) after ${formatDuration(drop.afterMs)}${drops.length > 1 ? `, and ${drops.length - 1} times more` : ""}`,
    });
  }
  const ticks = (key: keyof EchoTotals) => sum(totals.map((one) => one.ticks[key] ?? 0));
  const problem = (id: string, cause: string, text: string) =>
    new JobFailure(`${kind}_${id}`, `${label}: ${cause}`, { message: `${label}: ${text}` });
  const sent = ticks("sent");
  if (ticks("lost") > 0)
    throw problem("lost", "echoes missing", `${ticks("lost")} of ${sent} echoes are missing`);
  if (ticks("wrong") > 0)
    throw problem(
      "wrong",
      "echoes with wrong bytes",
      `${ticks("wrong")} of ${sent} echoes have wrong bytes (${ticks("bytesWrong")} in all)`,
    );
  if (ticks("bytesExtra") > 0)
    throw problem(
      "extra",
      "bytes that were not sent",
      `${ticks("bytesExtra")} bytes came back that were not sent`,
    );
  if (sent === 0) throw problem("nothing_sent", "nothing was sent", "not a single message was sent");
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}

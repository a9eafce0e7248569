import type { CoderClient } from "../../coder/client.ts";
import { JobFailure } from "../../contract/failures.ts";
import type { Job, JobContext } from "../../contract/job.ts";
import type { ByteCounts } from "../../load/byte-counts.ts";
import type { Course } from "../../load/course.ts";
import type { ConnectionTotals, Drop } from "../../load/messages.ts";
import type { Window } from "../../load/window.ts";
import { now } from "../../measure/clock.ts";
import { unlessAborted } from "../../protocol/abort.ts";
import { formatDuration } from "../../protocol/duration.ts";
import { type Message, say } from "../../text/message.ts";
import type { OwnerTokens } from "../owner-tokens.ts";
import type { Target } from "../targets.ts";
import { type AddressBook, addressOf } from "./addresses.ts";
import type { Growth } from "./growth.ts";
import type { PooledConnection, ShardPool } from "./pool.ts";
import type { EchoTotals } from "./probe/echo-matcher.ts";
import { LABELS } from "./probe/labels.ts";

/** What all jobs of a run share. */
export interface Shared {
  book: AddressBook;
  course: Course;
  /** How many have a job. */
  workspaces: number;
  pool: ShardPool;
  tokens: OwnerTokens;
  /** The caller's own token does for all workspaces. */
  ownToken: boolean;
  /** Whose own token does for their own workspaces. */
  hostId: string;
  /** Bytes of payload by connection, as shards have reported so far. */
  bytes: ByteCounts;
  /** Of a search: connections are opened as its levels use them. */
  growth: Growth | undefined;
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
        return window;
      });
      planned.catch(() => undefined);
      if (failure && connections.every((one) => one.failure)) throw failure;
      const window = await planned;
      context.ready();
      context.state("active", say("traffic"));
      const totals = await unlessAborted(
        this.#ends(context, connections, this.#grows(context, user, connections, window)),
        context.signal,
      );
      if (failure) throw failure;
      judge(this.#shared.book, connections, totals);
    } catch (error) {
      if (context.signal.aborted) {
        // Before they end: places tell of what they measured when that is so.
        course.cut(now());
        await this.#stop(connections);
      }
      throw error;
    }
  }

  /** The client whose token the connections have. */
  async #user(context: JobContext): Promise<CoderClient> {
    const { tokens, ownToken, hostId } = this.#shared;
    const ownerId = this.#target.workspace.owner_id;
    if (ownToken || ownerId === hostId) return context.client;
    context.state("starting", say("getting a token"));
    const token = await context.timed("token", () =>
      tokens.take(ownerId, context.client, context.ledger, context.signal),
    );
    return context.client.as({ token });
  }

  /** The ids of its connections, of which a search has come to so many in all. */
  #ids(reached = Number.POSITIVE_INFINITY): number[] {
    const count = this.#shared.book.config.connectionsPerWorkspace;
    const { workspaces } = this.#shared;
    // Dealt in turn: however many there are, all workspaces have about as many.
    const ids = Array.from({ length: count }, (_, at) => at * workspaces + this.index);
    return ids.filter((id) => id < reached);
  }

  /** All that were asked for, opened or not; `failure` is the first that was not. */
  async #open(
    context: JobContext,
    user: CoderClient,
    ids = this.#ids(this.#shared.growth?.connections),
  ): Promise<{ connections: PooledConnection[]; failure: unknown }> {
    context.doing(say("waiting for its turn"));
    const asked = await Promise.allSettled(ids.map((id) => this.#openOne(context, user, id)));
    context.signal.throwIfAborted();
    const connections = asked.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
    const refused = asked.find((one) => one.status === "rejected")?.reason as unknown;
    return { connections, failure: connections.find((one) => one.failure)?.failure ?? refused };
  }

  /** Opens more as the search comes to them. Resolves never: the search ends the step. undefined where nothing grows. */
  #grows(
    context: JobContext,
    user: CoderClient,
    connections: PooledConnection[],
    window: Window,
  ): Promise<never> | undefined {
    const { growth, pool } = this.#shared;
    if (!growth) return undefined;
    let next = this.#ids(growth.connections).length;
    const unfollow = growth.follow(async (reached) => {
      const ids = this.#ids(reached).slice(next);
      next += ids.length;
      if (ids.length === 0) return;
      const { connections: more } = await this.#open(context, user, ids);
      connections.push(...more);
      pool.setWindow(more, window);
      context.doing(say("traffic"));
    });
    context.signal.addEventListener("abort", unfollow, { once: true });
    return new Promise(() => undefined);
  }

  /** Resolves when it is open, or has failed to open. Rejects where it could not even be tried. */
  async #openOne(context: JobContext, user: CoderClient, index: number): Promise<PooledConnection> {
    const { book, course, pool } = this.#shared;
    await course.turn(index, context.signal);
    context.doing(CONNECTING);
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
  async #ends(
    context: JobContext,
    connections: readonly PooledConnection[],
    growing: Promise<never> | undefined,
  ): Promise<ConnectionTotals[]> {
    const { bytes } = this.#shared;
    const ids = this.#ids();
    const tell = () => {
      const drop = connections.findLast((one) => one.drops.length > 0)?.drops.at(-1);
      if (drop) context.doing(say("dropped (code {0}) after {1}", drop.code, formatDuration(drop.afterMs)));
      context.values({
        bytes_read: sum(ids.map((id) => bytes.read(id))),
        bytes_written: sum(ids.map((id) => bytes.written(id))),
      });
    };
    const forget = bytes.onChange(ids, tell);
    try {
      await growing;
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
    context.doing(say("revoking the token"));
    await tokens.revoke(this.#target.workspace.owner_id, context.client, context.ledger, context.signal);
  }
}

/** Of thousands at the same time: one for all. */
const CONNECTING = say("connecting");

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
    // One outage ends some by a reset and others without a word: how each ended is detail, not another cause.
    const isOurs = drop.code === "shard";
    const cause = isOurs
      ? say("{0}: connection lost with its thread", label)
      : say("{0}: connection dropped", label);
    throw new JobFailure(isOurs ? `${kind}_shard` : `${kind}_dropped`, cause, {
      said: sayDrops(label, drops),
    });
  }
  const ticks = (key: keyof EchoTotals) => sum(totals.map((one) => one.ticks[key] ?? 0));
  const problem = (id: string, cause: Message, said: Message) =>
    new JobFailure(`${kind}_${id}`, cause, { said: say("{0}: {1}", label, said) });
  const sent = ticks("sent");
  if (ticks("lost") > 0)
    throw problem(
      "lost",
      say("{0}: echoes missing", label),
      say("{0} of {1} echoes are missing", ticks("lost"), sent),
    );
  if (ticks("wrong") > 0)
    throw problem(
      "wrong",
      say("{0}: echoes with wrong bytes", label),
      say("{0} of {1} echoes have wrong bytes ({2} in all)", ticks("wrong"), sent, ticks("bytesWrong")),
    );
  if (ticks("bytesExtra") > 0)
    throw problem(
      "extra",
      say("{0}: bytes that were not sent", label),
      say("{0} bytes came back that were not sent", ticks("bytesExtra")),
    );
  if (sent === 0)
    throw problem("nothing_sent", say("{0}: nothing was sent", label), say("not a single message was sent"));
}

/** The first drop, with how it ended, and how many more there were. */
function sayDrops(label: Message, [first, ...more]: readonly Drop[]): Message {
  if (!first) return label;
  const { code, reason, afterMs } = first;
  const how = reason ? `${code}: ${reason}` : code;
  const after = formatDuration(afterMs);
  return more.length > 0
    ? say("{0}: connection dropped (code {1}) after {2}, and {3} times more", label, how, after, more.length)
    : say("{0}: connection dropped (code {1}) after {2}", label, how, after);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}

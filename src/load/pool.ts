import { JobFailure } from "../contract/failures.ts";
import { type Message, say } from "../text/message.ts";
import type {
  ConnectionTotals,
  Drop,
  FromPlace,
  Level,
  LoadSetup,
  PlaceSecond,
  ToPlace,
} from "./messages.ts";
import { RemotePlace, type StartPlace } from "./remote-place.ts";
import type { Window } from "./window.ts";

/** What the pool reports as it comes. `A`: where a connection goes. */
export interface PoolEvents<A> {
  second(place: number, second: PlaceSecond): void;
  opened(connection: PooledConnection<A>): void;
  failed(connection: PooledConnection<A>): void;
  dropped(connection: PooledConnection<A>, drop: Drop): void;
  reconnected(connection: PooledConnection<A>, gapMs: number): void;
  resumed(connection: PooledConnection<A>, isSame: boolean): void;
  /** A place is gone, with the connections that it had. */
  died(place: number, error: Error, connections: readonly PooledConnection<A>[]): void;
  /** A place was refused with the session's token, and waits for news of the session. */
  suspicion(place: number, token: string): void;
  event(what: Message): void;
}

/** A connection as the main thread sees it. */
export interface PooledConnection<A> {
  id: number;
  place: number;
  address: A;
  window: Window | undefined;
  /** Milliseconds that it took. Rejects with JobFailure. */
  opened: Promise<number>;
  /** Rejects with JobFailure where its place died. */
  ended: Promise<ConnectionTotals>;
  /** Why it could not be opened. */
  failure: JobFailure | undefined;
  drops: Drop[];
}

/** What all places of a pool are told. `probeSetup` is plain JSON, as the kind of probe wants it. */
export type PoolSetup = LoadSetup & { probe: string; probeSetup: unknown };

interface Waiting<A> {
  connection: PooledConnection<A>;
  open: (ms: number) => void;
  fail: (error: Error) => void;
  end: (totals: ConnectionTotals) => void;
  lose: (error: Error) => void;
}

/** The run's places, which hold its connections. */
export class Pool<A> {
  readonly #places: RemotePlace[] = [];
  readonly #waiting = new Map<number, Waiting<A>>();
  readonly #events: PoolEvents<A>;
  #closing = false;

  constructor(start: StartPlace, count: number, setup: PoolSetup, events: PoolEvents<A>) {
    this.#events = events;
    for (let place = 0; place < count; place++) {
      const placed = { ...setup, place, places: count };
      const remote = new RemotePlace(start, placed, {
        message: (message) => this.#take(place, message),
        died: (error) => this.#died(place, error),
      });
      this.#places.push(remote);
    }
  }

  get size(): number {
    return this.#places.length;
  }

  alive(place: number): boolean {
    return this.#places[place]?.isAlive ?? false;
  }

  /** Opens connection `index` of the run, in the place whose turn it is. */
  open(index: number, address: A): PooledConnection<A> {
    const place = index % this.#places.length;
    const connection = this.#register(index, place, address);
    if (this.alive(place)) this.#post(place, { type: "open", id: index, index, address });
    else this.#lose(index, placeDied(place));
    return connection;
  }

  #register(id: number, place: number, address: A): PooledConnection<A> {
    const [opened, open, fail] = settledLater<number>();
    const [ended, end, lose] = settledLater<ConnectionTotals>();
    const connection: PooledConnection<A> = {
      id,
      place,
      address,
      window: undefined,
      failure: undefined,
      opened,
      ended,
      drops: [],
    };
    this.#waiting.set(id, { connection, open, fail, end, lose });
    return connection;
  }

  setWindow(connections: readonly PooledConnection<A>[], window: Window): void {
    for (let place = 0; place < this.#places.length; place++) {
      const here = connections.filter((one) => one.place === place);
      for (const one of here) one.window = window;
      if (here.length > 0) this.#post(place, { type: "window", ids: here.map((one) => one.id), window });
    }
  }

  /** From now on this much is sent. Connections that are open stay open; those above `active` are held, and rest. */
  setLevel(level: Level): void {
    this.#postAll({ type: "level", level });
  }

  /** Nothing is sent until `resume`; connections stay open. */
  pause(at: number): void {
    this.#postAll({ type: "pause", at });
  }

  resume(pause: Window): void {
    this.#postAll({ type: "resume", pause });
  }

  end(connection: PooledConnection<A>): void {
    this.#post(connection.place, { type: "end", id: connection.id });
  }

  /** Tells one place, or all, how the session stands; the kind of probe knows what that means. */
  session(news: unknown, place?: number): void {
    if (place === undefined) this.#postAll({ type: "session", news });
    else this.#post(place, { type: "session", news });
  }

  #postAll(message: ToPlace): void {
    for (const place of this.#places) place.post(message);
  }

  #post(place: number, message: ToPlace): void {
    this.#places[place]?.post(message);
  }

  #take(place: number, message: Exclude<FromPlace, { type: "clock" }>): void {
    if (message.type === "second") return this.#events.second(place, message);
    if (message.type === "event") return this.#events.event(message.what);
    if (message.type === "suspicion") return this.#events.suspicion(place, message.token);
    const waiting = this.#waiting.get(message.id);
    if (!waiting) return;
    const { connection } = waiting;
    if (message.type === "opened") {
      waiting.open(message.ms);
      this.#events.opened(connection);
    } else if (message.type === "failed") {
      const { causeId, cause, said, requestId } = message.failure;
      connection.failure = new JobFailure(causeId, cause, { said, requestId });
      waiting.fail(connection.failure);
      this.#events.failed(connection);
    } else if (message.type === "dropped") {
      connection.drops.push(message.drop);
      this.#events.dropped(connection, message.drop);
    } else if (message.type === "reconnected") this.#events.reconnected(connection, message.gapMs);
    else if (message.type === "resumed") this.#events.resumed(connection, message.isSame);
    else {
      this.#waiting.delete(message.id);
      waiting.end(message.totals);
    }
  }

  #died(place: number, error: Error): void {
    if (this.#closing) return;
    const lost = [...this.#waiting.values()]
      .map((one) => one.connection)
      .filter((one) => one.place === place);
    this.#events.died(place, error, lost);
    for (const connection of lost) this.#lose(connection.id, placeDied(place));
  }

  #lose(id: number, failure: JobFailure): void {
    const waiting = this.#waiting.get(id);
    if (waiting) waiting.connection.failure ??= failure;
    this.#waiting.delete(id);
    waiting?.fail(failure);
    waiting?.lose(failure);
  }

  /** Ends all places; what they hold open is closed first. */
  async close(): Promise<void> {
    this.#closing = true;
    await Promise.all(this.#places.map((place) => place.close()));
  }

  /** For tests: ends one place as a crash would. */
  async kill(place: number): Promise<void> {
    await this.#places[place]?.kill();
  }
}

/** A promise that nobody has to wait for, and what settles it. */
function settledLater<T>(): [Promise<T>, (value: T) => void, (error: Error) => void] {
  let settle: [(value: T) => void, (error: Error) => void] = [() => undefined, () => undefined];
  const promise = new Promise<T>((resolve, reject) => {
    settle = [resolve, reject];
  });
  promise.catch(() => undefined);
  return [promise, ...settle];
}

function placeDied(place: number): JobFailure {
  return new JobFailure("shard_died", say("generator: the thread that held the connection died"), {
    said: say("shard {0} of the generator died", String(place)),
  });
}

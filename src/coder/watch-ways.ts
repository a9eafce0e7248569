import { type Failure, isFailure, isPassing } from "./errors.ts";

/** How news of a workspace comes, the best first: by WebSocket, by server-sent events, by asking again and again. */
export type Way = "socket" | "events" | "poll";

const WAYS: readonly Way[] = ["socket", "events", "poll"];
/** A way that has worked may be refused for a moment: by a replica that leaves, by a proxy that restarts. */
const MISSES_OF_PROVED = 3;
/** A lost connection says less than a refusal. */
const LOSSES_OF_UNPROVED = 2;

/** What a deployment, and all that stands before it, lets through: found out once for all watches of a transport. */
export class Ways {
  #best = 0;
  readonly #proved = new Set<Way>();
  #misses = 0;
  /** Told when the best way has become a worse one. */
  onWorse: () => void = () => undefined;

  get best(): Way {
    return WAYS[this.#best] ?? "poll";
  }

  isProved(way: Way): boolean {
    return this.#proved.has(way);
  }

  /** News has come by it. */
  works(way: Way): void {
    this.#proved.add(way);
    if (way === this.best) this.#misses = 0;
  }

  /**
   * It has failed, although the workspace is there and plain requests are answered. `isRefused`: by an answer, or
   * by silence; else the connection was lost.
   */
  fails(way: Way, isRefused: boolean): void {
    if (way !== this.best || way === "poll") return;
    const isProved = this.#proved.has(way);
    if (isProved && !isRefused) return;
    this.#misses++;
    const most = isProved ? MISSES_OF_PROVED : isRefused ? 1 : LOSSES_OF_UNPROVED;
    if (this.#misses < most) return;
    this.#best++;
    this.#misses = 0;
    this.onWorse();
  }
}

const known = new WeakMap<object, Ways>();

/** Of a transport. */
export function waysOf(transport: object): Ways {
  let ways = known.get(transport);
  if (!ways) {
    ways = new Ways();
    known.set(transport, ways);
  }
  return ways;
}

/** A way was opened, and then nothing came: something between here and the deployment keeps it back. */
export class Silent extends Error {
  override readonly name = "Silent";
}

/** Whether it was refused for good, as opposed to lost on the way. */
export function isRefusal(error: unknown): boolean {
  return error instanceof Silent || (isFailure(error) && !isLoss(error.failure));
}

function isLoss(failure: Failure): boolean {
  return failure.kind === "network" || (failure.kind === "server" && isPassing(failure.status));
}

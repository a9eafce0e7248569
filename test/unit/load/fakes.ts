import type { LoadSetup } from "../../../src/load/messages.ts";
import type { PoolEvents } from "../../../src/load/pool.ts";
import type { ProbeKind } from "../../../src/load/probe.ts";
import type { StartPlace } from "../../../src/load/remote-place.ts";
import type { PlaceServer } from "../../../src/load/serve.ts";

export const loadSetup: LoadSetup = {
  connections: 4,
  intervalMs: 100,
  reconnect: false,
  drainMs: 1_000,
  epoch: 0,
  zero: 0,
  lateMs: 10,
  injectLatenessMs: 0,
};

const silent = () => undefined;

export const silentEvents: PoolEvents<unknown> = {
  second: silent,
  opened: silent,
  failed: silent,
  dropped: silent,
  reconnected: silent,
  resumed: silent,
  died: silent,
  suspicion: silent,
  event: silent,
};

/**
 * Places that are reached by text, as over a network: messages are JSON, and take `wayMs` each way.
 * `Server`: whose clock the place has.
 */
export function byText(Server: typeof PlaceServer, kinds: readonly ProbeKind[], wayMs: number): StartPlace {
  return (_place, events) => {
    let isGone = false;
    const send = (message: unknown, take: (json: unknown) => unknown) => {
      const text = JSON.stringify(message);
      setTimeout(() => {
        if (!isGone) take(JSON.parse(text));
      }, wayMs);
    };
    const server = new Server(kinds, (message) => send(message, events.message));
    return {
      post: (message) =>
        send(message, (json) => {
          try {
            server.take(json);
          } catch (error) {
            events.died(error as Error);
          }
        }),
      closed: () => Promise.resolve(),
      kill: () => {
        isGone = true;
        return Promise.resolve();
      },
    };
  };
}

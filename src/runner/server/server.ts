import { timingSafeEqual } from "node:crypto";
import { createServer, type Server, type Socket } from "node:net";
import { type MessageConnection, ResponseError } from "vscode-jsonrpc/node";
import type * as z from "zod";
import {
  type BuildLog,
  type NotificationMethod,
  PROTOCOL_VERSION,
  type RequestMethod,
  requests,
} from "../../protocol/messages.ts";
import type { Sample, Snapshot } from "../../protocol/snapshot.ts";
import { english, type Message, say } from "../../text/message.ts";
import { saidOf } from "../../text/said-error.ts";
import type { Refused } from "../client/rpc.ts";
import { connectionOver } from "../client/socket.ts";

/** What the runner can be asked, without a word of sockets in it. */
export interface RunnerService {
  token: string;
  runId: string;
  /** Resolves when the run has begun. Rejects with one sentence where it cannot begin. */
  start(params: z.output<(typeof requests)["run/start"]["params"]>): Promise<void>;
  /** undefined before the start. */
  snapshot(): Snapshot | undefined;
  stop(keep: boolean): void;
  /** Answers with one sentence that says what it does. */
  pause(paused: boolean): Message;
  /** Another session token. Resolves with one sentence, and rejects with one. */
  renew(token: string): Promise<Message>;
  workspaces(
    query: z.output<(typeof requests)["run/workspaces"]["params"]>,
  ): z.input<(typeof requests)["run/workspaces"]["result"]>;
  series(query: z.output<(typeof requests)["run/series"]["params"]>): Sample[];
  /** Rejects with one sentence where there is none to be had. */
  /** Answers with one sentence for people; throws with one. */
  setLevel(step: string, of: string, value: number): Message;
  buildLog(step: string, index: number): Promise<BuildLog>;
  /** The connection that started the run has closed. */
  starterLeft(): void;
  watchersChanged(count: number): void;
}

type Handlers = {
  [M in RequestMethod]: (params: z.output<(typeof requests)[M]["params"]>, watcher: Watcher) => unknown;
};

interface Watcher {
  rpc: MessageConnection;
  socket: Socket;
  known: boolean;
  compatible: boolean;
  /** What it has not been sent, for it did not read. */
  missed: Set<NotificationMethod>;
  started: boolean;
}

const REFUSED = 1;

/** The local socket of one run: any number of watchers, each of which has to know the run's token. */
export class RunnerServer {
  #server: Server;
  #service: RunnerService;
  #watchers = new Set<Watcher>();
  #handlers: Handlers;

  constructor(service: RunnerService) {
    this.#service = service;
    this.#handlers = handlersFor(service);
    this.#server = createServer((socket) => this.#accept(socket));
  }

  listen(path: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(path, () => {
        this.#server.off("error", reject);
        resolve();
      });
    });
  }

  /** Listens again where somebody has removed the socket; those who are connected notice nothing. */
  async listenAgain(path: string): Promise<void> {
    this.#server.close();
    this.#server = createServer((socket) => this.#accept(socket));
    await this.listen(path);
  }

  get watchers(): number {
    return this.#watchers.size;
  }

  /** `whole`: for those who have missed one before, by which they would understand this one. */
  send(method: NotificationMethod, value: unknown, whole = value): void {
    for (const watcher of this.#watchers) {
      if (!watcher.compatible) continue;
      // A watcher that does not read must not fill our memory: it misses this one, and gets the next.
      if (watcher.socket.writableLength > 4 * 1024 * 1024) {
        watcher.missed.add(method);
        continue;
      }
      const isWhole = watcher.missed.delete(method);
      void watcher.rpc.sendNotification(method, isWhole ? whole : value).catch(() => undefined);
    }
  }

  close(): void {
    this.#server.close();
    for (const watcher of this.#watchers) watcher.socket.end();
    this.#watchers.clear();
  }

  #accept(socket: Socket): void {
    const rpc = connectionOver(socket);
    const watcher: Watcher = {
      rpc,
      socket,
      known: false,
      compatible: false,
      missed: new Set(),
      started: false,
    };
    this.#watchers.add(watcher);
    socket.on("error", () => undefined);
    socket.on("close", () => {
      this.#watchers.delete(watcher);
      rpc.dispose();
      if (watcher.started) this.#service.starterLeft();
      this.#service.watchersChanged(this.#watchers.size);
    });
    for (const method of Object.keys(requests) as RequestMethod[]) {
      rpc.onRequest(method, (params: unknown) => this.#handle(method, params, watcher));
    }
    rpc.listen();
  }

  #handle<M extends RequestMethod>(method: M, params: unknown, watcher: Watcher): unknown {
    if (method !== "core/hello" && !watcher.known) {
      throw refusal(say("say core/hello with the run's token first"));
    }
    if (!method.startsWith("core/") && !watcher.compatible) {
      throw refusal(versionSentence());
    }
    const parsed = requests[method].params.safeParse(params);
    if (!parsed.success)
      throw refusal(say("{0}: {1}", method, parsed.error.issues[0]?.message ?? say("bad parameters")));
    return this.#handlers[method](parsed.data as never, watcher);
  }
}

/** In the frozen core an answer is English; every version has the message in the data of an error. */
function refusal(said: Message): ResponseError<Refused> {
  return new ResponseError(REFUSED, english(said), { said });
}

function versionSentence(): Message {
  return say("this run speaks protocol {0}; with another version it can only be stopped", PROTOCOL_VERSION);
}

function handlersFor(service: RunnerService): Handlers {
  const snapshot = () => {
    const current = service.snapshot();
    if (!current) throw refusal(say("the run has not been started yet"));
    return current;
  };
  return {
    "core/hello": (params, watcher) => {
      if (!sameSecret(params.token, service.token)) {
        // Not before the refusal has gone out; until then it can do nothing but be refused again.
        setTimeout(() => watcher.socket.destroy(), 1_000).unref();
        throw refusal(say("this is not the run's token"));
      }
      watcher.known = true;
      watcher.compatible = params.protocol === PROTOCOL_VERSION;
      service.watchersChanged(1);
      return {
        protocol: PROTOCOL_VERSION,
        runId: service.runId,
        compatible: watcher.compatible,
        ...(watcher.compatible ? {} : { message: english(versionSentence()) }),
      };
    },
    "core/status": () => {
      const current = service.snapshot();
      return {
        state: current?.state ?? "starting",
        summary: current?.outcome ? english(current.outcome.summary) : "",
      };
    },
    "core/stop": () => {
      service.stop(false);
      return {};
    },
    "core/stopAndKeep": () => {
      service.stop(true);
      return {};
    },
    "run/start": (params, watcher) => {
      watcher.started = true;
      return told(async () => {
        await service.start(params);
        return {};
      });
    },
    "run/pause": () => ({ message: service.pause(true) }),
    "run/resume": () => ({ message: service.pause(false) }),
    "run/token": ({ token }) => told(async () => ({ message: await service.renew(token) })),
    "run/snapshot": snapshot,
    "run/workspaces": (query) => service.workspaces(query),
    "run/series": (query) => ({ samples: service.series(query) }),
    "run/level": ({ step, of, value }) => told(async () => ({ message: service.setLevel(step, of, value) })),
    "run/buildLog": ({ step, index }) => told(() => service.buildLog(step, index)),
  };
}

/** What goes wrong is a refusal, in its own sentence. */
async function told<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw refusal(saidOf(error));
  }
}

function sameSecret(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}

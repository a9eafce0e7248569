import type { WebSocket } from "ws";
import { say } from "../../text/message.ts";
import { SaidError } from "../../text/said-error.ts";
import type { Clock } from "../clock.ts";
import { TailnetError } from "../errors.ts";
import { type Access, backoff, openWebSocket, reasonOf, UpgradeRefused } from "../network.ts";
import { decodeDerpMap } from "../proto/derp-map.ts";
import {
  type DerpMap,
  decodeCoordinateResponse,
  decodeResumeToken,
  encodeAddTunnel,
  encodeDisconnect,
  encodeRemoveTunnel,
  encodeUpdateSelf,
  type Node,
  type PeerUpdate,
} from "../proto/messages.ts";
import { Call, unary } from "./call.ts";
import { Tunnels } from "./tunnels.ts";
import { YamuxSession } from "./yamux.ts";

/** The oldest version that has all that is needed, and so the one that most servers speak. */
const API_VERSION = "2.0";
const SERVICE = "/coder.tailnet.v2.Tailnet";
/** The server pings every 15 s. */
const SILENCE_MS = 50_000;
const REDIAL_MS = { first: 250, most: 8_000 };

export interface CoordinationHandlers {
  /** Connected, or connected again. */
  connected(): void;
  /** Data goes on without it; it is dialled again. */
  lost(error: Error): void;
  peer(update: PeerUpdate): void;
  derpMap(map: DerpMap): void;
  /** We may not reach this agent, or there is none. Others are not affected. */
  refused(agent: Uint8Array, reason: string): void;
  /** It makes no sense to dial again. */
  fatal(error: TailnetError): void;
}

export interface CoordinationOptions {
  access: Access;
  /** `/api/v2/tailnet`, or the route of one agent. */
  path: string;
  clock: Clock;
  handlers: CoordinationHandlers;
  /** Our own node as it is now; undefined while nobody could reach us. */
  self(): Node | undefined;
}

/**
 * Keeps us known to the coordinator: WebSocket → yamux → dRPC. Lost connections are dialled again with the
 * resume token, so that we stay the same peer, and all is asked for again.
 */
export class CoordinationClient {
  #options: CoordinationOptions;
  #tunnels: Tunnels;
  #stop = new AbortController();
  #socket: WebSocket | undefined;
  #call: Call | undefined;
  #resumeToken = "";
  #attempt = 0;
  #stopTimers: (() => void)[] = [];
  #heardAt = 0;
  #announced = false;
  #askedForHeaders = false;

  constructor(options: CoordinationOptions) {
    this.#options = options;
    this.#tunnels = new Tunnels({
      clock: options.clock,
      send: (agent) => this.#call?.send(encodeAddTunnel(agent)),
      refused: (agent, reason) => options.handlers.refused(agent, reason),
    });
  }

  get isConnected(): boolean {
    return this.#call !== undefined;
  }

  start(): void {
    void this.#dial();
  }

  /** Asks for a tunnel now, and again after every loss. */
  add(agent: Uint8Array): void {
    this.#tunnels.add(agent);
  }

  remove(agent: Uint8Array): void {
    if (this.#tunnels.remove(agent)) this.#call?.send(encodeRemoveTunnel(agent));
  }

  /** Tells who we are; tunnels are asked for only after that, or agents would not know whom to answer. */
  updateSelf(): void {
    const self = this.#options.self();
    if (!self || !this.#call) return;
    this.#call.send(encodeUpdateSelf(self));
    if (this.#announced) return;
    this.#announced = true;
    this.#tunnels.connected();
  }

  /** Says good-bye, so that agents forget us at once. */
  close(): void {
    this.#tunnels.close();
    this.#call?.send(encodeDisconnect());
    this.#call?.close();
    this.#stop.abort(new TailnetError("closed", say("the node is closed")));
    this.#clearTimers();
    const socket = this.#socket;
    this.#call = undefined;
    this.#socket = undefined;
    socket?.close(1000);
    // A server that does not answer the close must not keep us.
    if (socket)
      socket.once(
        "close",
        this.#options.clock.after(1_000, () => socket.terminate()),
      );
  }

  async #dial(): Promise<void> {
    const { access, path } = this.#options;
    const query = new URLSearchParams({ version: API_VERSION });
    if (this.#resumeToken) query.set("resume_token", this.#resumeToken);
    let used = access.headers;
    try {
      await access.before?.(path);
      used = access.headers;
      const socket = await openWebSocket(
        access,
        {
          url: `${access.url}${path}?${query}`,
          headers: { ...used, ...access.credentials },
          tls: access.tls,
        },
        this.#stop.signal,
      );
      this.#opened(socket);
    } catch (error) {
      if (await this.#hasOtherHeaders(error, used)) return void this.#dial();
      const isRefused =
        error instanceof UpgradeRefused && error.status === 401 && !error.fields.includes("resume_token");
      const again = isRefused && !this.#stop.signal.aborted && (await access.refused?.());
      if (again) return void this.#dial();
      this.#dialFailed(error);
    }
  }

  /** Asked once for each connection that is lost. */
  async #hasOtherHeaders(error: unknown, used: Access["headers"]): Promise<boolean> {
    if (!(error instanceof UpgradeRefused) || !error.inFront || this.#askedForHeaders) return false;
    this.#askedForHeaders = true;
    const hasOthers = (await this.#options.access.refusedInFront?.(error.status, used)) ?? false;
    return hasOthers && !this.#stop.signal.aborted;
  }

  #dialFailed(error: unknown): void {
    if (this.#stop.signal.aborted) return;
    if (error instanceof UpgradeRefused && error.status === 401 && error.fields.includes("resume_token")) {
      this.#resumeToken = "";
      return void this.#dial();
    }
    if (error instanceof UpgradeRefused && error.status < 500 && error.status !== 429) {
      return this.#options.handlers.fatal(fatalOf(error));
    }
    this.#redial(
      new TailnetError("coordination", say("the coordinator cannot be reached: {0}", reasonOf(error))),
    );
  }

  #redial(error: Error): void {
    this.#options.handlers.lost(error);
    const wait = backoff(this.#attempt++, REDIAL_MS.first, REDIAL_MS.most);
    this.#stopTimers.push(this.#options.clock.after(wait, () => void this.#dial()));
  }

  #opened(socket: WebSocket): void {
    const { clock } = this.#options;
    this.#askedForHeaders = false;
    this.#socket = socket;
    const session = new YamuxSession({
      send: (bytes) => socket.send(bytes),
      failed: (error) => this.#lost(socket, error),
    });
    const heard = () => {
      this.#heardAt = clock.now();
    };
    heard();
    socket.on("ping", heard);
    socket.on("message", (data: Buffer) => {
      heard();
      session.receive(data);
    });
    let failure: Error | undefined;
    socket.on("error", (error) => {
      failure = error;
    });
    socket.on("close", (code) => {
      const error =
        failure ?? new SaidError(say("the coordinator closed the connection (code {0})", String(code)));
      session.end(error);
      this.#lost(socket, error);
    });
    this.#begin(session, socket);
    socket.resume();
    this.#watchSilence(socket);
  }

  #begin(session: YamuxSession, socket: WebSocket): void {
    const { handlers } = this.#options;
    this.#call = new Call(session, `${SERVICE}/Coordinate`, {
      message: (data) => this.#answered(data),
      ended: (error) => this.#lost(socket, error ?? new SaidError(say("the coordinator ended the call"))),
    });
    const maps = new Call(session, `${SERVICE}/StreamDERPMaps`, {
      message: (data) => handlers.derpMap(decodeDerpMap(data)),
      ended: () => undefined,
    });
    maps.send(new Uint8Array(0));
    maps.closeSend();
    this.#refreshToken(session);
    this.#announced = false;
    handlers.connected();
    this.updateSelf();
  }

  #answered(data: Uint8Array): void {
    const response = decodeCoordinateResponse(data);
    this.#attempt = 0;
    for (const update of response.peerUpdates) {
      this.#tunnels.confirmed(update.id);
      this.#options.handlers.peer(update);
    }
    if (response.error) this.#tunnels.failed(response.error);
  }

  /** Older servers know no resume tokens: without one we come back as another peer, which works too. */
  #refreshToken(session: YamuxSession): void {
    unary(session, `${SERVICE}/RefreshResumeToken`, new Uint8Array(0))
      .then((answer) => {
        const { token, refreshInMs } = decodeResumeToken(answer);
        this.#resumeToken = token;
        const again = Math.max(60_000, refreshInMs / 2);
        this.#stopTimers.push(this.#options.clock.after(again, () => this.#refreshToken(session)));
      })
      .catch(() => undefined);
  }

  #watchSilence(socket: WebSocket): void {
    const { clock } = this.#options;
    const look = () => {
      if (this.#socket !== socket) return;
      if (clock.now() - this.#heardAt > SILENCE_MS) {
        this.#lost(socket, new SaidError(say("the coordinator has been silent for too long")));
      } else this.#stopTimers.push(clock.after(SILENCE_MS / 2, look));
    };
    this.#stopTimers.push(clock.after(SILENCE_MS / 2, look));
  }

  #lost(socket: WebSocket, error: Error): void {
    if (this.#socket !== socket) return;
    this.#socket = undefined;
    this.#call = undefined;
    this.#clearTimers();
    this.#tunnels.disconnected();
    socket.terminate();
    this.#redial(error);
  }

  #clearTimers(): void {
    for (const stop of this.#stopTimers) stop();
    this.#stopTimers = [];
  }
}

function fatalOf(refusal: UpgradeRefused): TailnetError {
  const kind = refusal.status === 404 ? "refused" : "coordination";
  const why = refusal.status === 409 ? "the deployment allows access by browser only" : refusal.message;
  return new TailnetError(
    kind,
    say("the coordinator refuses us: {0} (status {1})", why, String(refusal.status)),
    {
      cause: refusal,
    },
  );
}

import { type ClientRequest, request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import type { Duplex } from "node:stream";
import type { WebSocket } from "ws";
import { say } from "../../text/message.ts";
import { SaidError } from "../../text/said-error.ts";
import { type Access, isInFront, openWebSocket, refusalOf } from "../network.ts";
import type { RelayAddress } from "./map.ts";

/** A byte stream to a relay, whatever carries it. */
export interface ByteLink {
  /** Takes the buffer over: it must not be changed afterwards. */
  write(bytes: Buffer): void;
  /** Bytes that wait for the socket. */
  readonly queued: number;
  /** Called once, with listeners; what came before is given at once. */
  start(data: (chunk: Buffer) => void, closed: (error: Error) => void): void;
  destroy(): void;
}

const DIAL_TIMEOUT_MS = 15_000;

/** By HTTP's own upgrade to the protocol "DERP". */
export function dialByUpgrade(access: Access, address: RelayAddress, signal: AbortSignal): Promise<ByteLink> {
  const target = new URL(address.url);
  const agent = access.agentFor?.(target);
  const send = target.protocol === "https:" ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const request: ClientRequest = send(target, {
      method: "GET",
      headers: { ...address.headers, Upgrade: "DERP", Connection: "Upgrade" },
      // Not from a pool: the socket is ours for good.
      agent: agent ?? false,
      signal,
      ...address.tls,
    });
    request.setTimeout(DIAL_TIMEOUT_MS, () =>
      request.destroy(new SaidError(say("the relay gave no answer within {0} s", DIAL_TIMEOUT_MS / 1000))),
    );
    request.once("error", reject);
    request.once("response", (response: IncomingMessage) => {
      response.destroy();
      reject(refusalOf(response.statusCode ?? 0, "", isInFront(response)));
    });
    request.once("upgrade", (_response, socket: Duplex, head: Buffer) => {
      request.setTimeout(0);
      if ("setNoDelay" in socket && typeof socket.setNoDelay === "function") socket.setNoDelay(true);
      resolve(linkOfSocket(socket, head));
    });
    request.end();
  });
}

function linkOfSocket(socket: Duplex, head: Buffer): ByteLink {
  let failure: Error | undefined;
  socket.on("error", (error) => {
    failure = error;
  });
  return {
    write: (bytes) => {
      if (socket.writable) socket.write(bytes);
    },
    get queued() {
      return socket.writableLength;
    },
    start: (data, closed) => {
      if (head.length > 0) data(head);
      socket.on("data", data);
      const end = () => closed(failure ?? new SaidError(say("the relay closed the connection")));
      if (socket.destroyed) end();
      else socket.once("close", end);
    },
    destroy: () => socket.destroy(),
  };
}

/** As a WebSocket with subprotocol "derp", for what stands between us and the relay. */
export async function dialByWebSocket(
  access: Access,
  address: RelayAddress,
  signal: AbortSignal,
): Promise<ByteLink> {
  return linkOfWebSocket(await openWebSocket(access, { ...address, protocol: "derp" }, signal));
}

function linkOfWebSocket(socket: WebSocket): ByteLink {
  let failure: Error | undefined;
  socket.on("error", (error) => {
    failure = error;
  });
  return {
    write: (bytes) => {
      if (socket.readyState === socket.OPEN) socket.send(bytes);
    },
    get queued() {
      return socket.bufferedAmount;
    },
    start: (data, closed) => {
      socket.on("message", (chunk: Buffer) => data(chunk));
      socket.once("close", (code) =>
        closed(failure ?? new SaidError(say("the relay closed the connection (code {0})", String(code)))),
      );
      socket.resume();
    },
    destroy: () => socket.terminate(),
  };
}

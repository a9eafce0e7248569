import net from "node:net";
import tls from "node:tls";
import { say } from "../text/message.ts";
import { SaidError } from "../text/said-error.ts";
import { headerLines, parseHead } from "./http-head.ts";

export interface WireTls {
  /** PEM certificates that are trusted, instead of the built-in ones. */
  ca?: string[];
  /** PEM of a client's certificate and its key. */
  cert?: string;
  key?: string;
  /** The name in the server's certificate, where it is not the host's. */
  servername?: string;
  /** Of the certificates, made once for all connections; else each makes one of its own. */
  secureContext?: tls.SecureContext;
}

/** Where a connection goes, and through what. */
export interface Way {
  host: string;
  port: number;
  secure: boolean;
  /** `http://[user:password@]host:port`: reached by CONNECT. */
  proxy?: string | undefined;
  tls?: WireTls | undefined;
}

export type Receiver = (bytes: Buffer, start: number, end: number) => void;

/**
 * One buffer that every socket of this thread reads into: what is in it is used up before the next read, so
 * a connection that waits costs no memory for reading.
 */
let shared: Buffer | undefined;
const SHARED_BYTES = 64 * 1024;

/**
 * Connects; resolves when bytes can be sent. `receive` gets what comes in, valid during its call only.
 * Rejects with the socket's error, the signal's reason, or what the proxy said.
 */
export async function connectTcp(way: Way, receive: Receiver, signal: AbortSignal): Promise<net.Socket> {
  if (way.proxy) return throughProxy(way, way.proxy, receive, signal);
  const onread = sharedRead(receive);
  const address = { host: isLocal(way.host) ? "localhost" : way.host, port: way.port, onread };
  const socket = way.secure
    ? tls.connect({ ...address, ...secureOptions(way) } as tls.ConnectionOptions)
    : net.connect(address);
  socket.setNoDelay(true);
  await opened(socket, way.secure ? "secureConnect" : "connect", signal);
  return socket;
}

/** Names below localhost are this machine (RFC 6761 §6.3), though most systems' resolvers do not know them. */
function isLocal(host: string): boolean {
  return host.toLowerCase().endsWith(".localhost");
}

function sharedRead(receive: Receiver): net.OnReadOpts {
  shared ??= Buffer.allocUnsafeSlow(SHARED_BYTES);
  const buffer = shared;
  return {
    buffer,
    callback: (count) => {
      receive(buffer, 0, count);
      return true;
    },
  };
}

function secureOptions(way: Way): tls.ConnectionOptions {
  return {
    ALPNProtocols: ["http/1.1"],
    // A name, or nothing: an address must not be sent as one (RFC 6066 §3).
    ...(net.isIP(way.host) ? {} : { servername: way.host }),
    ...way.tls,
  };
}

/** Whatever a socket says first: that it is open, that it failed, or that we do not wait any more. */
function opened(socket: net.Socket, event: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = (error?: unknown) => {
      signal.removeEventListener("abort", aborted);
      socket.off(event, open);
      socket.off("error", done);
      socket.off("close", closed);
      if (error === undefined) return resolve();
      socket.on("error", () => undefined);
      socket.destroy();
      reject(error);
    };
    const open = () => done();
    const aborted = () => done(signal.reason);
    const closed = () => done(new SaidError(say("the connection was closed before it was open")));
    signal.addEventListener("abort", aborted, { once: true });
    socket.once(event, open);
    socket.once("error", done);
    socket.once("close", closed);
    if (signal.aborted) aborted();
  });
}

async function throughProxy(
  way: Way,
  proxy: string,
  receive: Receiver,
  signal: AbortSignal,
): Promise<net.Socket> {
  const url = new URL(proxy);
  const secure = url.protocol === "https:";
  const address = {
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: Number(url.port || (secure ? 443 : 80)),
  };
  const base = secure
    ? tls.connect({ ...address, ...secureOptions({ ...way, host: address.host }) })
    : net.connect(address);
  base.setNoDelay(true);
  await opened(base, secure ? "secureConnect" : "connect", signal);
  await tunnel(base, way, url, signal);
  if (!way.secure) return listening(base, receive);
  const inner = tls.connect({ socket: base, ...secureOptions(way) });
  await opened(inner, "secureConnect", signal);
  return listening(inner, receive);
}

function listening(socket: net.Socket, receive: Receiver): net.Socket {
  socket.on("data", (chunk: Buffer) => receive(chunk, 0, chunk.length));
  // It was paused when the proxy had answered.
  socket.resume();
  return socket;
}

function tunnel(socket: net.Socket, way: Way, proxy: URL, signal: AbortSignal): Promise<void> {
  const target = `${way.host.includes(":") ? `[${way.host}]` : way.host}:${way.port}`;
  const credentials = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
  const authorization: Record<string, string> = proxy.username
    ? { "Proxy-Authorization": `Basic ${Buffer.from(credentials).toString("base64")}` }
    : {};
  socket.write(`CONNECT ${target} HTTP/1.1\r\n${headerLines({ Host: target, ...authorization })}\r\n`);
  return new Promise((resolve, reject) => {
    let answer = Buffer.alloc(0);
    const done = (error?: unknown) => {
      signal.removeEventListener("abort", aborted);
      socket.off("data", take);
      socket.off("error", done);
      socket.off("close", closed);
      if (error === undefined) return resolve();
      socket.on("error", () => undefined);
      socket.destroy();
      reject(error);
    };
    const aborted = () => done(signal.reason);
    const closed = () => done(new SaidError(say("the proxy closed the connection")));
    const take = (chunk: Buffer) => {
      answer = Buffer.concat([answer, chunk]);
      try {
        const head = parseHead(answer);
        if (!head) return;
        if (head.status !== 200)
          return done(new SaidError(say("the proxy refuses (status {0})", String(head.status))));
        socket.pause();
        const rest = answer.subarray(head.length);
        done();
        if (rest.length > 0) socket.unshift(rest);
      } catch (error) {
        done(error);
      }
    };
    signal.addEventListener("abort", aborted, { once: true });
    socket.on("data", take);
    socket.once("error", done);
    socket.once("close", closed);
  });
}

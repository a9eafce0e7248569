import { createServer, type Server as HttpServer } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import ssh2, {
  type Connection,
  type PseudoTtyInfo,
  type ServerChannel,
  type Session as SshSession,
} from "ssh2";
import { SSH_CHANNELS, WAITING_MESSAGES } from "../limits.ts";
import type { Arrival } from "../model/load-model.ts";
import type { Agent } from "../state/model.ts";
import { runInteractive } from "../terminal/interactive.ts";
import type { Io } from "../terminal/process.ts";
import { newSession, runShell } from "../terminal/shell.ts";
import { type Reader, type Source, Tty } from "../terminal/tty.ts";
import { hostKey } from "./host-key.ts";

/** Nothing that BoringSSL (VS Code's Electron) lacks: no ChaCha20. */
const ALGORITHMS: ssh2.Algorithms = {
  cipher: ["aes128-gcm@openssh.com", "aes256-gcm@openssh.com", "aes128-ctr", "aes256-ctr"],
  serverHostKey: ["ssh-ed25519"],
};

/** The SSH server of every simulated agent: authentication "none", as the real one. */
export class SshServer {
  readonly #key: string;
  readonly #http: HttpServer;

  /** @param seed 32 bytes that the host key is made of */
  constructor(seed: Buffer) {
    this.#key = hostKey(seed);
    this.#http = createServer((_request, response) => {
      response.writeHead(200, { "Content-Type": "text/plain; charset=utf-8" });
      response.end("Hello from a simulated workspace.\n");
    });
    this.#http.on("clientError", (_error, socket) => socket.destroy());
  }

  /** Speaks SSH on a stream, on behalf of an agent. `arrive` is how messages of its channels come through coderd. */
  serve(tcp: Duplex, agent: Agent, arrive: Arrival): void {
    const server = new ssh2.Server(
      { hostKeys: [this.#key], algorithms: ALGORITHMS, ident: "Coder" },
      (client) => this.#client(client, agent, arrive),
    );
    // A stream that breaks off is the client's business.
    server.on("error", () => tcp.destroy());
    agent.streams.add(tcp);
    tcp.on("close", () => agent.streams.delete(tcp));
    server.injectSocket(tcp as Socket);
  }

  #client(client: Connection, agent: Agent, arrive: Arrival): void {
    client.on("error", () => client.end());
    client.on("authentication", (context) => context.accept());
    client.on("ready", () => {
      let channels = 0;
      const opened = (channel: { once(event: "close", run: () => void): unknown }) => {
        channels++;
        channel.once("close", () => {
          channels--;
        });
      };
      client.on("session", (accept, reject) => {
        if (channels >= SSH_CHANNELS) return reject();
        const session = accept();
        opened(session);
        serveSession(session, agent, arrive);
      });
      client.on("tcpip", (accept, reject, info) => {
        if (channels >= SSH_CHANNELS || !LOCAL.has(info.destIP) || info.destPort === DEAD_PORT)
          return reject();
        const channel = accept();
        opened(channel);
        this.#http.emit("connection", channel);
      });
    });
  }
}

const LOCAL = new Set(["localhost", "127.0.0.1", "::1"]);
/** Nobody listens here (the `deadport` app). */
const DEAD_PORT = 3989;

const KILLED_STATUS = 255;

function serveSession(session: SshSession, agent: Agent, arrive: Arrival): void {
  let tty: { info: PseudoTtyInfo } | undefined;
  let terminal: Tty | undefined;
  let stop: AbortController | undefined;
  session.on("pty", (accept, _reject, info) => {
    tty = { info };
    accept?.();
  });
  session.on("window-change", (accept, _reject, info) => {
    if (terminal) [terminal.rows, terminal.columns] = [info.rows, info.cols];
    accept?.();
  });
  session.on("env", (accept) => accept?.());
  session.on("signal", (accept) => {
    accept?.();
    stop?.abort();
  });
  const run = (channel: ServerChannel, command: string) => {
    stop = new AbortController();
    terminal = runOnChannel(channel, command, { agent, arrive }, tty?.info, stop);
  };
  session.on("exec", (accept, _reject, info) => run(accept(), info.command));
  session.on("shell", (accept) => run(accept(), ""));
}

/** Runs a command (or a shell, for "") on a channel and tells its exit status. @returns its terminal, if any */
function runOnChannel(
  channel: ServerChannel,
  command: string,
  { agent, arrive }: { agent: Agent; arrive: Arrival },
  size: PseudoTtyInfo | undefined,
  stop: AbortController,
): Tty | undefined {
  const write = (bytes: Buffer) => {
    if (channel.writable) channel.write(bytes);
  };
  let interrupt = () => stop.abort();
  let waiting = 0;
  const look = () => {
    if (tty?.stuck || waiting > WAITING_MESSAGES || channel.writableNeedDrain) channel.pause();
    else channel.resume();
  };
  const tty = size && new Tty(write, () => interrupt(), look);
  if (tty && size) [tty.rows, tty.columns] = [size.rows, size.cols];
  const session = newSession(agent.terminals.machine, stop.signal);
  const out = tty ? (bytes: Buffer) => tty.write(bytes) : write;
  const io: Io = {
    stdin: tty ?? channelSource(channel, arrive),
    stdout: out,
    stderr: tty ? out : (bytes) => void (channel.writable && channel.stderr.write(bytes)),
    tty,
    room: () => (channel.writableNeedDrain ? new Promise((go) => channel.once("drain", go)) : undefined),
  };
  if (tty) {
    channel.on("data", (bytes: Buffer) => {
      waiting++;
      arrive(() => {
        waiting--;
        tty.input(bytes);
        look();
      });
      look();
    });
    channel.on("drain", look);
  }
  channel.on("error", () => stop.abort());
  channel.on("close", () => stop.abort());
  const running =
    command === ""
      ? runInteractive(io, session, (what) => {
          interrupt = what;
        })
      : runShell(command, io, session);
  void running.then((status) => {
    if (!channel.writable) return;
    // A command that a signal ended has no exit code of its own, and Go's -1 goes out as 255 (agentssh.go).
    channel.exit(stop.signal.aborted ? KILLED_STATUS : status);
    channel.end();
  });
  return tty;
}

/** A channel's input; it is not read faster than the output is taken. */
function channelSource(channel: ServerChannel, arrive: Arrival): Source {
  let reader: Reader | undefined;
  let ended = false;
  let waiting = 0;
  const look = () => {
    if (!reader || channel.writableNeedDrain || waiting > WAITING_MESSAGES) channel.pause();
    else channel.resume();
  };
  channel.pause();
  channel.on("data", (bytes: Buffer) => {
    waiting++;
    arrive(() => {
      waiting--;
      reader?.data(bytes);
      look();
    });
    look();
  });
  channel.on("drain", look);
  channel.on("end", () =>
    arrive(() => {
      ended = true;
      reader?.end();
    }),
  );
  return {
    attach(next) {
      reader = next;
      if (ended) queueMicrotask(() => next.end());
      else channel.resume();
      return () => {
        if (reader !== next) return;
        reader = undefined;
        channel.pause();
      };
    },
  };
}

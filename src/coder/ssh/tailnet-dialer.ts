import type { Duplex } from "node:stream";
import * as z from "zod";
import { TailnetNode } from "../../tailnet/node.ts";
import { type Message, say } from "../../text/message.ts";
import { SaidError } from "../../text/said-error.ts";
import { wantsHeaders } from "../front.ts";
import type { Subject } from "../session.ts";
import { proxyAgent } from "../sockets.ts";
import { type Transport, USER_AGENT } from "../transport.ts";
import type { Dialed, DialTarget, WorkspaceDialer } from "./dialer.ts";

/** Where an agent's SSH server listens in the tailnet (docs/coder-api.md, SSH). */
const SSH_PORT = 1;
/**
 * One relay link is one TCP stream: past this a stalled one would hold up too many (docs/tailnet.md, Many connections
 * on one node).
 */
const MAX_PER_NODE = 100;
/** A node that nobody uses is closed after this: thousands of users have one each, one after the other. */
const IDLE_MS = 10_000;

const connectionInfo = z.object({ derp_force_websockets: z.boolean().default(false) });

export interface TailnetDialerOptions {
  transport: Transport;
  /** Connections that share a node; 1 is what real users do. By default as many as is good for it. */
  connectionsPerNode?: number;
  /** Outages of relay or coordinator, and their ends, one line each. */
  event?(what: Message): void;
}

interface NodeEntry {
  token: string;
  node: Promise<TailnetNode>;
  opened: TailnetNode | undefined;
  users: number;
  idle: NodeJS.Timeout | undefined;
}

/**
 * SSH through tailnet nodes of our own, in this process and without any command: coordinator, relay,
 * WireGuard and TCP. A token sees its own workspaces only, so there is a node for each token that is used.
 */
export class TailnetDialer implements WorkspaceDialer {
  readonly description = say("our own tailnet nodes, through the deployment's relay");
  #options: TailnetDialerOptions;
  #perNode: number;
  #nodes = new Set<NodeEntry>();
  #forceWebSockets: Promise<boolean> | undefined;
  #closed = false;

  constructor(options: TailnetDialerOptions) {
    this.#options = options;
    this.#perNode = options.connectionsPerNode || MAX_PER_NODE;
  }

  /** No processes: all of it is in this one. */
  load(): { processes: number; waiting: number } {
    return { processes: 0, waiting: 0 };
  }

  /** Nodes that there are, and sums over them. */
  stats(): { nodes: number; connections: number; handshakes: number; dropped: number } {
    const entries = [...this.#nodes];
    const sum = (pick: (entry: NodeEntry) => number) => entries.reduce((all, entry) => all + pick(entry), 0);
    return {
      nodes: entries.length,
      connections: sum((entry) => entry.users),
      handshakes: sum((entry) => entry.opened?.stats().handshakes ?? 0),
      dropped: sum((entry) => entry.opened?.stats().dropped ?? 0),
    };
  }

  async dial(target: DialTarget, signal: AbortSignal, onStart?: () => void): Promise<Dialed> {
    onStart?.();
    return { stream: await this.connect(target, SSH_PORT, signal), waitedMs: 0 };
  }

  /** A stream to any port of the agent. Rejects with TailnetError, CoderError or the signal's reason. */
  async connect(target: DialTarget, port: number, signal: AbortSignal): Promise<Duplex> {
    const { session } = this.#options.transport;
    for (;;) {
      signal.throwIfAborted();
      const token = await session.usable(target.token, target.subject ?? "run", signal);
      try {
        return await this.#connect({ ...target, token }, port, signal);
      } catch (error) {
        // A node that may not ask for its agents looks like agents that do not answer.
        if (!session.isStale(token)) throw error;
      }
    }
  }

  async #connect(target: DialTarget, port: number, signal: AbortSignal): Promise<Duplex> {
    const entry = this.#entryFor(target);
    this.#use(entry);
    try {
      const node = await entry.node;
      const stream = await node.connect(target.agentId, port, signal);
      const abort = () =>
        stream.destroy(signal.reason instanceof Error ? signal.reason : new SaidError(say("stopped")));
      signal.addEventListener("abort", abort, { once: true });
      stream.once("close", () => {
        signal.removeEventListener("abort", abort);
        this.#release(entry);
      });
      return stream;
    } catch (error) {
      this.#release(entry);
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    const entries = [...this.#nodes];
    this.#nodes.clear();
    for (const entry of entries) {
      clearTimeout(entry.idle);
      await entry.node.then(
        (node) => node.close(),
        () => undefined,
      );
    }
  }

  #entryFor({ token, subject }: DialTarget): NodeEntry {
    if (this.#closed) throw new SaidError(say("the dialer is closed"));
    // A session's nodes live on with its next token.
    const { session } = this.#options.transport;
    const isOurs = (entry: NodeEntry) => session.current(entry.token) === token;
    for (const entry of this.#nodes) if (isOurs(entry) && entry.users < this.#perNode) return entry;
    const node = this.#open(token, subject ?? "run");
    const entry: NodeEntry = { token, node, opened: undefined, users: 0, idle: undefined };
    this.#nodes.add(entry);
    node.then(
      (opened) => {
        entry.opened = opened;
      },
      () => this.#nodes.delete(entry),
    );
    return entry;
  }

  #use(entry: NodeEntry): void {
    entry.users++;
    clearTimeout(entry.idle);
  }

  #release(entry: NodeEntry): void {
    entry.users--;
    if (entry.users > 0 || !this.#nodes.has(entry)) return;
    entry.idle = setTimeout(() => {
      this.#nodes.delete(entry);
      void entry.node.then((node) => node.close());
    }, IDLE_MS);
  }

  async #open(token: string, subject: Subject): Promise<TailnetNode> {
    const { transport, event } = this.#options;
    this.#forceWebSockets ??= this.#askForceWebSockets(token);
    const forceWebSockets = await this.#forceWebSockets;
    let used = token;
    let headers = withAgent(transport.front.current);
    let front = transport.front.current;
    return TailnetNode.open({
      forceWebSockets,
      ...(event ? { event } : {}),
      access: {
        url: transport.url,
        // The same object for as long as they are the same: a refusal names those that were refused.
        get headers() {
          if (front !== transport.front.current) {
            front = transport.front.current;
            headers = withAgent(front);
          }
          return headers;
        },
        refusedInFront: async (status, sent) =>
          wantsHeaders(status) && (sent !== headers || (await transport.front.renew(front))),
        get credentials() {
          return { "coder-session-token": used };
        },
        refused: () => transport.session.lapsed(used, true),
        tls: transport.tls,
        agentFor: (url) => proxyAgent(transport, url),
        before: async (path) => {
          used = await transport.session.usable(token, subject);
          await transport.pacer.take(path);
          transport.meter?.called(subject, `GET ${path.replace(/[0-9a-f-]{36}/, "{agent}")}`);
        },
      },
    });
  }

  /** Asked once for all nodes; the map of relays comes by the coordinator. */
  async #askForceWebSockets(token: string): Promise<boolean> {
    const { transport } = this.#options;
    const path = "/api/v2/workspaceagents/connection";
    try {
      const info = await transport.json(
        { method: "GET", path, route: `GET ${path}`, token, subject: "run" },
        connectionInfo,
      );
      return info.derp_force_websockets;
    } catch (error) {
      this.#forceWebSockets = undefined;
      throw error;
    }
  }
}

function withAgent(front: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return { ...front, "user-agent": USER_AGENT };
}

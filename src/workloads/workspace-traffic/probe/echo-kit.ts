import type { SessionNews } from "../../../coder/session.ts";
import { CliDialer } from "../../../coder/ssh/cli-dialer.ts";
import type { WorkspaceDialer } from "../../../coder/ssh/dialer.ts";
import { TailnetDialer } from "../../../coder/ssh/tailnet-dialer.ts";
import { Transport } from "../../../coder/transport.ts";
import { defineProbe, type KitHost, type ProbeKit, type ProbePlan } from "../../../load/probe.ts";
import { say } from "../../../text/message.ts";
import { FrameWriter } from "../../../wire/frames.ts";
import { EchoGroup } from "./echo-counts.ts";
import { EchoMatcher } from "./echo-matcher.ts";
import { type EchoHost, EchoProbe } from "./echo-probe.ts";
import { type Kit, type Link, LinkError, type LinkEvents } from "./link.ts";
import { Payload, saltOf } from "./payload.ts";
import {
  type Address,
  addressSchema,
  ECHO,
  type EchoSetup,
  echoSetupSchema,
  type Kind,
  type SshSetup,
  sessionNewsSchema,
} from "./setup.ts";
import { openSshLink } from "./ssh-link.ts";
import { openWebLink } from "./web-link.ts";

const MIN_BACKLOG = 128 * 1024;
/** For the head of a frame. */
const FRAME_ROOM = 64;
const CRLF = Buffer.from("\r\n");
const NOTHING = Buffer.alloc(0);

/** Echoes over web terminals, SSH and apps: what traffic to workspaces consists of. */
export const echoProbe = defineProbe({
  name: ECHO,
  setup: echoSetupSchema,
  address: addressSchema,
  session: sessionNewsSchema,
  start: (setup, host) => new EchoKit(setup, host),
});

/** What the echoes of one place share: payload, session, and the ways to the deployment. */
class EchoKit implements ProbeKit<Address, SessionNews>, EchoHost {
  readonly groups: EchoGroup[] = [];
  readonly maxBacklog: number;
  readonly #kit: Kit;
  readonly #host: KitHost;
  #dialer: WorkspaceDialer | undefined;
  /** Whoever has asked the main thread whether the session's token is refused. */
  #answer: (isRefused: boolean) => void = () => undefined;

  constructor(setup: EchoSetup, host: KitHost) {
    this.#host = host;
    this.maxBacklog = Math.max(MIN_BACKLOG, 4 * setup.bytes);
    const transport = new Transport(setup.target, (token) => this.#suspect(token));
    transport.patienceMs = Number.POSITIVE_INFINITY;
    transport.session.keep();
    this.#kit = {
      setup,
      transport,
      writer: new FrameWriter(setup.bytes + FRAME_ROOM),
      payload: new Payload(setup.seed, setup.bytes, true),
    };
  }

  probe({ id, index, address, window, events }: ProbePlan<Address>): EchoProbe {
    const { setup, payload } = this.#kit;
    const salt = saltOf(index);
    const group = this.#groupOf(address.kind);
    const lines = address.kind === "pty" && setup.echo === "tty";
    const echo = {
      payload,
      salt,
      length: setup.bytes + (lines ? 1 : 0),
      tail: lines ? CRLF : NOTHING,
    };
    const matcher = new EchoMatcher(echo, group.tallies, window);
    return new EchoProbe(this, { id, address, salt, group }, matcher, events);
  }

  #groupOf(kind: Kind): EchoGroup {
    const known = this.groups.find((one) => one.transport === kind);
    if (known) return known;
    const made = new EchoGroup(kind, this.#kit.setup.bytes);
    this.groups.push(made);
    return made;
  }

  now(): number {
    return this.#host.now();
  }

  stoodMs(id: number): number {
    return this.#kit.transport.session.stoodMs(String(id));
  }

  /** The main thread asks the deployment for all places. */
  #suspect(token: string): Promise<boolean> {
    return new Promise((resolve) => {
      this.#answer = resolve;
      this.#host.suspect(token);
    });
  }

  session(news: SessionNews): void {
    this.#kit.transport.session.follow(news);
    // A user's token says nothing about the session.
    if (!news.replaced) this.#answer(news.state === "expired");
  }

  /** Where the session has expired, a connection of its user waits, and then has the new token. */
  async open(
    id: number,
    address: Address,
    again: boolean,
    events: LinkEvents,
    signal: AbortSignal,
  ): Promise<Link> {
    const { session } = this.#kit.transport;
    for (;;) {
      const token = await session.usable(tokenOf(address), String(id), signal);
      try {
        return await this.#link(withToken(address, token), again, events, signal);
      } catch (error) {
        const isRefused = error instanceof LinkError && error.signedOut;
        if (!(await session.lapsed(token, isRefused))) throw error;
      }
    }
  }

  #link(address: Address, again: boolean, events: LinkEvents, signal: AbortSignal): Promise<Link> {
    if (address.kind !== "ssh") return openWebLink(this.#kit, address, again, events, signal);
    return openSshLink(this.#kit, this.#dial(), address.target, events, signal);
  }

  #dial(): WorkspaceDialer {
    const { ssh } = this.#kit.setup;
    if (!ssh) throw new Error("this run is not set up for SSH");
    this.#dialer ??= ssh.via === "cli" ? this.#cliDialer(ssh) : this.#nativeDialer(ssh.connectionsPerNode);
    return this.#dialer;
  }

  #nativeDialer(connectionsPerNode: number): WorkspaceDialer {
    return new TailnetDialer({
      transport: this.#kit.transport,
      connectionsPerNode,
      event: (what) => this.#host.event(say("SSH: {0}", what)),
    });
  }

  #cliDialer(ssh: Extract<SshSetup, { via: "cli" }>): WorkspaceDialer {
    const { url, target, pacer, session } = this.#kit.transport;
    return new CliDialer({ ...ssh, url, network: target.network, pacer, session });
  }

  close(): void {
    void this.#dialer?.close();
    void this.#kit.transport.close();
  }
}

function tokenOf(address: Address): string {
  return address.kind === "ssh" ? address.target.token : address.token;
}

function withToken(address: Address, token: string): Address {
  return address.kind === "ssh"
    ? { ...address, target: { ...address.target, token } }
    : { ...address, token };
}

import { randomBytes } from "node:crypto";
import type { WebSocket } from "ws";
import type { Deployment } from "../deployment.ts";
import { RESUME_TOKENS } from "../limits.ts";
import type { SshServer } from "../ssh/server.ts";
import { agentStatus } from "../state/agents.ts";
import type { Agent } from "../state/model.ts";
import { AgentNode } from "./agent-node.ts";
import {
  DISCONNECTED,
  LOST,
  NODE,
  READY,
  type Request,
  readRequest,
  writeAgentNode,
  writeDerpMap,
  writeError,
  writePeerUpdate,
  writeResumeToken,
} from "./messages.ts";
import { Relay } from "./relay.ts";
import { type Call, serveRpc } from "./rpc.ts";

export const REGION = 999;
const PREFIX = "fd7a115ca1e0";
const SSH_PORTS = new Set([1, 22]);
const RESUME_REFRESH_SECONDS = 12 * 3600;

/** Whether a client may have a tunnel to an agent. */
type MayReach = (agent: Agent) => boolean;

/** The simulated deployment's tailnet: its coordinator, its relay, and the agents' ends. */
export class Tailnet {
  readonly relay: Relay;
  readonly #deployment: Deployment;
  readonly #ssh: SshServer;
  readonly #nodes = new Map<Agent, AgentNode>();
  readonly #resumeTokens = new Set<string>();

  constructor(deployment: Deployment, ssh: SshServer) {
    this.#deployment = deployment;
    this.#ssh = ssh;
    const { faults } = deployment;
    this.relay = new Relay(deployment.random.fork("relay").bytes(32), deployment.timers, {
      loses: () => faults.losesPacket(),
    });
  }

  knowsResumeToken(token: string): boolean {
    return this.#resumeTokens.has(token);
  }

  /** Speaks the coordinator's RPCs on a client's socket. */
  serve(socket: WebSocket, mayReach: MayReach): void {
    serveRpc(socket, (call) => {
      const name = call.method.split("/").at(-1);
      if (name === "Coordinate") new Client(this, this.#deployment, call, mayReach);
      else if (name === "StreamDERPMaps") call.answer(this.#derpMap());
      else if (name === "RefreshResumeToken") this.#refresh(call);
      else call.finish();
    });
  }

  #derpMap(): Uint8Array {
    const url = new URL(this.#deployment.accessUrl);
    return writeDerpMap(REGION, url.hostname, Number(url.port) || 80);
  }

  #refresh(call: Call): void {
    const token = randomBytes(16).toString("base64url");
    this.#resumeTokens.add(token);
    const [oldest] = this.#resumeTokens;
    if (this.#resumeTokens.size > RESUME_TOKENS && oldest !== undefined) this.#resumeTokens.delete(oldest);
    call.answer(writeResumeToken(token, RESUME_REFRESH_SECONDS));
    call.finish();
  }

  isOnline(agent: Agent): boolean {
    return agentStatus(agent, this.#deployment.clock.now()) === "connected";
  }

  /** The agent's end, made when it is first asked for; a new one where the agent came back. */
  nodeOf(agent: Agent): AgentNode {
    const known = this.#nodes.get(agent);
    if (known) return known;
    const node = new AgentNode({
      relay: this.relay,
      region: REGION,
      timers: this.#deployment.timers,
      ignoresHandshake: () => this.#deployment.faults.ignoresHandshake(),
      listensOn: (port) => SSH_PORTS.has(port),
      serve: (stream, clientKey) => {
        const { model } = this.#deployment;
        const replica = this.relay.replicaOf(clientKey) ?? model.deal();
        this.#ssh.serve(stream, agent, model.arrivals(replica));
      },
    });
    this.#nodes.set(agent, node);
    // It goes with the agent, whether or not a client is there to see that.
    agent.streams.add({ destroy: () => this.drop(agent) });
    return node;
  }

  /** The agent went away: its end of the tailnet goes with it, without a word where it has not signed off. */
  drop(agent: Agent, signedOff = true): void {
    const node = this.#nodes.get(agent);
    this.#nodes.delete(agent);
    if (signedOff) node?.close();
    else node?.vanish();
  }
}

/** One client of the coordinator, for as long as its call lasts. */
class Client {
  readonly #tailnet: Tailnet;
  readonly #deployment: Deployment;
  readonly #call: Call;
  readonly #mayReach: MayReach;
  #self: NonNullable<Request["self"]> | undefined;
  /** Wanted agents, and whether the client was told that they are there. */
  readonly #tunnels = new Map<Agent, { told: boolean; stop: () => void }>();

  constructor(tailnet: Tailnet, deployment: Deployment, call: Call, mayReach: MayReach) {
    this.#tailnet = tailnet;
    this.#deployment = deployment;
    this.#call = call;
    this.#mayReach = mayReach;
    call.onMessage = (message) => this.#take(readRequest(message));
    call.onEnd = () => this.#leave(false);
  }

  #take(request: Request): void {
    if (request.readyForHandshake)
      return this.#refuse("authorization: clients may not send ready_for_handshake");
    if (request.self) this.#update(request.self);
    if (request.addTunnel) this.#add(request.addTunnel);
    if (request.removeTunnel) this.#remove(request.removeTunnel);
    if (request.disconnect) this.#leave(true);
  }

  #update(self: NonNullable<Request["self"]>): void {
    const wide = self.addresses.find((address) => !address.endsWith("/128"));
    if (wide !== undefined) {
      const bits = wide.split("/")[1] ?? "";
      return this.#refuse(`authorization: invalid address bits, expected 128, got ${bits}`);
    }
    this.#self = self;
    for (const agent of this.#tunnels.keys()) this.#look(agent);
  }

  #add(id: Buffer): void {
    const hex = id.toString("hex");
    const uuid = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
    const agent = this.#deployment.agents.byId(uuid);
    if (!agent || !this.#mayReach(agent))
      return this.#refuse("authorization: workspace agent not found or you do not have permission");
    if (this.#tunnels.has(agent)) return;
    const watcher = () => this.#look(agent);
    agent.workspace.watchers.add(watcher);
    const stop = () => agent.workspace.watchers.delete(watcher);
    this.#tunnels.set(agent, { told: false, stop: () => void stop() });
    this.#look(agent);
  }

  #remove(id: Buffer): void {
    for (const [agent, tunnel] of this.#tunnels) {
      if (!idOf(agent).equals(id)) continue;
      tunnel.stop();
      this.#tunnels.delete(agent);
      if (this.#self && tunnel.told) this.#tailnet.nodeOf(agent).forget(this.#self.key);
    }
  }

  /** Tells the client what has changed about an agent. */
  #look(agent: Agent): void {
    const tunnel = this.#tunnels.get(agent);
    if (!tunnel) return;
    const online = this.#tailnet.isOnline(agent);
    if (online && !tunnel.told && this.#self) this.#introduce(agent, tunnel);
    if (!online && tunnel.told) {
      tunnel.told = false;
      // One that was killed has not signed off.
      const signedOff = agent.lifecycle === "off";
      const [kind, reason] = signedOff ? [DISCONNECTED, "graceful disconnect"] : ([LOST, "lost"] as const);
      this.#call.answer(writePeerUpdate(idOf(agent), kind, undefined, reason));
      this.#tailnet.drop(agent, signedOff);
    }
  }

  #introduce(agent: Agent, tunnel: { told: boolean }): void {
    const node = this.#tailnet.nodeOf(agent);
    const address = addressOf(agent);
    tunnel.told = true;
    this.#call.answer(writePeerUpdate(idOf(agent), NODE, writeAgentNode(node.key, REGION, [address])));
    const { key, preferredDerp, addresses } = this.#self ?? {};
    // A client without a home region is not answered, but told that all is ready, as the real one does.
    if (key && preferredDerp) node.allow(key, addresses?.[0] ?? "");
    this.#call.answer(writePeerUpdate(idOf(agent), READY));
  }

  /** One refusal ends the whole call. */
  #refuse(problem: string): void {
    this.#call.answer(writeError(problem));
    this.#call.finish();
    this.#leave(false);
  }

  /** Agents keep a client that was merely lost; one that signed off they forget. */
  #leave(signedOff: boolean): void {
    for (const [agent, tunnel] of this.#tunnels) {
      tunnel.stop();
      if (signedOff && this.#self && tunnel.told) this.#tailnet.nodeOf(agent).forget(this.#self.key);
    }
    this.#tunnels.clear();
  }
}

function idOf(agent: Agent): Buffer {
  return Buffer.from(agent.id.replaceAll("-", ""), "hex");
}

function addressOf(agent: Agent): string {
  const hex = PREFIX + agent.id.replaceAll("-", "").slice(PREFIX.length);
  return `${hex.match(/.{4}/g)?.join(":")}/128`;
}

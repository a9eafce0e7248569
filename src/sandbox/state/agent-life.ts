import type { Clock } from "../clock.ts";
import type { Faults } from "../faults/faults.ts";
import type { Random } from "../random.ts";
import { Detached, Terminals } from "../terminal/sessions.ts";
import type { Timers } from "../timers.ts";
import type { Agents } from "./agents.ts";
import type { Agent, Workspace } from "./model.ts";
import type { Blueprint } from "./templates.ts";
import type { Workspaces } from "./workspaces.ts";

/** From the end of the build to the agent's first contact (recorded: about 0.3 s). */
const CONNECT_MS: readonly [number, number] = [100, 400];
/** From there to its startup script, and from there to the script's end. */
const START_MS: readonly [number, number] = [50, 200];
const SCRIPT_MS: readonly [number, number] = [100, 500];
/** The coordinator knows how far away an agent is a little after it started. */
const LATENCY_MS: readonly [number, number] = [60, 90];
const SHUT_DOWN_MS = 50;

export const AGENT_API_VERSION = "2.6";

/** Makes agents and moves them through connecting → connected and created → starting → ready. */
export class AgentLife {
  readonly #faults: Faults;
  readonly #clock: Clock;
  readonly #ids: Random;
  readonly #pace: Random;
  readonly #timers: Timers;
  readonly #agents: Agents;
  readonly #workspaces: Workspaces;
  readonly #version: string;
  readonly #detached = new Detached();
  #logRows = 0;

  constructor(parts: {
    faults: Faults;
    clock: Clock;
    random: Random;
    timers: Timers;
    agents: Agents;
    workspaces: Workspaces;
    version: string;
  }) {
    this.#faults = parts.faults;
    this.#clock = parts.clock;
    this.#ids = parts.random.fork("agents");
    this.#pace = parts.random.fork("agent-pace");
    this.#timers = parts.timers;
    this.#agents = parts.agents;
    this.#workspaces = parts.workspaces;
    this.#version = parts.version;
  }

  create(workspace: Workspace, resourceId: string, name: string, blueprint: Blueprint, id?: string): Agent {
    const now = this.#clock.now();
    const agent: Agent = {
      id: id ?? this.#ids.uuid(),
      name,
      workspace,
      resourceId,
      createdAt: now,
      updatedAt: now,
      lifecycle: "created",
      version: "",
      apiVersion: "",
      latencyMs: undefined,
      logs: [],
      logsLength: 0,
      logFollowers: new Set(),
      apps: blueprint.apps.map((definition) => ({
        id: this.#ids.uuid(),
        definition,
        health: definition.healthcheck ? "initializing" : "disabled",
      })),
      scripts: {
        startupSourceId: this.#ids.uuid(),
        shutdownSourceId: this.#ids.uuid(),
        startupId: this.#ids.uuid(),
        shutdownId: this.#ids.uuid(),
      },
      terminals: new Terminals({
        faults: this.#faults,
        hostname: workspace.name.toLowerCase(),
        user: "coder",
        timers: this.#timers,
        random: this.#ids.fork(resourceId),
        detached: this.#detached,
      }),
      streams: new Set(),
    };
    this.#agents.add(agent);
    return agent;
  }

  /** Connects after a moment, then runs its startup script. */
  start(agent: Agent, blueprint: Blueprint): void {
    const { agentTimeoutMs, agentConnectsAfterMs: late } = this.#faults.settings;
    const never = this.#faults.agentNeverConnects();
    if (never || late > 0) {
      agent.timeoutMs = agentTimeoutMs;
      // Watchers see its status change.
      if (never || late > agentTimeoutMs) this.#timers.after(agentTimeoutMs + 1, () => this.#touch(agent));
    }
    if (never) return;
    this.#after(late > 0 ? [late, late] : CONNECT_MS, agent, () => {
      this.#connect(agent);
      this.#after(START_MS, agent, () => {
        this.#starting(agent);
        const startup = this.#faults.startup();
        if (startup === "hangs") return;
        const failed = blueprint.startupFails || startup === "fails";
        const { startupTakesMs: slow } = this.#faults.settings;
        this.#after(slow > 0 ? [slow, slow] : SCRIPT_MS, agent, () => this.#started(agent, failed));
      });
    });
  }

  /** Connected and ready at once: an agent that was there before the sandbox started. */
  settle(agent: Agent): void {
    const now = this.#clock.now();
    this.#connect(agent);
    agent.startedAt = now;
    agent.readyAt = now;
    agent.lifecycle = "ready";
    agent.version = this.#version;
    agent.apiVersion = AGENT_API_VERSION;
    agent.latencyMs = 0.5;
  }

  /** Its machine goes down: terminals and streams end, and the server sees it disconnect. */
  stop(agent: Agent): void {
    if (agent.lifecycle === "off" || agent.disconnectedAt !== undefined) return;
    agent.lifecycle = "shutting_down";
    this.#touch(agent);
    this.#timers.after(SHUT_DOWN_MS, () => {
      agent.lifecycle = "off";
      if (agent.firstConnectedAt !== undefined) agent.disconnectedAt = this.#clock.now();
      agent.latencyMs = undefined;
      agent.terminals.end();
      for (const stream of agent.streams) stream.destroy();
      agent.streams.clear();
      this.#touch(agent);
    });
  }

  /** Its process is killed: the server sees it disconnect, open terminals stay open and silent. */
  kill(agent: Agent): void {
    agent.disconnectedAt = this.#clock.now();
    agent.latencyMs = undefined;
    agent.terminals.silence();
    this.#touch(agent);
  }

  /** A newer build was created: followers of its log are told that it is over. */
  superseded(agent: Agent): void {
    for (const follower of agent.logFollowers) follower("end");
    agent.logFollowers.clear();
  }

  #after(range: readonly [number, number], agent: Agent, run: () => void): void {
    this.#timers.after(this.#pace.between(range), () => {
      if (agent.lifecycle !== "off" && agent.lifecycle !== "shutting_down") run();
    });
  }

  #connect(agent: Agent): void {
    const now = this.#clock.now();
    agent.firstConnectedAt = now;
    agent.lastConnectedAt = now;
    this.#touch(agent);
  }

  #starting(agent: Agent): void {
    agent.startedAt = this.#clock.now();
    agent.lifecycle = "starting";
    agent.version = this.#version;
    agent.apiVersion = AGENT_API_VERSION;
    const latencyMs = Math.round(this.#pace.between([0.2, 3]) * 1000) / 1000;
    this.#after(LATENCY_MS, agent, () => {
      agent.latencyMs = latencyMs;
      this.#touch(agent);
    });
    this.#log(agent, "startup script begins");
    this.#touch(agent);
  }

  #started(agent: Agent, failed: boolean): void {
    this.#log(agent, failed ? "startup script failed: exit status 1" : "startup script ends");
    agent.readyAt = this.#clock.now();
    agent.lifecycle = failed ? "start_error" : "ready";
    for (const app of agent.apps) if (app.health === "initializing") app.health = "healthy";
    this.#touch(agent);
  }

  #log(agent: Agent, output: string): void {
    const row = {
      id: ++this.#logRows,
      createdAt: this.#clock.now(),
      output,
      level: "info",
      sourceId: agent.scripts.startupSourceId,
    };
    agent.logs.push(row);
    agent.logsLength += output.length;
    for (const follower of agent.logFollowers) follower([row]);
  }

  #touch(agent: Agent): void {
    agent.updatedAt = this.#clock.now();
    this.#workspaces.changed(agent.workspace);
  }
}

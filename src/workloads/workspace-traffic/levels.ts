import type { Demand } from "../../contract/demand.ts";
import type { LevelPlan } from "../../contract/plan.ts";
import type { Level } from "../../load/messages.ts";
import { say } from "../../text/message.ts";
import type { Growth } from "./growth.ts";

/** How fast a connection ticks at most: once a millisecond. */
const LEAST_INTERVAL_MS = 1;

export interface TrafficLevelsOptions {
  /** How many connections are opened; those that are not active stay open, and say nothing. */
  connections: number;
  bytes: number;
  intervalMs: number;
  /** What the step asks of the deployment besides connections and bytes. */
  demand: Demand;
  /** Of a search: connections are opened as a level uses them. */
  growth?: Growth | undefined;
  /** What is sent changes from now on. */
  changed(level: Level): void;
}

/** How much of a step's traffic is sent, which can be changed while it runs: no connection is closed by it, and only a search opens more. */
export class TrafficLevels {
  readonly #options: TrafficLevelsOptions;
  #active: number;
  #intervalMs: number;

  constructor(options: TrafficLevelsOptions) {
    this.#options = options;
    this.#active = options.connections;
    this.#intervalMs = options.intervalMs;
  }

  get plans(): LevelPlan[] {
    const { connections, growth } = this.#options;
    return [
      {
        of: "connections",
        label: say("connections that send"),
        max: connections,
        now: () => this.#active,
        demand: (active) => this.#demand(this.#perSecond(active, this.#intervalMs)),
        set: (active) => this.#set(Math.round(active), this.#intervalMs),
        ...(growth ? { isReached: () => growth.isReached } : {}),
      },
      {
        of: "messages_per_second",
        label: say("messages a second"),
        max: (connections * 1_000) / LEAST_INTERVAL_MS,
        now: () => Math.round(this.#perSecond(this.#active, this.#intervalMs) * 100) / 100,
        demand: (perSecond) => this.#demand(perSecond),
        // Nothing at all is nobody who sends, and the interval as it was.
        set: (perSecond) =>
          perSecond > 0
            ? this.#set(this.#active, (this.#active * 1_000) / perSecond)
            : this.#set(0, this.#intervalMs),
      },
      {
        of: "messages_per_connection",
        label: say("messages a second of each connection"),
        max: 1_000 / LEAST_INTERVAL_MS,
        now: () => Math.round((1_000 / this.#intervalMs) * 100) / 100,
        demand: (each) => this.#demand(this.#active * each),
        set: (each) => this.#set(this.#active, each > 0 ? 1_000 / each : this.#intervalMs),
      },
    ];
  }

  #perSecond(active: number, intervalMs: number): number {
    return (active * 1_000) / intervalMs;
  }

  #demand(perSecond: number): Demand {
    const { demand, bytes } = this.#options;
    return { ...demand, bytesPerSecond: perSecond * bytes };
  }

  #set(active: number, intervalMs: number): void {
    this.#active = active;
    this.#intervalMs = Math.max(LEAST_INTERVAL_MS, intervalMs);
    this.#options.growth?.to(active);
    this.#options.changed({ active, intervalMs: this.#intervalMs });
  }
}

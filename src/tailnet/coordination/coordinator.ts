import type { TailnetError } from "../errors.ts";
import { UpgradeRefused } from "../network.ts";
import { hexOf } from "../uuid.ts";
import { CoordinationClient, type CoordinationHandlers, type CoordinationOptions } from "./client.ts";

const SHARED_PATH = "/api/v2/tailnet";

/**
 * The coordinator for any number of agents: over one connection, or over one for each agent where the
 * server is older than Tailnet API 2.3 and knows only those.
 */
export class Coordinator {
  #options: Omit<CoordinationOptions, "path">;
  #shared: CoordinationClient | undefined;
  #single = new Map<string, CoordinationClient>();
  #wanted = new Map<string, Uint8Array>();
  #closed = false;

  constructor(options: Omit<CoordinationOptions, "path">) {
    this.#options = options;
    this.#shared = new CoordinationClient({
      ...options,
      path: SHARED_PATH,
      handlers: { ...options.handlers, fatal: (error) => this.#sharedRefused(error) },
    });
  }

  get isConnected(): boolean {
    if (this.#shared) return this.#shared.isConnected;
    return [...this.#single.values()].some((client) => client.isConnected);
  }

  start(): void {
    this.#shared?.start();
  }

  add(agent: Uint8Array): void {
    this.#wanted.set(hexOf(agent), agent);
    if (this.#shared) this.#shared.add(agent);
    else this.#addSingle(agent);
  }

  remove(agent: Uint8Array): void {
    const key = hexOf(agent);
    this.#wanted.delete(key);
    this.#shared?.remove(agent);
    this.#single.get(key)?.close();
    this.#single.delete(key);
  }

  updateSelf(): void {
    this.#shared?.updateSelf();
    for (const client of this.#single.values()) client.updateSelf();
  }

  close(): void {
    this.#closed = true;
    this.#shared?.close();
    for (const client of this.#single.values()) client.close();
    this.#single.clear();
  }

  #sharedRefused(error: TailnetError): void {
    const missing = error.cause instanceof UpgradeRefused && error.cause.status === 404;
    if (!missing || this.#closed) return this.#options.handlers.fatal(error);
    this.#shared = undefined;
    for (const agent of this.#wanted.values()) this.#addSingle(agent);
  }

  #addSingle(agent: Uint8Array): void {
    const key = hexOf(agent);
    if (this.#single.has(key) || this.#closed) return;
    const handlers: CoordinationHandlers = {
      ...this.#options.handlers,
      fatal: (error) => {
        this.remove(agent);
        if (error.kind === "refused") this.#options.handlers.refused(agent, error.message);
        else this.#options.handlers.fatal(error);
      },
    };
    const id = key.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
    const path = `/api/v2/workspaceagents/${id}/coordinate`;
    const client = new CoordinationClient({ ...this.#options, path, handlers });
    this.#single.set(key, client);
    client.add(agent);
    client.start();
  }
}

import pLimit from "p-limit";
import { say } from "../text/message.ts";
import type { CoderClient } from "./client.ts";
import { CoderError, isFailure } from "./errors.ts";
import type { Workspace } from "./schemas.ts";
import type { Ways } from "./watch-ways.ts";

/** A watch that can be told by somebody else. */
export interface Watcher {
  readonly id: string;
  readonly name: string;
  readonly client: CoderClient;
  /** Somebody waits for news. */
  readonly waiting: boolean;
  /** By the clock of `Date.now()`. */
  readonly lastNewsAt: number;
  offer(workspace: Workspace): void;
  /** The deployment refuses it: there will be no news. */
  end(error: CoderError): void;
}

/**
 * Where news comes by itself, it is only asked for after a silence: a follow can stay silent for ever
 * (docs/coder-api.md, Builds).
 */
const NET_MS = 20_000;
/** Where nothing else gets through, this is how news comes: for a few watches, and for many. */
const FEW_POLL_MS = 1_000;
const POLL_MS = 2_000;
/** A path has 512 requests a minute by default (docs/coder-api.md, Rate limits), and the list has other readers. */
const PAGE_MS = 250;
const PAGE = 100;
/** Up to so many are asked for one by one, each by its own path; beyond, one list tells all. */
const FEW = 5;
const AT_ONCE = 10;

/**
 * The safety net under all watches of a deployment, and what is left where neither WebSockets nor events get through:
 * one list tells all of them what is new. What a list has not is asked for by its id: deleted ones are in no list.
 */
export class WatchPoll {
  readonly #watchers = new Set<Watcher>();
  readonly #ways: Ways;
  #timer: NodeJS.Timeout | undefined;
  #polling = false;

  constructor(ways: Ways) {
    this.#ways = ways;
    ways.onWorse = () => this.#schedule(this.#interval);
  }

  add(watcher: Watcher): void {
    this.#watchers.add(watcher);
    if (!this.#timer) this.#schedule(this.#interval);
  }

  remove(watcher: Watcher): void {
    this.#watchers.delete(watcher);
    if (this.#watchers.size > 0) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  get #interval(): number {
    if (this.#ways.best !== "poll") return NET_MS;
    return this.#watchers.size > FEW ? POLL_MS : FEW_POLL_MS;
  }

  #schedule(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#round(), ms);
  }

  async #round(): Promise<void> {
    if (this.#polling) return;
    this.#polling = true;
    const started = Date.now();
    const since = started - this.#interval;
    const due = [...this.#watchers].filter((one) => one.waiting && one.lastNewsAt <= since);
    for (const group of byToken(due)) await poll(group).catch(() => undefined);
    this.#polling = false;
    if (this.#watchers.size === 0) return;
    // A deployment that is slow to answer, or holds us to its limit, is asked less often.
    const took = Date.now() - started;
    this.#schedule(Math.max(this.#interval, 2 * took, Math.ceil(due.length / PAGE) * PAGE_MS));
  }
}

/** Those that see the same. */
function byToken(watchers: readonly Watcher[]): Watcher[][] {
  const groups = new Map<string, Watcher[]>();
  for (const watcher of watchers) {
    const { token } = watcher.client;
    groups.set(token, [...(groups.get(token) ?? []), watcher]);
  }
  return [...groups.values()];
}

async function poll(watchers: readonly Watcher[]): Promise<void> {
  const client = watchers[0]?.client.as({ subject: "run" });
  if (!client) return;
  const listed = watchers.length > FEW ? await list(client, watchers) : new Map<string, Workspace>();
  const limit = pLimit(AT_ONCE);
  await Promise.all(
    watchers.map((watcher) => {
      const workspace = listed.get(watcher.id);
      return workspace ? watcher.offer(workspace) : limit(() => ask(client, watcher));
    }),
  );
}

async function list(client: CoderClient, watchers: readonly Watcher[]): Promise<Map<string, Workspace>> {
  const found = await client.findWorkspaces(`name:"${commonStart(watchers.map(({ name }) => name))}"`);
  return new Map(found.map((workspace) => [workspace.id, workspace]));
}

async function ask(client: CoderClient, watcher: Watcher): Promise<void> {
  try {
    const workspace = await client.workspaceOrGrave(watcher.id);
    if (workspace) watcher.offer(workspace);
    else watcher.end(goneError());
  } catch (error) {
    // Of anything else, the next round is the retry.
    if (isFailure(error, "unauthorized", "forbidden", "validation")) watcher.end(error);
  }
}

/** Of a workspace that is not there, or not for us. */
export function goneError(): CoderError {
  return new CoderError({
    kind: "not_found",
    route: "GET /api/v2/workspaces/{workspace}",
    status: 404,
    message: say("the workspace is gone"),
  });
}

/** What all names begin with: a run's prefix, or that of all scale tests. */
function commonStart(names: readonly string[]): string {
  const [first = "", ...others] = names;
  let length = first.length;
  for (const name of others) while (!name.startsWith(first.slice(0, length))) length--;
  return first.slice(0, length);
}

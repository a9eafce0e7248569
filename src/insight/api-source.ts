import * as z from "zod";
import type { CoderClient } from "../coder/client.ts";
import { isFailure } from "../coder/errors.ts";
import { look, type Value } from "../measure/values.ts";
import { seriesKey } from "../protocol/series-key.ts";
import type { Message } from "../text/message.ts";
import type { Look, Source } from "./source.ts";

/**
 * One question in so long, each in its turn: beside pages of metrics, and alone. With the pages that is three quarters
 * of a request a second at most.
 */
export const API_EVERY_MS = { besidePages: 4_000, alone: 2_000 };
/** From look to look at the same. */
export const LOOKS = { jobs: 2, daemons: 4, stats: 8, health: 16 };
const TIMEOUT_MS = 5_000;
const MOST_JOBS = 100;

const statsSchema = z.looseObject({
  workspaces: z.looseObject({
    pending: z.number().default(0),
    building: z.number().default(0),
    running: z.number().default(0),
    failed: z.number().default(0),
    stopped: z.number().default(0),
  }),
  session_count: z
    .looseObject({
      vscode: z.number().default(0),
      ssh: z.number().default(0),
      jetbrains: z.number().default(0),
      reconnecting_pty: z.number().default(0),
    })
    .optional(),
});

const listOf = <T extends z.ZodType>(one: T) =>
  z
    .array(one)
    .nullable()
    .transform((list) => list ?? []);
const jobsSchema = listOf(
  z.looseObject({ status: z.string(), created_at: z.string(), queue_size: z.number().optional() }),
);
const daemonsSchema = listOf(z.looseObject({ status: z.string().default("offline") }));
const replicasSchema = listOf(z.looseObject({}));
const healthSchema = z.record(z.string(), z.unknown());

interface Part {
  path: string;
  route: string;
  query?: Record<string, string>;
  /** Its turn: every `every` looks, the first time at the look `first`. No two have the same. */
  first: number;
  every: number;
  /** `at`: the deployment's own time, in Unix milliseconds. */
  values(body: unknown, at: number): [string, number][];
}

/** What the deployment tells of itself by its API, at a low rate: what no page of metrics has, or all there is. */
export class ApiSource implements Source {
  readonly name = "deployment API";
  readonly #client: CoderClient;
  #parts: Part[];
  #looks = 0;

  constructor(client: CoderClient, organization: string) {
    this.#client = client;
    this.#parts = partsOf(organization);
  }

  /** Asks one question. What this user may not read, or this edition has not, is not asked for again. */
  async look(signal: AbortSignal): Promise<Look> {
    const at = this.#looks++;
    const due = this.#parts.find(({ first, every }) => at % every === first);
    const found = due ? await this.#ask(due, signal) : [];
    const values: Record<string, Value> = Object.fromEntries(found.map(([key, value]) => [key, look(value)]));
    return { values, requests: due ? 1 : 0, bytes: 0, cpuMs: 0 };
  }

  async #ask(part: Part, signal: AbortSignal): Promise<[string, number][]> {
    const { path, route, query } = part;
    const { transport, token, subject } = this.#client;
    let at = Date.now();
    try {
      const body = await transport.request({
        method: "GET",
        path,
        route: `GET ${route}`,
        token,
        subject,
        signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
        timeoutMs: TIMEOUT_MS,
        retries: 0,
        onDate: (date) => {
          at = date;
        },
        ...(query ? { query } : {}),
      });
      return part.values(body, at);
    } catch (error) {
      signal.throwIfAborted();
      if (!isFailure(error, "not_found", "forbidden", "validation")) throw error;
      this.#parts = this.#parts.filter((one) => one !== part);
      return [];
    }
  }

  missing(): Message[] {
    return [];
  }

  async close(): Promise<void> {}
}

/** What changes fast is asked for often; what the deployment itself computes every half minute, about as often. */
function partsOf(organization: string): Part[] {
  const of = `/api/v2/organizations/${organization}`;
  const route = "/api/v2/organizations/{organization}";
  return [
    {
      path: `${of}/provisionerjobs`,
      route: `${route}/provisionerjobs`,
      query: { status: "pending,running", limit: String(MOST_JOBS) },
      ...{ first: 0, every: LOOKS.jobs },
      values: (body, at) => jobsOf(read(jobsSchema, body), at),
    },
    {
      path: `${of}/provisionerdaemons`,
      route: `${route}/provisionerdaemons`,
      query: { limit: "1000" },
      ...{ first: 1, every: LOOKS.daemons },
      values: (body) => daemonsOf(read(daemonsSchema, body)),
    },
    {
      ...same("/api/v2/deployment/stats"),
      ...{ first: 3, every: LOOKS.stats },
      values: (body) => statsOf(read(statsSchema, body)),
    },
    {
      ...same("/api/v2/debug/health"),
      ...{ first: 7, every: LOOKS.health },
      values: (body) => healthOf(read(healthSchema, body)),
    },
    {
      ...same("/api/v2/replicas"),
      ...{ first: 15, every: LOOKS.health },
      values: (body) => [["server_replicas", read(replicasSchema, body)?.length ?? 0]],
    },
  ];
}

function same(path: string): { path: string; route: string } {
  return { path, route: path };
}

/** undefined where the answer has another shape: it is not guessed at. */
function read<S extends z.ZodType>(schema: S, body: unknown): z.output<S> | undefined {
  const parsed = schema.safeParse(body);
  return parsed.success ? parsed.data : undefined;
}

function jobsOf(jobs: z.output<typeof jobsSchema> | undefined, at: number): [string, number][] {
  if (!jobs) return [];
  const pending = jobs.filter(({ status }) => status === "pending");
  const begun = pending.map(({ created_at }) => Date.parse(created_at)).filter(Number.isFinite);
  // The list is cut off: how long the queue is, each job of it says.
  const waiting = Math.max(pending.length, ...pending.map(({ queue_size }) => queue_size ?? 0));
  return [
    [seriesKey("server_jobs", { state: "waiting" }), waiting],
    [seriesKey("server_jobs", { state: "running" }), jobs.length - pending.length],
    ["server_job_wait", begun.length > 0 ? Math.max(0, at - Math.min(...begun)) : 0],
  ];
}

function daemonsOf(daemons: z.output<typeof daemonsSchema> | undefined): [string, number][] {
  if (!daemons) return [];
  return ["busy", "idle", "offline"].map((state) => [
    seriesKey("server_daemons", { state }),
    daemons.filter(({ status }) => status === state).length,
  ]);
}

function statsOf(stats: z.output<typeof statsSchema> | undefined): [string, number][] {
  if (!stats) return [];
  const { pending, building, running, failed, stopped } = stats.workspaces;
  const workspaces = { pending, building, running, failed, stopped };
  const { vscode = 0, ssh = 0, jetbrains = 0, reconnecting_pty: terminal = 0 } = stats.session_count ?? {};
  const sessions = stats.session_count ? { vscode, ssh, jetbrains, terminal } : {};
  return [
    ...Object.entries(workspaces).map(([status, n]): [string, number] => [
      seriesKey("server_workspaces", { status }),
      n,
    ]),
    ...Object.entries(sessions).map(([kind, n]): [string, number] => [
      seriesKey("server_sessions", { kind }),
      n,
    ]),
  ];
}

const SEVERITIES = ["ok", "warning", "error"];

function healthOf(health: Record<string, unknown> | undefined): [string, number][] {
  return Object.entries(health ?? {}).flatMap(([section, part]) => {
    const severity =
      typeof part === "object" && part !== null && "severity" in part ? String(part.severity) : "";
    const level = SEVERITIES.indexOf(severity);
    return level < 0 ? [] : [[seriesKey("server_health", { section }), level] as [string, number]];
  });
}

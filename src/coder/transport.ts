import type { Dispatcher } from "undici";
import type * as z from "zod";
import { unlessAborted } from "../protocol/abort.ts";
import type { Target } from "../protocol/target.ts";
import { say } from "../text/message.ts";
import { SaidError } from "../text/said-error.ts";
import { leave, numberOf, parseJson, readBody, redirected, retryAfterMs, successBody } from "./answer.ts";
import type { Call } from "./call.ts";
import { delay, withDeadline } from "./delay.ts";
import { dispatcherFor } from "./dispatcher.ts";
import { CoderError, type FailureKind, failureOf, isFailure, isPassing } from "./errors.ts";
import { FrontHeaders, isOwnAnswer, isRefusedInFront } from "./front.ts";
import { networkError, neverReached } from "./network-error.ts";
import { Pacer } from "./pacer.ts";
import { Session, type Subject } from "./session.ts";
import { type TlsOptions, tlsOptions } from "./tls.ts";

/** Told of every request that really went out, in the order of going out. */
export interface Meter {
  called(subject: Subject, route: string): void;
  /** The answer took so many milliseconds, or we gave it up after them; refusals of the rate limiter do not count. */
  answered(subject: Subject, method: string, ms: number, isLost: boolean): void;
  rateLimited(): void;
  waited(ms: number): void;
}

/** Puts the trace of what a request is for into it, and hears of the deployment's own. */
export interface Tracing {
  headers(subject: Subject): Readonly<Record<string, string>>;
  /** The deployment's own trace of the request. */
  seen(subject: Subject, trace: string): void;
}

export type { Call, RequestOptions } from "./call.ts";

type Headers = Readonly<Record<string, string>>;

const TIMEOUT_MS = 60_000;
/** A deployment that is silent at a run's start is reported within half a minute. */
const START_PATIENCE_MS = 25_000;
/** The slim `coder` commands of 2025 are about 60 MB. */
const MAX_DOWNLOAD_BYTES = 512 * 1024 * 1024;
/** Connections for requests. */
const POOLED = 128;
/** With the pauses between them, about a quarter of a minute: longer than a replica needs to come back. */
const RETRIES = 6;
/** With the pauses in between, several minutes. */
const RATE_LIMIT_RETRIES = 15;
export const SANDBOX_HEADER = "x-coder-scaletest-sandbox";
export const USER_AGENT = "coder-scaletest";

/**
 * One deployment's HTTP: connection pool, proxy and certificates, pacing, retries of what is safe to
 * retry, and the count of what went out. Throws CoderError only (and the signal's reason).
 */
export class Transport {
  readonly url: string;
  readonly target: Target;
  readonly pacer: Pacer;
  readonly tls: TlsOptions;
  /** For something in front of the deployment. */
  readonly front: FrontHeaders;
  /** Whose token is the target's. */
  readonly session: Session;
  /** True once an answer carried the simulated deployment's header. */
  sandbox = false;
  /**
   * How long one request may go without an answer, with all its tries, in milliseconds; waits for the rate limit or
   * for a sign-in do not count. Short, for somebody waits for the first word; a run that has begun sets it higher.
   */
  patienceMs = START_PATIENCE_MS;
  meter: Meter | undefined;
  tracing: Tracing | undefined;
  /** True once WebSockets were found not to get through, while plain requests do. */
  upgradesStripped = false;
  #agent: Dispatcher;
  /** Each stream keeps a connection for itself: in the pool, they would leave none for requests. */
  #streams: Dispatcher | undefined;

  /** `refuses`: where the deployment is asked elsewhere whether it refuses a token. */
  constructor(target: Target, refuses?: (token: string) => Promise<boolean>) {
    this.url = target.url.replace(/\/+$/, "");
    this.target = target;
    this.tls = tlsOptions(target.network, target.url);
    this.front = new FrontHeaders(target.network, this.url);
    this.#agent = dispatcherFor(target.network, this.tls, POOLED);
    this.pacer = new Pacer({
      now: () => Date.now(),
      sleep: (ms, signal) => delay(ms, signal),
    });
    this.pacer.onWait = (ms) => this.meter?.waited(ms);
    this.session = new Session(target.token, refuses ?? ((token) => this.#refuses(token)));
  }

  async close(): Promise<void> {
    await Promise.all([this.#agent.destroy(), this.#streams?.destroy()]);
  }

  /** Asks for JSON and checks its shape. */
  async json<S extends z.ZodType>(call: Call, schema: S): Promise<z.output<S>> {
    const body = await this.request(call);
    const parsed = schema.safeParse(body);
    if (parsed.success) return parsed.data;
    const issue = parsed.error.issues[0];
    const where = issue?.path.join(".") || say("the answer");
    throw new CoderError({
      kind: "unexpected",
      route: call.route,
      status: 200,
      message: say(
        "the answer is not what this API documents: {0}: {1}",
        where,
        issue?.message ?? say("wrong shape"),
      ),
    });
  }

  /** Sends until it is answered for good; resolves with the parsed body (text where it is not JSON). */
  request(call: Call): Promise<unknown> {
    return this.signed(call, (token) => this.#untilAnswered({ ...call, token }));
  }

  /**
   * Does something with the call's token: where that is the session's, with its newest, and again after a sign-in
   * where it has expired meanwhile. A 401 says that nothing has been carried out. `refusals` are answers by which
   * the deployment may mean that.
   */
  async signed<T>(
    call: { token: string; subject: Subject; signal?: AbortSignal; onWait?: (ms: number) => void },
    work: (token: string) => Promise<T>,
    refusals: readonly FailureKind[] = ["unauthorized"],
  ): Promise<T> {
    for (;;) {
      const token = await this.session.usable(call.token, call.subject, call.signal, call.onWait);
      try {
        return await work(token);
      } catch (error) {
        if (!(await this.session.lapsed(token, isFailure(error, ...refusals)))) throw error;
      }
    }
  }

  async #refuses(token: string): Promise<boolean> {
    const path = "/api/v2/users/me";
    try {
      await this.#untilAnswered({ method: "GET", path, route: `GET ${path}`, token, subject: "run" });
      return false;
    } catch (error) {
      // A gate whose headers have ended says nothing about the session.
      const isGate = isFailure(error) && this.target.network.headerCommand && isRefusedInFront(error);
      return !isGate && isFailure(error, "unauthorized");
    }
  }

  /** For whoever goes on elsewhere: the target with the newest headers and the newest token. */
  get newestTarget(): Target {
    const { target, front, session } = this;
    return { ...target, token: session.token, network: { ...target.network, headers: front.current } };
  }

  async #untilAnswered(call: Call): Promise<unknown> {
    const patience = new Patience(Math.max(this.patienceMs, call.timeoutMs ?? 0));
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.front.through((headers) => this.#once(call, headers, patience));
      } catch (error) {
        call.signal?.throwIfAborted();
        if (!(error instanceof CoderError) || !mayRetry(call, error)) throw error;
        const isLimited = error.failure.kind === "rate_limited";
        if (attempt >= (call.retries ?? (isLimited ? RATE_LIMIT_RETRIES : RETRIES))) throw error;
        // The pacer waits for it.
        if (isLimited) continue;
        const pause = backoffMs(attempt);
        if (patience.leftMs <= pause) throw error;
        await delay(pause, call.signal);
      }
    }
  }

  /** An answer whose body is read as it comes, without end: server-sent events. Rejects where it is anything else. */
  stream(call: Call): Promise<AsyncIterable<unknown>> {
    return this.signed(call, (token) =>
      this.front.through((headers) => this.#stream({ ...call, token }, headers)),
    );
  }

  async #stream(call: Call, front: Headers): Promise<AsyncIterable<unknown>> {
    this.#streams ??= dispatcherFor(this.target.network, this.tls, null);
    const answer = await this.#send(call, front, 0, new Patience(this.patienceMs), this.#streams);
    const { statusCode: status } = answer;
    if (status === 200 && String(answer.headers["content-type"] ?? "").includes("text/event-stream"))
      return answer.body;
    if (status !== 200) await this.#read(call, answer);
    leave(answer.body);
    throw new CoderError({ kind: "unexpected", route: call.route, status, message: say("no stream") });
  }

  /** A file outside the API, such as the deployment's own `coder` command; no token is sent with it. */
  async download(path: string, signal: AbortSignal): Promise<{ status: number; etag: string; body: Buffer }> {
    return this.front.through((headers) => this.#download(path, headers, signal));
  }

  async #download(
    path: string,
    front: Headers,
    signal: AbortSignal,
  ): Promise<{ status: number; etag: string; body: Buffer }> {
    const route = `GET ${path}`;
    try {
      const answer = await this.#agent.request({
        origin: new URL(this.url).origin,
        path: `${new URL(this.url).pathname.replace(/\/+$/, "")}${path}`,
        method: "GET",
        headers: { ...front, "user-agent": USER_AGENT, "accept-encoding": "identity" },
        signal,
        bodyTimeout: 120_000,
      });
      const chunks: Buffer[] = [];
      let size = 0;
      for await (const chunk of answer.body) {
        size += (chunk as Buffer).length;
        if (size > MAX_DOWNLOAD_BYTES)
          throw new SaidError(say("larger than {0} MiB", MAX_DOWNLOAD_BYTES / 1024 / 1024));
        chunks.push(chunk as Buffer);
      }
      const etag = answer.headers.etag;
      return {
        status: answer.statusCode,
        etag: typeof etag === "string" ? etag : "",
        body: Buffer.concat(chunks),
      };
    } catch (error) {
      signal.throwIfAborted();
      throw networkError(route, error);
    }
  }

  async #once(call: Call, front: Headers, patience: Patience): Promise<unknown> {
    return this.#read(call, await this.#send(call, front, patience.within(call.timeoutMs), patience));
  }

  /**
   * Resolves with the answer's headers; a `bodyTimeout` of 0 is a stream. A proxy or a host that is silent is given
   * up by a timer of our own.
   */
  async #send(
    call: Call,
    front: Headers,
    bodyTimeout: number,
    patience: Patience,
    dispatcher: Dispatcher = this.#agent,
  ): Promise<Dispatcher.ResponseData> {
    const waited = await this.pacer.take(call.path, call.signal);
    if (waited > 0) call.onWait?.(waited);
    patience.waited(waited);
    this.meter?.called(call.subject, call.route);
    const sentAt = performance.now();
    const tell = (isLost: boolean) =>
      this.meter?.answered(call.subject, call.method, performance.now() - sentAt, isLost);
    const limit = withDeadline(call.signal, patience.within(call.timeoutMs), call.graceMs);
    try {
      const request = dispatcher.request({
        origin: new URL(this.url).origin,
        path: pathOf(this.url, call),
        method: call.method,
        headers: { ...headersOf(front, call), ...this.tracing?.headers(call.subject) },
        body: call.body === undefined ? null : JSON.stringify(call.body),
        signal: limit.signal,
        headersTimeout: 0,
        bodyTimeout,
      });
      // Of its own, a request takes no notice of its signal before it has a connection.
      const answer = await unlessAborted(request, limit.signal);
      // A stream goes on for as long as it likes; any other body has to be here by the same time.
      if (bodyTimeout === 0) limit.met();
      else if (answer.statusCode !== 429) tellOfBody(answer, tell, call.signal);
      answer.body.once("close", limit.done);
      return answer;
    } catch (error) {
      limit.done();
      call.signal?.throwIfAborted();
      tell(true);
      throw networkError(call.route, error);
    }
  }

  async #read(call: Call, answer: Dispatcher.ResponseData): Promise<unknown> {
    const header = (name: string) => {
      const value = answer.headers[name];
      return Array.isArray(value) ? value[0] : value;
    };
    if (header(SANDBOX_HEADER)) this.sandbox = true;
    const trace = header("x-trace-id");
    if (trace) this.tracing?.seen(call.subject, trace);
    const inFront = !isOwnAnswer(header);
    const date = Date.parse(header("date") ?? "");
    if (!Number.isNaN(date)) call.onDate?.(date);
    const limit = numberOf(header("x-ratelimit-limit"));
    const body = await readBody(call, answer);
    if (answer.statusCode === 429) {
      this.pacer.refused(call.path, limit, retryAfterMs(header("retry-after")));
      this.meter?.rateLimited();
    } else {
      this.pacer.learn(call.path, limit, numberOf(header("x-ratelimit-remaining")));
    }
    if (answer.statusCode >= 200 && answer.statusCode < 300) {
      return successBody(call, { status: answer.statusCode, inFront }, header("content-type") ?? "", body);
    }
    if (answer.statusCode >= 300 && answer.statusCode < 400)
      throw redirected(call, { status: answer.statusCode, inFront }, header("location"));
    throw new CoderError(
      failureOf(call.route, answer.statusCode, parseJson(body) ?? body, {
        requestId: header("x-coder-request-id"),
        inFront,
      }),
    );
  }
}

/** An answer takes until its last byte; what breaks off before that has no answer, unless we have ended it ourselves. */
function tellOfBody(
  { body }: Dispatcher.ResponseData,
  tell: (isLost: boolean) => void,
  signal: AbortSignal | undefined,
): void {
  let hasEnded = false;
  body.once("end", () => {
    hasEnded = true;
    tell(false);
  });
  body.once("close", () => {
    if (!hasEnded && !signal?.aborted) tell(true);
  });
}

/** What is left of the time in which a request wants its answer. */
class Patience {
  #until: number;

  constructor(ms: number) {
    this.#until = performance.now() + ms;
  }

  /** Our own waiting does not count. */
  waited(ms: number): void {
    this.#until += ms;
  }

  get leftMs(): number {
    return Math.max(0, this.#until - performance.now());
  }

  /** Time for the next try, in milliseconds. */
  within(timeoutMs = TIMEOUT_MS): number {
    return Math.max(1, Math.min(timeoutMs, this.leftMs));
  }
}

/**
 * Reads, and deletions by id, can be repeated; so can anything that the limiter refused. What creates
 * something is repeated by its caller, after looking whether the first try took effect.
 */
function mayRetry(call: Call, error: CoderError): boolean {
  const { failure } = error;
  if (failure.kind === "rate_limited") return true;
  // Nobody was there to take it: whatever it is, it has not been carried out.
  if (failure.kind === "network" && !failure.outcomeUnknown) return !neverReached(error);
  if (call.method !== "GET" && call.method !== "DELETE" && !call.isQuestion) return false;
  if (failure.kind === "network" || failure.kind === "timeout") return !neverReached(error);
  return failure.kind === "server" && isPassing(failure.status);
}

function backoffMs(attempt: number): number {
  return (0.5 + Math.random()) * 150 * 2 ** attempt;
}

function pathOf(url: string, call: Call): string {
  const base = new URL(url).pathname.replace(/\/+$/, "");
  const query = call.query ? `?${new URLSearchParams(call.query)}` : "";
  return `${base}${call.path}${query}`;
}

/** One credential only, in the header: a cookie or a query would win over it (docs/coder-api.md, Tokens). */
export function headersOf(front: Headers, call: { token: string; body?: unknown }): Record<string, string> {
  const headers: Record<string, string> = {
    ...front,
    accept: "application/json",
    "user-agent": USER_AGENT,
  };
  if (call.token) headers["coder-session-token"] = call.token;
  if (call.body !== undefined) headers["content-type"] = "application/json";
  return headers;
}

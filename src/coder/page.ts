import type { Dispatcher } from "undici";
import { unlessAborted } from "../protocol/abort.ts";
import type { Network } from "../protocol/target.ts";
import { type Message, say } from "../text/message.ts";
import { SaidError } from "../text/said-error.ts";
import { leave } from "./answer.ts";
import { withDeadline } from "./delay.ts";
import { dispatcherFor } from "./dispatcher.ts";
import { FrontHeaders } from "./front.ts";
import { networkError } from "./network-error.ts";
import { tlsOptions } from "./tls.ts";
import { USER_AGENT } from "./transport.ts";

/** A page of a deployment of five thousand agents is about as large. */
const MOST_BYTES = 96 * 1024 * 1024;
const MOST_REDIRECTS = 3;

type Headers = Readonly<Record<string, string>>;

export interface PageOptions {
  url: string;
  network: Network;
  /** Goes to this origin, and to no other. */
  token?: string | undefined;
  /** What an answer may be. */
  accept: string;
  mostBytes?: number;
}

/** The answer has a status that is no success. */
export class PageStatus extends SaidError {
  override readonly name: string = "PageStatus";
  readonly status: number;

  constructor(status: number, said: Message) {
    super(said);
    this.status = status;
  }
}

/** Somebody wants another token, or none is right. */
export class PageRefused extends PageStatus {
  override readonly name = "PageRefused";
}

/**
 * One page at an address of its own, read again and again by the network policy of the deployment. It follows no
 * redirect to another origin, so that neither token nor headers get there.
 */
export class PageReader {
  readonly #options: PageOptions;
  readonly #agent: Dispatcher;
  readonly #front: FrontHeaders;

  constructor(options: PageOptions) {
    this.#options = options;
    const { url, network } = options;
    this.#agent = dispatcherFor(network, tlsOptions(network, url), 1);
    this.#front = new FrontHeaders(network, url);
  }

  /**
   * Hands over the page as it comes; resolves with its bytes. `query`: of this reading, instead of the address's own.
   * Rejects with one line, or with the signal's reason.
   */
  async read(
    take: (text: string) => void,
    timeoutMs: number,
    signal?: AbortSignal,
    query?: URLSearchParams,
  ): Promise<number> {
    const limit = withDeadline(signal, timeoutMs);
    try {
      return await this.#front.through(
        (headers) => this.#follow(headers, take, limit.signal, query),
        (error) => error instanceof PageRefused,
      );
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof SaidError) throw error;
      throw new SaidError(networkError("GET", error).failure.message);
    } finally {
      limit.done();
    }
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }

  async #follow(
    headers: Headers,
    take: (text: string) => void,
    signal: AbortSignal,
    query: URLSearchParams | undefined,
  ): Promise<number> {
    let url = new URL(this.#options.url);
    if (query) url.search = query.toString();
    for (let redirects = 0; ; redirects++) {
      const answer = await this.#send(url, headers, signal);
      const { statusCode: status } = answer;
      if (status >= 200 && status < 300)
        return await drain(answer, take, signal, this.#options.mostBytes ?? MOST_BYTES);
      leave(answer.body);
      if (status < 300 || status >= 400 || redirects >= MOST_REDIRECTS) throw refusal(status, this.#options);
      url = redirectOf(answer.headers.location, url);
    }
  }

  #send(url: URL, headers: Headers, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    const { accept, token } = this.#options;
    const request = this.#agent.request({
      origin: url.origin,
      path: `${url.pathname}${url.search}`,
      method: "GET",
      headers: {
        ...headers,
        accept,
        "user-agent": USER_AGENT,
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      signal,
    });
    return unlessAborted(request, signal);
  }
}

function redirectOf(location: string | string[] | undefined, from: URL): URL {
  const text = Array.isArray(location) ? location[0] : location;
  const url = text !== undefined && URL.canParse(text, from.href) ? new URL(text, from.href) : undefined;
  if (!url) throw new SaidError(say("it redirects to nowhere"));
  if (url.origin !== from.origin)
    throw new SaidError(say("it redirects to {0}, which is not followed: name that address", url.origin));
  return url;
}

function refusal(status: number, { token }: PageOptions): PageStatus {
  if (status !== 401 && status !== 403)
    return new PageStatus(status, say("it answers with status {0}", status));
  return new PageRefused(
    status,
    token === undefined
      ? say("it wants a bearer token (status {0})", status)
      : say("it refuses the bearer token (status {0}): it may have expired", status),
  );
}

async function drain(
  { body }: Dispatcher.ResponseData,
  take: (text: string) => void,
  signal: AbortSignal,
  most: number,
): Promise<number> {
  const decoder = new TextDecoder();
  let bytes = 0;
  for await (const chunk of body) {
    signal.throwIfAborted();
    bytes += (chunk as Buffer).length;
    if (bytes > most) {
      leave(body);
      throw new SaidError(say("the page is larger than {0} MB", Math.round(most / 1e6)));
    }
    take(decoder.decode(chunk as Buffer, { stream: true }));
  }
  take(decoder.decode());
  return bytes;
}

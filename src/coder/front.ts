import type { Network } from "../protocol/target.ts";
import { CoderError } from "./errors.ts";
import { headersOfCommand } from "./header-command.ts";

/** Headers by which coderd is known, on every answer of its API. */
const OWN_HEADERS = ["x-coder-build-version", "x-coder-request-id"];

/** Whether an answer is coderd's own; `header` gives one by its name in lower case. */
export function isOwnAnswer(header: (name: string) => unknown): boolean {
  return OWN_HEADERS.some((name) => header(name) !== undefined);
}

/** These say that the request was malformed, too much or too early; other headers mend none of that. */
const NOT_FOR_HEADERS = new Set([400, 408, 413, 414, 425, 429, 431]);

/**
 * Whether other headers may mend a refusal that is not coderd's own. Gates answer with 401 or 403, with a redirect to
 * a page where one signs in, or with that page itself.
 */
export function wantsHeaders(status: number): boolean {
  return status < 500 ? !NOT_FOR_HEADERS.has(status) : status === 511;
}

type RunCommand = (command: string, url: string) => Promise<Record<string, string>>;

/** What is sent with every request for the sake of something in front of the deployment. */
export class FrontHeaders {
  readonly #url: string;
  readonly #command: Network["headerCommand"];
  readonly #run: RunCommand;
  #current: Readonly<Record<string, string>>;
  #running: Promise<boolean> | undefined;

  constructor(network: Network, url: string, run: RunCommand = headersOfCommand) {
    this.#url = url;
    this.#command = network.headerCommand;
    this.#current = network.headers ?? {};
    this.#run = run;
  }

  /** The newest. */
  get current(): Readonly<Record<string, string>> {
    return this.#current;
  }

  /**
   * A request with these headers was refused from in front: runs the header command again, once for all that were
   * refused together. True where there are other headers now. Never rejects.
   */
  async renew(used: Readonly<Record<string, string>>): Promise<boolean> {
    if (this.#command === undefined) return false;
    if (used !== this.#current) return true;
    this.#running ??= this.#runAgain(this.#command).finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #runAgain({ command, fixed }: NonNullable<Network["headerCommand"]>): Promise<boolean> {
    try {
      const headers = { ...fixed, ...(await this.#run(command, this.#url)) };
      if (isEqual(headers, this.#current)) return false;
      this.#current = headers;
      return true;
    } catch {
      // The refusal itself is the cause that is told.
      return false;
    }
  }

  /** Does something with the newest headers, and once more where it is refused from in front and there are others. */
  async through<T>(
    work: (headers: Readonly<Record<string, string>>) => Promise<T>,
    isRefused: (error: unknown) => boolean = isRefusedInFront,
  ): Promise<T> {
    const used = this.#current;
    try {
      return await work(used);
    } catch (error) {
      if (!isRefused(error) || !(await this.renew(used))) throw error;
      return work(this.#current);
    }
  }
}

/** Whether something in front of the deployment has refused it, in a way that other headers may mend. */
export function isRefusedInFront(error: unknown): boolean {
  if (!(error instanceof CoderError) || !("status" in error.failure)) return false;
  const { inFront, status } = error.failure;
  return inFront === true && wantsHeaders(status);
}

function isEqual(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  const [names, others] = [Object.keys(a), Object.keys(b)];
  return names.length === others.length && names.every((name) => a[name] === b[name]);
}

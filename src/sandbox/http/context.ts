import type { IncomingMessage } from "node:http";
import type { Replica } from "../model/load-model.ts";
import type { ApiKey, User } from "../state/users.ts";
import { Fields, isUuid, parseObject, readBody, uuidDetail } from "./body.ts";
import { ApiError } from "./errors.ts";

export interface Caller {
  user: User;
  key: ApiKey;
}

/** One request, on its way through the pipeline. */
export class Context {
  readonly request: IncomingMessage;
  /** The replica that has the request, and what becomes of it. */
  readonly replica: Replica;
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  params: Record<string, string> = {};
  #caller: Caller | undefined;

  constructor(request: IncomingMessage, replica: Replica, path: string, query: URLSearchParams) {
    this.request = request;
    this.replica = replica;
    this.method = request.method ?? "GET";
    this.path = path;
    this.query = query;
  }

  /** The client's address, which the rate limiter counts by. */
  get address(): string {
    return this.request.socket.remoteAddress ?? "";
  }

  header(name: string): string {
    const value = this.request.headers[name];
    return Array.isArray(value) ? (value[0] ?? "") : (value ?? "");
  }

  /** Who calls; only routes that need a session may ask. */
  get caller(): Caller {
    if (!this.#caller) throw new Error(`${this.path} is public: nobody is signed in`);
    return this.#caller;
  }

  signIn(caller: Caller): void {
    this.#caller = caller;
  }

  get isOwner(): boolean {
    return this.caller.user.roles.includes("owner");
  }

  param(name: string): string {
    return this.params[name] ?? "";
  }

  /** A path parameter that has to be a UUID. @throws ApiError 400 */
  uuid(name: string): string {
    const value = this.param(name);
    if (!isUuid(value)) {
      throw new ApiError(400, `Invalid UUID "${value}".`, { detail: uuidDetail(value) });
    }
    return value.toLowerCase();
  }

  /** The JSON object in the body. @throws ApiError 400, 413 */
  async body(type: string): Promise<Fields> {
    const raw = await readBody(this.request);
    return new Fields(parseObject(raw.toString("utf8")), type);
  }

  /** `limit` and `offset`; a limit of 0 means all. @throws ApiError 400 */
  page(): { limit: number; offset: number } {
    return { limit: this.#count("limit"), offset: this.#count("offset") };
  }

  #count(name: string): number {
    const raw = this.query.get(name) ?? "";
    if (raw === "") return 0;
    const cause = !/^[+-]?\d+$/.test(raw)
      ? `strconv.ParseInt: parsing "${raw}": invalid syntax`
      : Number(raw) < 0
        ? "value is negative"
        : Number(raw) > 0x7fffffff
          ? `strconv.ParseInt: parsing "${raw}": value out of range`
          : undefined;
    if (cause === undefined) return Number(raw);
    throw new ApiError(400, "Query parameters have invalid values.", {
      validations: [
        { field: name, detail: `Query param "${name}" must be a valid 32-bit positive integer: ${cause}` },
      ],
    });
  }
}

import type { IncomingMessage } from "node:http";
import { PARAMETER_BYTES, TEXT_BYTES } from "../limits.ts";
import { ApiError } from "./errors.ts";
import { intake } from "./intake.ts";

/** The server takes no larger request body; the sandbox no larger one either. */
const BODY_LIMIT = 1024 * 1024;

/**
 * Reads a request's body as bytes.
 * @throws ApiError 413 when it is larger than 1 MiB
 */
export function readBody(request: IncomingMessage, limit = BODY_LIMIT): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const share = intake.share();
    let chunks: Buffer[] = [];
    let size = 0;
    const refuse = (error: ApiError) => {
      chunks = [];
      share.hold(0);
      reject(error);
    };
    request.on("data", (bytes: Buffer) => {
      size += bytes.length;
      if (size > limit) refuse(new ApiError(413, "Request body too large."));
      else if (share.hold(size)) chunks.push(bytes);
      else {
        // Too much is under way; the rest is read and forgotten.
        size = limit;
        refuse(new ApiError(503, "Too many unfinished requests."));
      }
    });
    request.on("end", () => {
      resolve(Buffer.concat(chunks));
      share.hold(0);
    });
    request.on("close", () => refuse(new ApiError(400, "The request ended before its body did.")));
  });
}

/** Reads a body to its end and keeps nothing. @returns its bytes' number */
export function countBody(request: IncomingMessage): Promise<number> {
  return new Promise((resolve, reject) => {
    let size = 0;
    request.on("data", (bytes: Buffer) => {
      size += bytes.length;
    });
    request.on("end", () => resolve(size));
    request.on("close", () => reject(new ApiError(400, "The request ended before its body did.")));
  });
}

function badJson(detail: string): ApiError {
  return new ApiError(400, "Request body must be valid JSON.", { detail });
}

/** Parses a JSON object, with the details that Go's decoder gives for what it cannot read. */
export function parseObject(raw: string): Record<string, unknown> {
  if (raw.trim() === "") throw badJson("EOF");
  let value: unknown;
  try {
    value = JSON.parse(raw);
  } catch (error) {
    throw badJson(decoderDetail(raw, error));
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw badJson(`json: cannot unmarshal ${goType(value)} into Go value`);
  }
  return value as Record<string, unknown>;
}

function decoderDetail(raw: string, error: unknown): string {
  const what = error instanceof Error ? error.message : "";
  const place = /position (\d+)/.exec(what)?.[1];
  const found = place === undefined ? undefined : raw[Number(place)];
  if (found === undefined) return "unexpected EOF";
  const before = raw.slice(0, Number(place)).trimEnd().at(-1);
  const wanted =
    before === "{" ? "looking for beginning of object key string" : "looking for beginning of value";
  return `invalid character '${found}' ${wanted}`;
}

function goType(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  return typeof value === "boolean" ? "bool" : typeof value;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
export const NIL_UUID = "00000000-0000-0000-0000-000000000000";

export function isUuid(text: string): boolean {
  return UUID.test(text);
}

/** The detail with which Go's UUID parser refuses a text. */
export function uuidDetail(text: string): string {
  return text.length === 36 ? "invalid UUID format" : `invalid UUID length: ${text.length}`;
}

/** Typed reads of a decoded body; `type` is the Go name that an error text carries. */
export class Fields {
  readonly raw: Record<string, unknown>;
  readonly type: string;

  constructor(raw: Record<string, unknown>, type: string) {
    this.raw = raw;
    this.type = type;
  }

  /** "" when absent or null. */
  text(name: string): string {
    const value = this.raw[name];
    if (value === undefined || value === null) return "";
    if (typeof value !== "string") throw this.#mismatch(name, value, "string");
    return value;
  }

  /** A text that is kept for as long as the sandbox runs. @throws ApiError 400 when it is too long for that */
  kept(name: string, limit = TEXT_BYTES): string {
    const value = this.text(name);
    if (value.length <= limit) return value;
    throw new ApiError(400, "Validation failed.", {
      validations: [{ field: name, detail: `The sandbox keeps at most ${limit} bytes of it.` }],
    });
  }

  /** undefined when absent or null. */
  integer(name: string, type = "int64"): number | undefined {
    const value = this.raw[name];
    if (value === undefined || value === null) return undefined;
    if (typeof value !== "number") throw this.#mismatch(name, value, type);
    return value;
  }

  flag(name: string): boolean {
    const value = this.raw[name];
    if (value === undefined || value === null) return false;
    if (typeof value !== "boolean") throw this.#mismatch(name, value, "bool");
    return value;
  }

  /** The nil UUID when absent. */
  uuid(name: string): string {
    const value = this.text(name);
    if (value === "") return NIL_UUID;
    if (!isUuid(value)) throw badJson(uuidDetail(value));
    return value.toLowerCase();
  }

  uuids(name: string): string[] {
    return this.list(name).map((value) => {
      if (typeof value !== "string") throw this.#mismatch(name, value, "uuid.UUID");
      if (!isUuid(value)) throw badJson(uuidDetail(value));
      return value.toLowerCase();
    });
  }

  list(name: string): unknown[] {
    const value = this.raw[name];
    if (value === undefined || value === null) return [];
    if (!Array.isArray(value)) throw this.#mismatch(name, value, "[]string");
    return value;
  }

  /** `[{name, value}]`, as build parameters are given. */
  pairs(name: string): { name: string; value: string }[] {
    return this.list(name).map((entry) => {
      const fields = new Fields((entry ?? {}) as Record<string, unknown>, `${this.type}.${name}`);
      return { name: fields.kept("name"), value: fields.kept("value", PARAMETER_BYTES) };
    });
  }

  #mismatch(name: string, value: unknown, type: string): ApiError {
    return badJson(
      `json: cannot unmarshal ${goType(value)} into Go struct field ${this.type}.${name} of type ${type}`,
    );
  }
}

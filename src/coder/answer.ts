import type { Dispatcher } from "undici";
import { say } from "../text/message.ts";
import type { Call } from "./call.ts";
import { CoderError } from "./errors.ts";
import { networkError } from "./network-error.ts";

/** No API answer that we ask for comes near this; a larger one is a fault or an attack. */
const MAX_BODY_BYTES = 16 * 1024 * 1024;
/** Who asks for longer is not waited for in full: what is tried again is refused again, at no cost. */
const LONGEST_RETRY_AFTER_MS = 300_000;

interface Answered {
  status: number;
  /** It is not coderd's own. */
  inFront: boolean;
}

/** What an answer says that is no refusal. Throws CoderError where it is not the API's. */
export function successBody(
  call: Call,
  { status, inFront }: Answered,
  contentType: string,
  body: string,
): unknown {
  if (body === "") return undefined;
  if (contentType.includes("json")) {
    const parsed = parseJson(body);
    if (parsed !== undefined) return parsed;
  }
  if (call.path.startsWith("/api/")) {
    throw new CoderError({
      kind: "unexpected",
      route: call.route,
      status,
      inFront,
      message: say("the answer is not JSON; is this the address of a Coder deployment?"),
    });
  }
  return body;
}

/** The deployment is somewhere else. */
export function redirected(
  call: Call,
  { status, inFront }: Answered,
  location: string | undefined,
): CoderError {
  return new CoderError({
    kind: "unexpected",
    route: call.route,
    status,
    inFront,
    message: location
      ? say("the server redirects to {0}; use the deployment's own address", location.slice(0, 200))
      : say("the server redirects; use the deployment's own address"),
  });
}

/** The whole body as text. Rejects with CoderError where it is lost on the way, or too large. */
export async function readBody(call: Call, answer: Dispatcher.ResponseData): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of answer.body) {
      size += (chunk as Buffer).length;
      if (size > MAX_BODY_BYTES) {
        answer.body.destroy();
        break;
      }
      chunks.push(chunk as Buffer);
    }
  } catch (error) {
    call.signal?.throwIfAborted();
    throw networkError(call.route, error);
  }
  if (size > MAX_BODY_BYTES) {
    throw new CoderError({
      kind: "unexpected",
      route: call.route,
      status: answer.statusCode,
      message: say("the answer is larger than {0} MiB", MAX_BODY_BYTES / 1024 / 1024),
    });
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** Milliseconds of a `Retry-After` in seconds or as a date; undefined where it is neither. */
export function retryAfterMs(value: string | undefined): number | undefined {
  const seconds = numberOf(value);
  const ms = seconds === undefined ? Date.parse(value ?? "") - Date.now() : seconds * 1_000;
  return Number.isFinite(ms) ? Math.min(LONGEST_RETRY_AFTER_MS, Math.max(0, ms)) : undefined;
}

/** Nobody reads the rest. Without a listener, undici's own error about that ends the process. */
export function leave(body: Dispatcher.ResponseData["body"]): void {
  body.on("error", () => undefined);
  body.destroy();
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function numberOf(text: string | undefined): number | undefined {
  const value = text === undefined ? Number.NaN : Number(text);
  return Number.isFinite(value) ? value : undefined;
}

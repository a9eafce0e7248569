import { foreign, type Message, say } from "../text/message.ts";
import { CoderError } from "./errors.ts";

/** Makes a CoderError of what a socket or undici threw. */
export function networkError(route: string, error: unknown): CoderError {
  const code = codeOf(error);
  const timeout = code.includes("TIMEOUT") || code === "ETIMEDOUT";
  const connected = !["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "UND_ERR_CONNECT_TIMEOUT"].includes(code);
  const text = textOf(error);
  return new CoderError(
    {
      kind: timeout ? "timeout" : "network",
      route,
      message: timeout ? say("no answer in time") : networkText(code, text),
      outcomeUnknown: connected,
    },
    { cause: error },
  );
}

/** TLS was begun, and what came back is no TLS: the port speaks plain HTTP. */
function answersPlainly(code: string, text: string): boolean {
  return (
    /^ERR_SSL_(WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST|UNKNOWN_PROTOCOL)$/.test(code) ||
    (code === "EPROTO" &&
      /wrong version number|packet length too long|http request|unknown protocol/.test(text))
  );
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function networkText(code: string, text: string): Message {
  if (answersPlainly(code, text)) return say("this port does not speak https, but plain HTTP: use http://");
  switch (code) {
    case "ECONNREFUSED":
      return say("nothing answers at this address (connection refused)");
    case "ENOTFOUND":
      return say("the host name does not exist");
    case "ECONNRESET":
    case "UND_ERR_SOCKET":
      return say("the connection was lost");
    default:
      return code.includes("CERT") || code.includes("SELF_SIGNED")
        ? say("the server's certificate is not trusted ({0})", code)
        : text || code
          ? foreign(text || code)
          : say("the network failed");
  }
}

function codeOf(error: unknown): string {
  for (let current = error; current instanceof Error; current = current.cause) {
    const { code } = current as { code?: unknown };
    if (typeof code === "string") return code;
    if (current instanceof AggregateError) {
      const inner = codeOf(current.errors[0]);
      if (inner) return inner;
    }
  }
  return "";
}

/** A name that does not resolve or a refused certificate will not get better within seconds. */
export function neverReached(error: CoderError): boolean {
  const code = codeOf(error.cause);
  return (
    code === "ENOTFOUND" ||
    code.startsWith("ERR_TLS") ||
    answersPlainly(code, textOf(error.cause)) ||
    code.includes("CERT") ||
    code.includes("SELF_SIGNED")
  );
}

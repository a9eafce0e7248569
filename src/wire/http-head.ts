import { say } from "../text/message.ts";
import { SaidError } from "../text/said-error.ts";

/** The head of an HTTP answer: the line of its status, and headers by lower-case name. */
export interface Head {
  status: number;
  headers: Map<string, string>;
  /** Bytes of the head, its empty line included. */
  length: number;
}

const MAX_HEAD = 64 * 1024;

/** undefined until the head is complete. Throws where it is none. */
export function parseHead(bytes: Buffer): Head | undefined {
  const end = bytes.indexOf("\r\n\r\n");
  if (end < 0) {
    if (bytes.length > MAX_HEAD) throw new SaidError(say("the server's answer has no end of its headers"));
    if (bytes.length >= 5 && bytes.toString("latin1", 0, 5) !== "HTTP/")
      throw new SaidError(say("the server does not answer in HTTP"));
    return undefined;
  }
  const [first = "", ...lines] = bytes.toString("latin1", 0, end).split("\r\n");
  const status = /^HTTP\/1\.[01] (\d{3})(?: |$)/.exec(first)?.[1];
  if (!status) throw new SaidError(say("the server does not answer in HTTP"));
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(":");
    if (colon > 0) headers.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim());
  }
  return { status: Number(status), headers, length: end + 4 };
}

/** A header's value must not be able to begin another header. */
export function headerLines(headers: Readonly<Record<string, string>>): string {
  return Object.entries(headers)
    .map(([name, value]) => `${name}: ${value.replaceAll(/[\r\n]+/g, " ")}\r\n`)
    .join("");
}

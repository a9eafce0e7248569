import { inOneLine, oneLine, saysStripped, UPGRADES_STRIPPED } from "../../../coder/errors.ts";
import { isOwnAnswer, wantsHeaders } from "../../../coder/front.ts";
import { htmlReason } from "../../../coder/html-error.ts";
import { bypasses } from "../../../coder/network.ts";
import { USER_AGENT } from "../../../coder/transport.ts";
import { type Message, say } from "../../../text/message.ts";
import { openWire, type WireEnd, WireRefused, type WireSocket } from "../../../wire/socket.ts";
import { LABELS } from "./labels.ts";
import {
  FirstSign,
  type Kit,
  type Link,
  type LinkEnd,
  LinkError,
  type LinkEvents,
  READY,
  withLastWords,
} from "./link.ts";

/** After the end was asked for, this long for it to come. */
const END_WAIT_MS = 3_000;
const PREFIX = Buffer.from('{"data":"');
const SUFFIX = Buffer.from('"}');
const LINE_SUFFIX = Buffer.from('\\n"}');
const INTERRUPT = Buffer.from('{"data":"\\u0003"}');

export interface WebAddress {
  kind: "pty" | "app";
  url: string;
  token: string;
}

/** Opens a web terminal or an app's WebSocket, and waits until it echoes. Throws LinkError, or the signal's reason. */
export async function openWebLink(
  kit: Kit,
  address: WebAddress,
  again: boolean,
  events: LinkEvents,
  signal: AbortSignal,
): Promise<Link> {
  const link = new WebLink(kit, address.kind, again, events);
  const { network } = kit.setup.target;
  const proxied = network.proxy && !bypasses(new URL(address.url).hostname, network.noProxy ?? "");
  const open = (front: Readonly<Record<string, string>>) =>
    openWire({
      url: address.url,
      headers: { ...front, "User-Agent": USER_AGENT, ...credentialOf(address) },
      proxy: proxied ? network.proxy : undefined,
      tls: kit.transport.tls,
      timeoutMs: kit.setup.openTimeoutMs,
      signal,
      writer: kit.writer,
      onData: (bytes, start, end) => link.took(bytes, start, end),
      onEnd: (end) => link.over(end),
    });
  try {
    link.wire = await kit.transport.front.through(open, isRefusedInFront);
  } catch (error) {
    signal.throwIfAborted();
    throw openFailure(address.kind, error, kit.setup.upgradesStripped);
  }
  try {
    await link.ready(signal);
    return link;
  } catch (error) {
    link.destroy();
    throw error;
  }
}

function isRefusedInFront(error: unknown): boolean {
  if (!(error instanceof WireRefused)) return false;
  return !isOwnAnswer((name) => error.headers.get(name)) && wantsHeaders(error.status);
}

/** Apps get the cookie: any header would be passed on into the workspace (docs/coder-api.md, Apps). */
function credentialOf({ kind, token }: WebAddress): Record<string, string> {
  return kind === "app" ? { Cookie: `coder_session_token=${token}` } : { "Coder-Session-Token": token };
}

class WebLink implements Link {
  wire: WireSocket | undefined;
  #kit: Kit;
  #kind: "pty" | "app";
  #again: boolean;
  #events: LinkEvents;
  #first = new FirstSign();
  #open = false;
  #end: WireEnd | undefined;
  #suffix: Buffer;
  #prefix: Buffer;
  #bytes: number;

  /** `again`: a session goes on and repeats what it has said; whatever comes first is a sign of life. */
  constructor(kit: Kit, kind: "pty" | "app", again: boolean, events: LinkEvents) {
    this.#kit = kit;
    this.#kind = kind;
    this.#again = again && kind === "pty";
    this.#events = events;
    const lines = kind === "pty" && kit.setup.echo === "tty";
    this.#prefix = kind === "pty" ? PREFIX : Buffer.alloc(0);
    this.#suffix = kind === "app" ? Buffer.alloc(0) : lines ? LINE_SUFFIX : SUFFIX;
    this.#bytes = kit.setup.bytes - (lines ? 1 : 0);
  }

  get backlog(): number {
    return this.wire?.backlog ?? 0;
  }

  send(salt: number, sequence: number): number {
    const { writer, payload } = this.#kit;
    const prefix = this.#prefix.length;
    const length = prefix + this.#bytes + this.#suffix.length;
    const target = writer.payload(length);
    this.#prefix.copy(target);
    payload.write(target, prefix, salt, sequence, this.#bytes);
    this.#suffix.copy(target, prefix + this.#bytes);
    return this.wire?.send(length) ? this.#kit.setup.bytes : 0;
  }

  took(bytes: Buffer, start: number, end: number): void {
    if (this.#first.done) return this.#events.data(bytes, start, end);
    const at = this.#first.take(bytes, start, end, this.#sign);
    if (at >= 0 && at < end) this.#events.data(bytes, at, end);
  }

  /** How the echo shows that it is there. */
  get #sign(): string {
    if (this.#again) return "";
    return this.#kind === "pty" && this.#kit.setup.echo === "tty" ? `${READY}\r\n` : READY;
  }

  over(end: WireEnd): void {
    this.#end = end;
    this.#first.end();
    if (this.#open) this.#events.ended(endOf(end));
  }

  async ready(signal: AbortSignal): Promise<void> {
    const { openTimeoutMs, echo } = this.#kit.setup;
    if (this.#kind === "app") this.#say(Buffer.from(READY));
    else if (echo === "tty" && !this.#again) this.#say(Buffer.from(JSON.stringify({ data: `${READY}\n` })));
    const first = await this.#first.wait(openTimeoutMs, signal);
    if (first === "found") {
      // It may have ended between the sign and now, when nobody was told yet.
      if (this.#end) throw this.#silent("ended");
      this.#open = true;
      return;
    }
    throw this.#silent(first);
  }

  #say(message: Buffer): void {
    message.copy(this.#kit.writer.payload(message.length));
    this.wire?.send(message.length);
  }

  #silent(how: "ended" | "timeout"): LinkError {
    const said = oneLine(this.#first.said);
    const label = LABELS[this.#kind];
    if (this.#kind === "app") {
      const problem =
        how === "ended"
          ? say("ended (code {0}) instead of echoing", String(this.#end?.code))
          : say("sent nothing back instead of echoing");
      return new LinkError("app_no_echo", say("{0}: does not echo what it is sent", label), {
        said: say("{0}: {1}", label, withLastWords(problem, said)),
      });
    }
    if (how === "timeout")
      return new LinkError("pty_silent", say("{0}: silent after it was opened", label), { again: true });
    const needed = this.#kit.setup.echo === "raw" ? say("{0} and {1}", "stty", "cat") : "dd";
    const problem = say("the echo command ended at once (it needs {0} in the workspace)", needed);
    return new LinkError("pty_no_echo", say("{0}: the echo command did not start", label), {
      said: say("{0}: {1}", label, withLastWords(problem, said)),
    });
  }

  end(): void {
    if (this.#kind === "app") return this.wire?.close(1000);
    // The command ends by it, and with it the terminal; only where it does not is the socket closed from here.
    this.#say(INTERRUPT);
    setTimeout(() => this.wire?.close(1000), END_WAIT_MS).unref();
  }

  destroy(): void {
    this.wire?.destroy();
  }
}

function endOf(end: WireEnd): LinkEnd {
  const code = (end.error as NodeJS.ErrnoException | undefined)?.code;
  return { code: code ?? String(end.code), reason: end.reason || end.error?.message || "" };
}

/** What the server says instead of opening: JSON, or a page (docs/coder-api.md, Web terminal). */
function openFailure(kind: "pty" | "app", error: unknown, stripped: boolean): LinkError {
  const label = LABELS[kind];
  if (!(error instanceof WireRefused)) {
    return new LinkError(`${kind}_not_opened`, say("{0}: not opened: {1}", label, causeOf(error)), {
      said: say("{0}: {1}", label, inOneLine(error)),
    });
  }
  const isSaid = saysStripped(error.status, error.body);
  // An app may answer what it likes: of one, it is only believed where it is known already.
  if (stripped ? isSaid || !error.headers.has("x-coder-build-version") : isSaid && kind === "pty")
    return new LinkError("upgrades_stripped", UPGRADES_STRIPPED);
  const said = refusalText(error.body);
  const to = error.headers.get("location");
  const refused =
    to === undefined
      ? say("{0}: refused with status {1}", label, String(error.status))
      : say("{0}: refused with status {1}, sent on to sign in", label, String(error.status));
  return new LinkError(`${kind}_refused`, refused, {
    said: said ? say("{0}: {1}", refused, said) : refused,
    requestId: error.headers.get("x-coder-request-id"),
    again: error.status === 429,
    // Terminals hide themselves from whoever is not signed in; apps send them to the page where one signs in.
    signedOut: error.status === 401 || error.status === 404 || to !== undefined,
  });
}

function causeOf(error: unknown): string | Message {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  return code ?? inOneLine(error);
}

/** Of a JSON answer. Go writes what would be markup as \u003c. */
function jsonMessage(body: string): string | undefined {
  try {
    const { message } = JSON.parse(body);
    return typeof message === "string" ? message : undefined;
  } catch {
    return undefined;
  }
}

function refusalText(body: string): string {
  return oneLine(jsonMessage(body) ?? htmlReason(body) ?? body.slice(0, 200));
}

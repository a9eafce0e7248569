import type { Transport } from "../../../coder/transport.ts";
import { type LinkEnd, OpenError } from "../../../load/probe.ts";
import { type Message, say } from "../../../text/message.ts";
import type { FrameWriter } from "../../../wire/frames.ts";
import type { Payload } from "./payload.ts";
import type { EchoSetup } from "./setup.ts";

export type { LinkEnd } from "../../../load/probe.ts";

/** What links of one place share. */
export interface Kit {
  setup: EchoSetup;
  transport: Transport;
  writer: FrameWriter;
  payload: Payload;
}

export interface LinkEvents {
  /** Bytes that came back; valid during the call only. */
  data(bytes: Buffer, start: number, end: number): void;
  /** Once, after the link was open. */
  ended(end: LinkEnd): void;
}

/** A connection to a workspace over which ticks go and echoes come. */
export interface Link {
  /** Sends the tick; returns its bytes, or 0 where it could not. */
  send(salt: number, sequence: number): number;
  /** Bytes that the system has not taken yet. */
  readonly backlog: number;
  /** Asks the other side for the end; `ended` follows. */
  end(): void;
  destroy(): void;
}

/** A link could not be opened. */
export class LinkError extends OpenError {
  override readonly name = "LinkError";
  /** The server may mean that nobody is signed in with this token. */
  readonly signedOut: boolean;

  constructor(
    causeId: string,
    causeText: Message,
    detail: {
      said?: Message;
      requestId?: string | undefined;
      again?: boolean;
      signedOut?: boolean;
    } = {},
  ) {
    super(causeId, causeText, detail);
    this.signedOut = detail.signedOut ?? false;
  }
}

/** What went wrong, and what the other side said of it, where it said something. */
export function withLastWords(problem: Message, said: string): Message {
  return said ? say("{0}; it said: {1}", problem, said) : problem;
}

/** What is sent, or printed by the command, to see that the echo is there. */
export const READY = "scaletest-ready";
const KEPT = 2_048;

/** Waits for the first sign of an echo; what is said instead is kept for the failure. */
export class FirstSign {
  said = "";
  #found = false;
  #tell: ((what: "found" | "ended") => void) | undefined;
  #ended = false;

  get done(): boolean {
    return this.#found;
  }

  /** Where in `bytes` the echo proper begins; -1 while the sign has not come. */
  take(bytes: Buffer, start: number, end: number, sign: string): number {
    const before = this.said.length;
    this.said += bytes.toString("latin1", start, end);
    const at = this.said.indexOf(sign);
    if (at >= 0) {
      this.#found = true;
      this.said = "";
      this.#tell?.("found");
      return start + at + sign.length - before;
    }
    this.said = this.said.slice(-KEPT);
    return -1;
  }

  /** The link is over, whether the sign has come or not. */
  end(): void {
    this.#ended = true;
    this.#tell?.("ended");
  }

  /** Resolves with what came first. Rejects with the signal's reason. Leaves nothing behind. */
  wait(ms: number, signal: AbortSignal): Promise<"found" | "ended" | "timeout"> {
    return new Promise((resolve, reject) => {
      const settle = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", stop);
        this.#tell = undefined;
      };
      const tell = (what: "found" | "ended" | "timeout") => {
        settle();
        resolve(what);
      };
      const stop = () => {
        settle();
        reject(signal.reason);
      };
      const timer = setTimeout(() => tell("timeout"), ms);
      this.#tell = tell;
      signal.addEventListener("abort", stop, { once: true });
      if (signal.aborted) stop();
      else if (this.#ended) tell("ended");
      else if (this.#found) tell("found");
    });
  }
}

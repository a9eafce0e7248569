import { say } from "../../text/message.ts";
import { SaidError } from "../../text/said-error.ts";
import { encodePacket, errorText, Kind, PacketReader } from "./drpc.ts";
import type { YamuxSession, YamuxStream } from "./yamux.ts";

export interface CallHandlers {
  message(data: Uint8Array): void;
  /** Once. undefined: the server has said all it had to say. */
  ended(error: Error | undefined): void;
}

/** One RPC on a yamux stream of its own. */
export class Call {
  #stream: YamuxStream;
  #messageId = 0;
  #over = false;

  constructor(session: YamuxSession, method: string, handlers: CallHandlers) {
    const reader = new PacketReader();
    const end = (error: Error | undefined) => {
      if (this.#over) return;
      this.#over = true;
      handlers.ended(error);
    };
    this.#stream = session.open({
      data: (bytes) => {
        for (const packet of reader.push(bytes)) {
          if (packet.kind === Kind.message) handlers.message(packet.data);
          else if (packet.kind === Kind.error) end(new Error(errorText(packet.data)));
          else if (packet.kind === Kind.close || packet.kind === Kind.cancel) end(undefined);
        }
      },
      ended: end,
    });
    this.#write(Kind.invoke, Buffer.from(method));
  }

  send(data: Uint8Array): void {
    this.#write(Kind.message, data);
  }

  /** Nothing more will be asked; the answers still come. */
  closeSend(): void {
    this.#write(Kind.closeSend);
  }

  close(): void {
    if (this.#over) return;
    this.#write(Kind.close);
    this.#over = true;
    this.#stream.end();
  }

  #write(kind: number, data?: Uint8Array): void {
    this.#messageId++;
    this.#stream.write(encodePacket(kind, this.#messageId, data));
  }
}

/** A call with one question and one answer. */
export function unary(session: YamuxSession, method: string, question: Uint8Array): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const call = new Call(session, method, {
      message: (data) => {
        resolve(data);
        call.close();
      },
      ended: (error) => reject(error ?? new SaidError(say("{0} ended without an answer", method))),
    });
    call.send(question);
    call.closeSend();
  });
}

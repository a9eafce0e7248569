import { connect, type Socket } from "node:net";
import {
  createMessageConnection,
  type MessageConnection,
  SocketMessageReader,
  SocketMessageWriter,
} from "vscode-jsonrpc/node";
import { say } from "../../text/message.ts";
import { SaidError } from "../../text/said-error.ts";

/** JSON-RPC over a local socket. Shared by both ends. */
export function connectionOver(socket: Socket): MessageConnection {
  const reader = new SocketMessageReader(socket);
  // Its timer for messages that come in parts goes on for ever where the rest never comes, and with it the process.
  reader.partialMessageTimeout = 0;
  return createMessageConnection(reader, new SocketMessageWriter(socket));
}

/** Rejects with one sentence where nobody listens. */
export function openSocket(path: string, runId: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once("connect", () => {
      socket.off("error", failed);
      socket.on("error", () => undefined);
      resolve(socket);
    });
    const failed = (error: Error) => {
      reject(new SaidError(say("run {0} has no runner any more ({1})", runId, error.message)));
    };
    socket.once("error", failed);
  });
}

/** The library leaves a request unanswered for ever where the other side goes away. */
export function orClosed<T>(connection: MessageConnection, answer: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const closed = connection.onClose(() => reject(new SaidError(say("the runner closed the connection"))));
    answer.then(resolve, reject).finally(() => closed.dispose());
  });
}

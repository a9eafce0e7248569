import type { Socket } from "node:net";
import {
  createMessageConnection,
  type MessageConnection,
  ResponseError,
  SocketMessageReader,
  SocketMessageWriter,
} from "vscode-jsonrpc/node";
import * as z from "zod";
import {
  type NotificationMethod,
  notifications,
  type RequestMethod,
  requests,
} from "../../protocol/messages.ts";
import { say } from "../../text/message.ts";
import { SaidError } from "../../text/said-error.ts";
import { messageSchema } from "../../text/schema.ts";

/** JSON-RPC over a local socket, with the protocol's own shapes. Shared by both ends. */
export function connectionOver(socket: Socket): MessageConnection {
  const reader = new SocketMessageReader(socket);
  // Its timer for messages that come in parts goes on for ever where the rest never comes, and with it the process.
  reader.partialMessageTimeout = 0;
  return createMessageConnection(reader, new SocketMessageWriter(socket));
}

type Params<M extends RequestMethod> = z.input<(typeof requests)[M]["params"]>;
type Result<M extends RequestMethod> = z.output<(typeof requests)[M]["result"]>;

/** Asks, and checks the answer. Rejects with the runner's own sentence where it refuses. */
export async function ask<M extends RequestMethod>(
  connection: MessageConnection,
  method: M,
  params: Params<M>,
): Promise<Result<M>> {
  const answer = await orClosed(connection, connection.sendRequest(method, params)).catch(refused);
  return requests[method].result.parse(answer) as Result<M>;
}

/** What an error of a runner has with it: its sentence, in no language. Runners of older versions have none. */
const refusedSchema = z.object({ said: messageSchema });
export type Refused = z.infer<typeof refusedSchema>;

function refused(error: unknown): never {
  const data = error instanceof ResponseError ? refusedSchema.safeParse(error.data).data : undefined;
  throw data ? new SaidError(data.said, { cause: error }) : error;
}

/** The library leaves a request unanswered for ever where the other side goes away. */
function orClosed<T>(connection: MessageConnection, answer: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const closed = connection.onClose(() => reject(new SaidError(say("the runner closed the connection"))));
    answer.then(resolve, reject).finally(() => closed.dispose());
  });
}

/** Listens for one notification; what does not have its shape is dropped. */
export function onNotice<M extends NotificationMethod>(
  connection: MessageConnection,
  method: M,
  listener: (value: z.output<(typeof notifications)[M]>) => void,
): void {
  connection.onNotification(method, (value: unknown) => {
    const parsed = notifications[method].safeParse(value);
    if (parsed.success) listener(parsed.data as z.output<(typeof notifications)[M]>);
  });
}

import { type MessageConnection, ResponseError } from "vscode-jsonrpc/node";
import * as z from "zod";
import {
  type NotificationMethod,
  notifications,
  type RequestMethod,
  requests,
} from "../../protocol/messages.ts";
import { SaidError } from "../../text/said-error.ts";
import { messageSchema } from "../../text/schema.ts";
import { orClosed } from "./socket.ts";

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

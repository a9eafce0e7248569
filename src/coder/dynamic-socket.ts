import type { WebSocket } from "ws";
import { type Message, say } from "../text/message.ts";
import type { CoderClient } from "./client.ts";
import { type Evaluation, evaluationSchema } from "./dynamic-parameters.ts";
import { CoderError } from "./errors.ts";
import { openSocket } from "./sockets.ts";

const ROUTE = "GET /api/v2/templateversions/{version}/dynamic-parameters";
const PATIENCE_MS = 30_000;
/** The server speaks first, with id -1 (docs/coder-api.md, Templates and parameters). */
const QUESTION = 1;

/**
 * A template's parameters with these inputs, by the socket that Coder's own form uses: for deployments that do not
 * answer a single request. Throws CoderError, or the signal's reason.
 */
export async function askBySocket(
  client: CoderClient,
  version: string,
  { inputs, ownerId }: { inputs: Readonly<Record<string, string>>; ownerId: string },
  signal: AbortSignal | undefined,
): Promise<Evaluation> {
  const socket = await openSocket(client.transport, {
    path: `/api/v2/templateversions/${version}/dynamic-parameters`,
    query: { user_id: ownerId },
    route: ROUTE,
    token: client.token,
    subject: client.subject,
    timeoutMs: PATIENCE_MS,
    ...(signal ? { signal } : {}),
  });
  const limit = AbortSignal.timeout(PATIENCE_MS);
  const either = signal ? AbortSignal.any([signal, limit]) : limit;
  try {
    return await answerOf(socket, { id: QUESTION, inputs, owner_id: ownerId }, either);
  } catch (error) {
    if (limit.aborted && !signal?.aborted)
      throw unexpected(say("the deployment did not say which parameters there are"));
    throw error;
  } finally {
    socket.terminate();
  }
}

function answerOf(socket: WebSocket, question: object, signal: AbortSignal): Promise<Evaluation> {
  return new Promise((resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    if (signal.aborted) reject(signal.reason);
    socket.on("error", () => undefined);
    socket.on("close", () => reject(unexpected(say("the connection ended without an answer"))));
    socket.on("message", (data) => {
      try {
        const answer = evaluationSchema.parse(JSON.parse(String(data)));
        if (answer.id === QUESTION) resolve(answer);
      } catch {
        reject(unexpected(say("the answer is not what this API documents")));
      }
    });
    socket.resume();
    socket.send(JSON.stringify(question));
  });
}

function unexpected(message: Message): CoderError {
  return new CoderError({ kind: "unexpected", route: ROUTE, status: 101, message });
}

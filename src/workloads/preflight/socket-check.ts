import type { CoderClient } from "../../coder/client.ts";
import { CoderError } from "../../coder/errors.ts";
import { openSocket } from "../../coder/sockets.ts";
import { waysOf } from "../../coder/watch-ways.ts";
import type { Check } from "../../protocol/check.ts";
import { type Message, say } from "../../text/message.ts";

/**
 * Longer than any log: a follow that begins behind its end says nothing and is closed at once (docs/coder-api.md,
 * Builds).
 */
const BEHIND_THE_END = String(2 ** 53 - 1);
const PATIENCE_MS = 10_000;

/**
 * Whether WebSockets get through to the deployment: opens one, the log of a job that is over, which every version
 * has and which costs nothing. `log` is its path. Where plain requests get through and this does not, the transport
 * remembers it, and terminals and SSH fail with that as their cause.
 */
export async function checkSockets(client: CoderClient, log: string, signal: AbortSignal): Promise<Check> {
  const check = { id: "websockets", label: say("WebSockets") };
  const problem = await problemOf(client, log, signal);
  if (problem === undefined) return { ...check, status: "ok", figure: say("get through") };
  if (!(await answersPlainly(client, log, signal))) {
    return {
      ...check,
      status: "ok",
      figure: say("not tried: the deployment does not show the log of a job"),
    };
  }
  client.transport.upgradesStripped = true;
  waysOf(client.transport).fails("socket", true);
  return {
    ...check,
    status: "warning",
    figure: say("WebSocket upgrades are stripped on the way ({0})", problem),
    mend: say(
      "let the proxy pass Upgrade and Connection on: web terminals and SSH cannot work, all else goes by plain requests",
    ),
  };
}

/** What came instead of the log's end; undefined where it came. */
async function problemOf(
  client: CoderClient,
  log: string,
  signal: AbortSignal,
): Promise<Message | undefined> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]);
  try {
    const socket = await openSocket(client.transport, {
      path: log,
      query: { follow: "true", after: BEHIND_THE_END },
      route: "GET (a job's log)",
      token: client.token,
      subject: client.subject,
      signal: limit,
      timeoutMs: PATIENCE_MS,
    });
    const isHeard = await new Promise<boolean>((resolve) => {
      const done = (heard: boolean) => {
        resolve(heard);
        socket.terminate();
      };
      limit.addEventListener("abort", () => done(false), { once: true });
      socket.on("error", () => undefined);
      socket.once("message", () => done(true));
      // A close frame is the deployment's own word; a connection that just ends is anybody's.
      socket.once("close", (code) => done(code !== 1006));
      socket.resume();
    });
    signal.throwIfAborted();
    return isHeard ? undefined : say("opened, and nothing comes");
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof CoderError)) return say("no answer in time");
    const { failure } = error;
    if (failure.kind === "unauthorized" || failure.kind === "rate_limited") return undefined;
    return "status" in failure ? say("status {0}", String(failure.status)) : failure.message;
  }
}

async function answersPlainly(client: CoderClient, log: string, signal: AbortSignal): Promise<boolean> {
  const { token, subject, transport } = client;
  const route = "GET (a job's log)";
  try {
    const query = { after: BEHIND_THE_END };
    await transport.request({ method: "GET", path: log, query, route, token, subject, signal, retries: 1 });
    return true;
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof CoderError) return false;
    throw error;
  }
}

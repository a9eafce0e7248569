import type { WebSocket } from "ws";

const PING_EVERY_MS = 15_000;

/**
 * Pings with a counter every 15 s, and closes with 1001 when one is not answered by the next.
 * @returns a function that stops it
 */
export function keepAlive(socket: WebSocket): () => void {
  let sent = 0;
  let answered = true;
  const onPong = () => {
    answered = true;
  };
  socket.on("pong", onPong);
  const timer = setInterval(() => {
    if (socket.readyState !== socket.OPEN) return;
    if (!answered) {
      socket.close(1001, "Ping failed");
      return;
    }
    answered = false;
    socket.ping(String(++sent));
  }, PING_EVERY_MS);
  timer.unref();
  const stop = () => clearInterval(timer);
  socket.once("close", stop);
  return stop;
}

/** One-way sockets: a message from the client ends them. */
export function refuseMessages(socket: WebSocket, code: number, reason: string): void {
  socket.on("message", () => socket.close(code, reason));
}

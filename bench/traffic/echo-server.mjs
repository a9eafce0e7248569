// The other side of the bench: a WebSocket echo that costs as little as it can, in a process of its own.
// `GET /delay?ms=5` makes echoes late from then on, `GET /freeze?ms=2000` stops everything for a while.
// `GET /delays` tells how late they really were since it was asked last: [50th, 99th percentile] in ms.
// Prints its ports and the certificate of the second one, which speaks TLS.
import { createHash } from "node:crypto";
import { createServer } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { generate } from "selfsigned";

let delayMs = 0;
let frozenUntil = 0;
/** Echoes that wait, the oldest first: { at, socket, bytes, came }. */
const waiting = [];
let delays = [];
setInterval(() => {
  const now = performance.now();
  let done = 0;
  while (done < waiting.length && waiting[done].at <= now) {
    const { socket, bytes, came } = waiting[done++];
    socket.write(bytes);
    delays.push(performance.now() - came);
  }
  waiting.splice(0, done);
}, 1);

function control(request, response) {
  const { pathname, searchParams } = new URL(request.url, "http://bench");
  const ms = Number(searchParams.get("ms"));
  if (pathname === "/delay") delayMs = ms;
  if (pathname === "/delays") return response.end(JSON.stringify(takeDelays()));
  if (pathname === "/freeze") frozenUntil = performance.now() + ms;
  response.end("ok");
}

function takeDelays() {
  const sorted = delays.sort((a, b) => a - b);
  delays = [];
  return [0.5, 0.99].map((share) => sorted[Math.ceil(sorted.length * share) - 1] ?? 0);
}

function upgrade(request, socket) {
  const accept = createHash("sha1")
    .update(`${request.headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
    .digest("base64");
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
  );
  socket.setNoDelay(true);
  let rest = Buffer.alloc(0);
  socket.on("error", () => socket.destroy());
  socket.on("data", (chunk) => {
    let bytes = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk;
    for (;;) {
      const used = echoFrame(socket, bytes);
      if (used === 0) break;
      bytes = bytes.subarray(used);
    }
    rest = Buffer.from(bytes);
  });
}

/** Answers the frame that `bytes` begin with; returns its length, 0 where it is not complete. */
function echoFrame(socket, bytes) {
  if (bytes.length < 6) return 0;
  let length = bytes[1] & 0x7f;
  let head = 2;
  if (length === 126) {
    length = bytes.readUInt16BE(2);
    head = 4;
  } else if (length === 127) {
    if (bytes.length < 14) return 0;
    length = Number(bytes.readBigUInt64BE(2));
    head = 10;
  }
  const total = head + 4 + length;
  if (bytes.length < total) return 0;
  const opcode = bytes[0] & 0x0f;
  if (opcode === 8) socket.end();
  if (opcode > 2) return total;
  const answer = Buffer.allocUnsafe(head + length);
  bytes.copy(answer, 0, 0, head);
  answer[1] &= 0x7f;
  const mask = bytes.subarray(head, head + 4);
  for (let at = 0; at < length; at++) answer[head + at] = bytes[head + 4 + at] ^ mask[at & 3];
  send(socket, answer);
  return total;
}

function send(socket, bytes) {
  const now = performance.now();
  const at = Math.max(frozenUntil, delayMs > 0 ? now + delayMs : 0);
  if (at <= now && waiting.length === 0) socket.write(bytes);
  else waiting.push({ at, socket, bytes, came: now });
}

const { private: key, cert } = await generate([{ name: "commonName", value: "bench" }], {
  keySize: 2048,
  extensions: [{ name: "subjectAltName", altNames: [{ type: 7, ip: "127.0.0.1" }] }],
});
const servers = [createServer(control), createSecureServer({ key, cert }, control)];
const ports = await Promise.all(
  servers.map(
    (server) =>
      new Promise((resolve) => {
        server.on("upgrade", upgrade);
        server.listen(0, "127.0.0.1", 16_384, () => resolve(server.address().port));
      }),
  ),
);
console.log(JSON.stringify({ port: ports[0], securePort: ports[1], cert }));
process.stdin.resume().on("end", () => process.exit(0));

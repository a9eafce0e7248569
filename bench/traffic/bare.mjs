// The floor: sockets without any library, that mask a fresh payload and read its echo. No schedule of their
// own, no matching, no check of what comes back.
import { randomFillSync } from "node:crypto";
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { connect as connectSecure, createSecureContext } from "node:tls";
import { flags, Meter, resident, schedule, sleep } from "./measure.mjs";

const { url, ca, connections, bytes, hz, seconds, warm } = flags();
const port = Number(new URL(url).port);
const meter = new Meter();
const secureContext = ca ? createSecureContext({ ca: readFileSync(ca, "utf8") }) : undefined;
const head = bytes < 126 ? 2 : bytes < 65_536 ? 4 : 10;
const source = randomFillSync(Buffer.alloc(bytes + 4096));
// What the first one brings with it is the program's, not a connection's.
await open();
const before = await resident();
const sockets = await Promise.all(Array.from({ length: connections }, open));
const rss = (await resident()) - before;

function open() {
  return new Promise((resolve, reject) => {
    const socket = secureContext
      ? connectSecure({ port, host: "127.0.0.1", secureContext, ALPNProtocols: ["http/1.1"] })
      : connect(port, "127.0.0.1");
    const one = { socket, due: [], got: 0, open: false };
    socket.setNoDelay(true);
    socket.on("error", reject);
    socket.on(secureContext ? "secureConnect" : "connect", () =>
      socket.write(
        `GET /echo HTTP/1.1\r\nHost: bench\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n`,
      ),
    );
    socket.on("data", (chunk) => {
      if (!one.open) {
        one.open = true;
        return resolve(one);
      }
      one.got += chunk.length;
      for (; one.got >= head + bytes; one.got -= head + bytes) {
        meter.echoed++;
        meter.trips.push(performance.now() - one.due.shift());
      }
    });
  });
}

const mask = Buffer.alloc(4);
function send(index, due) {
  const one = sockets[index];
  const frame = Buffer.allocUnsafe(head + 4 + bytes);
  frame[0] = 0x82;
  frame[1] = 0x80 | (head === 2 ? bytes : head === 4 ? 126 : 127);
  if (head === 4) frame.writeUInt16BE(bytes, 2);
  if (head === 10) frame.writeBigUInt64BE(BigInt(bytes), 2);
  mask.writeUInt32LE((Math.random() * 2 ** 32) >>> 0);
  mask.copy(frame, head);
  const from = (meter.sent * 7) & 4095;
  for (let at = 0; at < bytes; at++) frame[head + 4 + at] = source[from + at] ^ mask[at & 3];
  one.socket.write(frame);
  one.due.push(due);
  meter.sent++;
}

const timer = schedule(connections, hz, send);
await sleep(warm * 1000);
meter.reset();
await sleep(seconds * 1000);
const result = meter.take();
clearInterval(timer);
console.log(JSON.stringify({ ...result, rssPerConnection: rss / connections }));
process.exit(0);

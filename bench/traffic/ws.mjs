// The ws package, with the same work as the floor.
import { randomFillSync } from "node:crypto";
import { WebSocket } from "ws";
import { flags, Meter, resident, schedule, sleep } from "./measure.mjs";

const { url, connections, bytes, hz, seconds, warm } = flags();
const meter = new Meter();
const source = randomFillSync(Buffer.alloc(bytes + 4096));
// What the first one brings with it is the program's, not a connection's.
await open();
const before = await resident();
const sockets = await Promise.all(Array.from({ length: connections }, open));
const rss = (await resident()) - before;

function open() {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, { perMessageDeflate: false });
    const one = { socket, due: [] };
    socket.on("error", reject);
    socket.on("open", () => resolve(one));
    socket.on("message", () => {
      meter.echoed++;
      meter.trips.push(performance.now() - one.due.shift());
    });
  });
}

const timer = schedule(connections, hz, (index, due) => {
  const one = sockets[index];
  const from = (meter.sent * 7) & 4095;
  one.socket.send(Buffer.from(source.subarray(from, from + bytes)));
  one.due.push(due);
  meter.sent++;
});
await sleep(warm * 1000);
meter.reset();
await sleep(seconds * 1000);
const result = meter.take();
clearInterval(timer);
console.log(JSON.stringify({ ...result, rssPerConnection: rss / connections }));
process.exit(0);

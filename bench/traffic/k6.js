// k6 with the same work: WebSocket connections that send at a rate and time each echo by its number.
import { check } from "k6";
import exec from "k6/execution";
import { Counter, Trend } from "k6/metrics";
import { WebSocket } from "k6/websockets";

const connections = Number(__ENV.CONNECTIONS);
const interval = 1000 / Number(__ENV.HZ);
const seconds = Number(__ENV.SECONDS);
const bytes = Number(__ENV.BYTES);
const trip = new Trend("echo_ms", true);
const sent = new Counter("ticks_sent");
const echoed = new Counter("ticks_echoed");

export const options = {
  scenarios: {
    held: { executor: "per-vu-iterations", vus: connections, iterations: 1, maxDuration: `${seconds + 60}s` },
  },
  summaryTrendStats: ["med", "p(99)", "max"],
};

export default function hold() {
  const payload = new Uint8Array(bytes);
  for (let at = 0; at < bytes; at++) payload[at] = Math.floor(Math.random() * 256);
  const view = new DataView(payload.buffer);
  const socket = new WebSocket(__ENV.URL);
  socket.binaryType = "arraybuffer";
  let number = 0;
  const due = new Map();
  socket.onopen = () => {
    const timer = setInterval(() => {
      view.setUint32(0, number);
      due.set(number++, Date.now());
      // Sent later, while the next tick is being made: each has a copy of its own.
      socket.send(payload.slice().buffer);
      sent.add(1);
    }, interval);
    setTimeout(() => {
      clearInterval(timer);
      setTimeout(() => socket.close(), 500);
    }, seconds * 1000);
  };
  socket.onmessage = (event) => {
    const back = new DataView(event.data).getUint32(0);
    trip.add(Date.now() - due.get(back));
    due.delete(back);
    echoed.add(1);
    if (!check(event.data, { whole: (data) => data.byteLength === bytes })) exec.test.abort("short echo");
  };
}

export function handleSummary({ metrics }) {
  const values = (name) => metrics[name]?.values ?? {};
  return {
    stdout: JSON.stringify({
      ticks: values("ticks_sent").count,
      echoed: values("ticks_echoed").count,
      p50: values("echo_ms").med,
      p99: values("echo_ms")["p(99)"],
      max: values("echo_ms").max,
    }),
  };
}

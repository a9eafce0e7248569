// What the same load costs without a sandbox: a process that gives every line back, as a terminal would.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createInterface } from "node:readline";
import { WebSocketServer } from "ws";

const server = createServer();
new WebSocketServer({ server, perMessageDeflate: false }).on("connection", (socket) => {
  socket.on("error", () => socket.terminate());
  socket.on("message", (message) => {
    const { data } = JSON.parse(String(message)) as { data: string };
    socket.send(Buffer.from(data.replace("\n", "\r\n")), { binary: true });
  });
});
const say = (value: unknown) => process.stdout.write(`${JSON.stringify(value)}\n`);
server.listen(0, "127.0.0.1", () => {
  const { port } = server.address() as AddressInfo;
  say({ url: `http://127.0.0.1:${port}`, token: "", agents: ["none"] });
});

const lines = createInterface({ input: process.stdin });
lines.on("line", () => {
  const { user, system } = process.cpuUsage();
  const { rss, heapUsed } = process.memoryUsage();
  say({ cpuMs: (user + system) / 1000, rss, heapUsed });
});
lines.on("close", () => process.exit(0));

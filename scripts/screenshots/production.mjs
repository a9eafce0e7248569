import http from "node:http";

/** What does not go further: by it, a sandbox is known as one. */
const MARK = "x-coder-scaletest-sandbox";

/** The sandbox as a deployment that nobody has marked: a front that takes its mark away. */
export async function startProduction(sandbox) {
  const front = http.createServer((request, response) => {
    const { method, headers, url } = request;
    const on = http.request(new URL(url, sandbox.url), { method, headers }, (answer) => {
      delete answer.headers[MARK];
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
    });
    on.on("error", () => response.destroy());
    request.pipe(on);
  });
  front.on("upgrade", (request, socket, head) => {
    const { method, headers, url } = request;
    const on = http.request(new URL(url, sandbox.url), { method, headers });
    on.on("upgrade", (answer, other) => {
      const lines = Object.entries(answer.headers).flatMap(([name, value]) =>
        name === MARK ? [] : `${name}: ${value}`,
      );
      socket.write(["HTTP/1.1 101 Switching Protocols", ...lines, "", ""].join("\r\n"));
      other.write(head);
      socket.pipe(other).pipe(socket);
      for (const one of [socket, other]) one.on("error", () => [socket, other].map((end) => end.destroy()));
    });
    on.on("response", () => socket.destroy());
    on.on("error", () => socket.destroy());
    on.end();
  });
  await new Promise((resolve) => front.listen(0, "127.0.0.1", resolve));
  return { url: `http://localhost:${front.address().port}`, token: sandbox.token, stop: () => front.close() };
}

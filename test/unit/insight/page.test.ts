import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { PageReader } from "../../../src/coder/page.ts";
import { CoderdSource } from "../../../src/insight/coderd-source.ts";
import { english } from "../../../src/text/message.ts";

const servers: Server[] = [];

async function serve(listener: RequestListener): Promise<{ url: string; asked: IncomingMessage[] }> {
  const asked: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    asked.push(request);
    listener(request, response);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`, asked };
}

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

const page = (url: string, more: Partial<ConstructorParameters<typeof PageReader>[0]> = {}) =>
  new PageReader({ url, network: {}, accept: "text/plain", ...more });

/** The page, or the one line that is said instead. */
async function read(reader: PageReader, timeoutMs = 2_000): Promise<string> {
  let text = "";
  try {
    await reader.read((more) => {
      text += more;
    }, timeoutMs);
    return text;
  } catch (error) {
    return `error: ${(error as Error).message}`;
  } finally {
    await reader.close();
  }
}

const look = async (url: string, token?: string) => {
  const source = new CoderdSource({ kind: "prometheus", url, network: {}, token });
  try {
    return await source.look(new AbortController().signal);
  } finally {
    await source.close();
  }
};

describe("a page of metrics", () => {
  it("is read with its token and the headers of the network", async () => {
    const { url, asked } = await serve((_, response) => response.end("up 1\n"));
    const reader = page(url, { token: "secret", network: { headers: { "x-gate": "open" } } });
    expect(await read(reader)).toBe("up 1\n");
    expect(asked[0]?.method).toBe("GET");
    expect(asked[0]?.headers).toMatchObject({ authorization: "Bearer secret", "x-gate": "open" });
  });

  it("follows a redirect to the same origin", async () => {
    const { url, asked } = await serve((request, response) =>
      request.url === "/metrics"
        ? response.writeHead(308, { location: "/elsewhere" }).end()
        : response.end("up 1\n"),
    );
    expect(await read(page(url, { token: "secret" }))).toBe("up 1\n");
    expect(asked.map((one) => one.url)).toEqual(["/metrics", "/elsewhere"]);
  });

  it("follows no redirect to another origin, which gets neither token nor headers", async () => {
    const other = await serve((_, response) => response.end("up 1\n"));
    const { url } = await serve((_, response) => response.writeHead(302, { location: other.url }).end());
    const said = await read(page(url, { token: "secret", network: { headers: { "x-gate": "open" } } }));
    expect(said).toBe(
      `error: it redirects to ${new URL(other.url).origin}, which is not followed: name that address`,
    );
    expect(other.asked).toEqual([]);
  });

  it("gives up a circle of redirects", async () => {
    const { url, asked } = await serve((_, response) =>
      response.writeHead(302, { location: "/metrics" }).end(),
    );
    expect(await read(page(url))).toBe("error: it answers with status 302");
    expect(asked.length).toBeLessThan(6);
  });

  it("says in one line that the token is refused, or missing", async () => {
    const { url } = await serve((_, response) => response.writeHead(401).end("Unauthorized\n"));
    await expect(look(url, "old")).rejects.toThrow(
      "it refuses the bearer token (status 401): it may have expired",
    );
    await expect(look(url)).rejects.toThrow("it wants a bearer token (status 401)");
  });

  it("says in one line that nothing answers there, or not in time", async () => {
    const { url } = await serve(() => undefined);
    expect(await read(page(url), 100)).toMatch(/^error: .*no answer in time$/);
    servers[0]?.closeAllConnections();
    await new Promise((resolve) => servers[0]?.close(resolve));
    expect(await read(page(url))).toMatch(/^error: .*nothing answers at this address/);
  });

  it("says in one line that the page is none of metrics", async () => {
    const { url } = await serve((_, response) => response.end("<html><body>Sign in</body></html>"));
    await expect(look(url)).rejects.toThrow("the page is no Prometheus exposition");
  });

  it("reads no more of a page without an end than it may", async () => {
    let sent = 0;
    const { url } = await serve((_, response) => {
      const more = () => {
        while (!response.destroyed && response.write("a 1\n".repeat(10_000))) sent += 40_000;
      };
      response.on("drain", more);
      more();
    });
    expect(await read(page(url, { mostBytes: 1_000_000 }))).toBe("error: the page is larger than 1 MB");
    expect(sent).toBeLessThan(20_000_000);
  });

  it("puts letters together that a chunk has cut apart", async () => {
    const bytes = Buffer.from('up{name="ü"} 1\n');
    const { url } = await serve(async (_, response) => {
      for (const byte of bytes) {
        response.write(Buffer.from([byte]));
        await new Promise(setImmediate);
      }
      response.end();
    });
    expect(await read(page(url))).toBe('up{name="ü"} 1\n');
  });

  it("says which figures it has not told, and how the server adds them", async () => {
    const { url } = await serve((_, response) => response.end("process_cpu_seconds_total 1\n"));
    const source = new CoderdSource({ kind: "prometheus", url, network: {} });
    await source.look(new AbortController().signal);
    const missing = source.missing().map(english);
    await source.close();
    expect(missing.join("\n")).not.toContain("CPU of coderd");
    expect(missing.at(-1)).toMatch(
      /reported nothing about database queries: CODER_PROMETHEUS_COLLECT_DB_METRICS=true/,
    );
  });
});

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

interface Attribute {
  key: string;
  value: Record<string, unknown>;
}

interface Span {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes: Attribute[];
  status: { code: number; message?: string };
}

interface Point {
  attributes: Attribute[];
  asDouble?: number;
  count?: number;
}

interface Metric {
  name: string;
  sum?: { dataPoints: Point[]; isMonotonic: boolean };
  gauge?: { dataPoints: Point[] };
  histogram?: { dataPoints: Point[] };
}

interface Body {
  resourceSpans?: { resource: { attributes: Attribute[] }; scopeSpans: { spans: Span[] }[] }[];
  resourceMetrics?: { resource: { attributes: Attribute[] }; scopeMetrics: { metrics: Metric[] }[] }[];
}

/** Takes OTLP over HTTP as JSON, as a collector does, and keeps it. */
export class OtlpReceiver {
  readonly asked: { path: string; headers: Record<string, unknown>; text: string }[] = [];
  status = 200;
  url = "";
  close: () => Promise<void> = async () => undefined;

  async start(): Promise<this> {
    const server = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on("data", (part: Buffer) => parts.push(part));
      request.on("end", () => {
        const text = Buffer.concat(parts).toString("utf8");
        this.asked.push({ path: request.url ?? "", headers: request.headers, text });
        response.writeHead(this.status, { "content-type": "application/json" }).end("{}");
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    this.close = async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    };
    return this;
  }

  get spans(): Span[] {
    return this.#bodies("/v1/traces").flatMap(({ resourceSpans = [] }) =>
      resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans)),
    );
  }

  /** Of the newest request. */
  get metrics(): Metric[] {
    const { resourceMetrics = [] } = this.#bodies("/v1/metrics").at(-1) ?? {};
    return resourceMetrics.flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics }) => metrics));
  }

  #bodies(path: string): Body[] {
    return this.asked.filter((one) => one.path === path).map(({ text }) => JSON.parse(text) as Body);
  }
}

/** A value of an attribute. */
export function attributeOf({ attributes }: { attributes: Attribute[] }, key: string): unknown {
  const found = attributes.find((one) => one.key === key)?.value;
  return found && Object.values(found)[0];
}

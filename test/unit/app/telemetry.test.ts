import { describe, expect, it } from "vitest";
import { telemetryOf } from "../../../src/app/telemetry.ts";

const NOTHING = { traces: false, metrics: false, propagate: false };
const ask = (env: Record<string, string>, asked: Partial<typeof NOTHING> = { traces: true, metrics: true }) =>
  telemetryOf({ ...NOTHING, ...asked, env });

describe("where traces and figures go", () => {
  it("is nowhere where nobody asks, and the collector of this machine where nothing else is said", async () => {
    expect(await ask({}, {})).toBeUndefined();
    expect(await ask({})).toMatchObject({
      traces: { url: "http://localhost:4318/v1/traces" },
      metrics: { url: "http://localhost:4318/v1/metrics" },
      propagate: false,
    });
  });

  it("is by the variables of OpenTelemetry: a common address, one for a kind as it stands, headers", async () => {
    const found = await ask({
      OTEL_EXPORTER_OTLP_ENDPOINT: "https://otel.example.com/base/",
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "https://traces.example.com/in",
      OTEL_EXPORTER_OTLP_HEADERS: "Api-Key=a%20key, tenant=one",
    });
    expect(found?.traces).toMatchObject({ url: "https://traces.example.com/in" });
    expect(found?.metrics).toMatchObject({
      url: "https://otel.example.com/base/v1/metrics",
      headers: { "api-key": "a key", tenant: "one" },
    });
  });

  it("is Honeycomb by Coder's own variable, and is asked for by it", async () => {
    expect(await ask({ CODER_SCALETEST_TRACE_HONEYCOMB_API_KEY: "hny" }, {})).toEqual({
      traces: expect.objectContaining({
        url: "https://api.honeycomb.io/v1/traces",
        headers: { "x-honeycomb-team": "hny" },
      }),
      propagate: false,
    });
  });

  it.each([
    [{ OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" }, /OTLP over HTTP.*4318/],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: "collector:4318" }, /no address such as http/],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: "http://me:pw@collector:4318" }, /has a password in it/],
    [{ OTEL_EXPORTER_OTLP_HEADERS: "just words" }, /no list such as api-key=/],
  ] as [Record<string, string>, RegExp][])("says in one line what is wrong with %j", async (env, said) => {
    await expect(ask(env)).rejects.toThrow(said);
  });
});

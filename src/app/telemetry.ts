import type { OtlpSink, Telemetry } from "../protocol/telemetry.ts";
import { type Message, say } from "../text/message.ts";
import { SaidError } from "../text/said-error.ts";
import { type Environment, type NetworkSettings, networkTo } from "./target/network.ts";

/** What is asked for cannot be sent; one line. */
export class TelemetryError extends SaidError {
  override readonly name = "TelemetryError";
}

export interface TelemetryAsked {
  /** A trace of each job. */
  traces: boolean;
  /** Every figure. */
  metrics: boolean;
  /** Requests carry the trace of their job. */
  propagate: boolean;
  env: Environment;
  settings?: NetworkSettings;
}

/** Of the OpenTelemetry specification, where nothing else is said. */
const DEFAULT = "http://localhost:4318";
export const HONEYCOMB_VARIABLE = "CODER_SCALETEST_TRACE_HONEYCOMB_API_KEY";
const HONEYCOMB = "https://api.honeycomb.io";

/**
 * Where traces and figures go, by the environment variables of OpenTelemetry
 * (https://opentelemetry.io/docs/specs/otel/protocol/exporter/), and by Coder's own for Honeycomb; undefined where
 * nobody asks for any. Rejects with TelemetryError or NetworkError, one line.
 */
export async function telemetryOf(asked: TelemetryAsked): Promise<Telemetry | undefined> {
  const { env, settings, propagate } = asked;
  const key = env[HONEYCOMB_VARIABLE]?.trim();
  const wantsTraces = asked.traces || Boolean(key) || propagate;
  if (!wantsTraces && !asked.metrics) return undefined;
  const network = async (url: string) => {
    // What the deployment's proxy wants is not for a collector.
    const { CODER_HEADER: _fixed, CODER_HEADER_COMMAND: _command, ...rest } = env;
    const open = settings?.coder && { ...settings, coder: { ...settings.coder, headerCommand: "" } };
    return networkTo(url, { env: rest, ...(settings ? { settings: open ?? settings } : {}) });
  };
  const sink = async (kind: "traces" | "metrics"): Promise<OtlpSink> => {
    const to = key && kind === "traces" ? honeycomb(key) : sinkOf(kind, env);
    return { ...to, network: await network(to.url) };
  };
  return {
    ...(wantsTraces ? { traces: await sink("traces") } : {}),
    ...(asked.metrics ? { metrics: await sink("metrics") } : {}),
    propagate,
  };
}

function honeycomb(key: string): Omit<OtlpSink, "network"> {
  return { url: `${HONEYCOMB}/v1/traces`, headers: { "x-honeycomb-team": key } };
}

function sinkOf(kind: "traces" | "metrics", env: Environment): Omit<OtlpSink, "network"> {
  const name = (what: string) => `OTEL_EXPORTER_OTLP_${what}`;
  const own = (what: string) => env[name(`${kind.toUpperCase()}_${what}`)] ?? env[name(what)];
  const protocol = own("PROTOCOL")?.trim();
  if (protocol === "grpc")
    throw wrong(
      say(
        "{0} is grpc; this tool sends OTLP over HTTP: name the collector's HTTP port, 4318 by default",
        name("PROTOCOL"),
      ),
    );
  // An endpoint for one kind is its address as it stands; the common one has the kind's path behind it.
  const special = env[name(`${kind.toUpperCase()}_ENDPOINT`)]?.trim();
  const base = env[name("ENDPOINT")]?.trim() || DEFAULT;
  const url = special || `${base.replace(/\/+$/, "")}/v1/${kind}`;
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    throw wrong(
      say(
        "{0} is no address such as {1}",
        special ? name(`${kind.toUpperCase()}_ENDPOINT`) : name("ENDPOINT"),
        DEFAULT,
      ),
    );
  const { username, password } = new URL(url);
  if (username || password)
    throw wrong(
      say(
        "the address in {0} has a password in it, which others could read: set {1}",
        name("ENDPOINT"),
        name("HEADERS"),
      ),
    );
  return { url, headers: headersOf(own("HEADERS") ?? "", name("HEADERS")) };
}

/** `api-key=key,other=config%20value`: https://opentelemetry.io/docs/specs/otel/protocol/exporter/ */
function headersOf(text: string, named: string): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const pair of text.split(",").filter((one) => one.trim() !== "")) {
    const at = pair.indexOf("=");
    const name = pair.slice(0, Math.max(0, at)).trim();
    if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name))
      throw wrong(say("{0} is no list such as {1}", named, "api-key=secret,tenant=one"));
    headers[name.toLowerCase()] = decoded(pair.slice(at + 1).trim());
  }
  return headers;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function wrong(what: Message): TelemetryError {
  return new TelemetryError(say("traces and figures by OTLP: {0}", what));
}
